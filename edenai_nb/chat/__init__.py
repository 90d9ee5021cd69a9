"""Conversations: requests, turns and branches, their cost, and what is kept of them."""
