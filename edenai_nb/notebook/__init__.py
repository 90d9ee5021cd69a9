"""The IPython room: magics, variables and the session."""
