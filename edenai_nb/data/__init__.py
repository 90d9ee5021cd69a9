"""Python values into what a model reads, and answers into Python values; pure, and usable without a notebook."""
