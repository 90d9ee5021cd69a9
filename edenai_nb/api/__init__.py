"""The network room: knows nothing of Jupyter."""
