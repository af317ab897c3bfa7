"""Tensor, Variable, and what an operation is."""
