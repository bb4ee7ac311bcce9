"""Estimators of single pixels, of 3 × 3 pixels, or of stands by their moments: baselines for the networks."""
