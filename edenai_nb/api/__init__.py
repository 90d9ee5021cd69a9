"""HTTP requests to Eden AI and their answers; nothing here depends on Jupyter."""
