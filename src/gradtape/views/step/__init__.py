"""A step as text, JSON, HTML and in a notebook."""
