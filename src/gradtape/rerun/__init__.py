"""Doing a step of a run again, with every operation recorded."""
