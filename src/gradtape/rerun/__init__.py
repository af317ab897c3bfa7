"""A step of a run computed again, with every operation recorded."""
