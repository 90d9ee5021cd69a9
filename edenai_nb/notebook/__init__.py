"""The Jupyter room: magics, variables and views."""
