"""What operations of all families share."""
