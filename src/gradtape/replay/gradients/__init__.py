"""Why a weight changed, and whether its gradient is right."""
