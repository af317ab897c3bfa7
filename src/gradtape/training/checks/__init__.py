"""Checks on data and model before the first step."""
