"""The article's system on one page, and its recorded form."""
