"""Why a weight changed, where NaN came from, where two runs diverge."""
