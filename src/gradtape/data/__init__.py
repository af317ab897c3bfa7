"""Batches: which samples, in which order."""
