"""What all losses share."""
