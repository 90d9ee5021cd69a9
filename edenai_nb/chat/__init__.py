"""The conversation room: what is asked, what it costs, what is kept."""
