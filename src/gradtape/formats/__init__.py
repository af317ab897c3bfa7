"""File formats: arrays and models, written completely or not at all, checked when read."""
