"""Files of a run: written whole, locked, checked when read."""
