"""The training loop of a run as a program of its own."""
