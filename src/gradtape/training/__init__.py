"""Training: the step, the loop around it, and the checks before it."""
