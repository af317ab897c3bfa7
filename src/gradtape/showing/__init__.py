"""Showing: values as people look at them, in figures and in notebooks."""
