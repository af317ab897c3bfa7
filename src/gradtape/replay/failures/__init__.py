"""Where NaN and infinity come from, and what would have helped."""
