"""The files of a run: written completely or not at all, locked, checked when read."""
