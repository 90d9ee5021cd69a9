"""Renders growing markdown to safe HTML; pure, without any I/O."""
