"""The loop that a run executed, written as a program of its own."""
