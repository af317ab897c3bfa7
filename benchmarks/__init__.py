"""Measurements of gradtape: one step against NumPy by hand, and whole trainings against the peers."""
