"""Training: the step, the loop around it, and the recipes that the command line knows."""
