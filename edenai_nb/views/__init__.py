"""The screen room: turns as widgets, saved outputs and terminal lines."""
