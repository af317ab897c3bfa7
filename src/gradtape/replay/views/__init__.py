"""Views of an opened step: the table, the page, the notebook."""
