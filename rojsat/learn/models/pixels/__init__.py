"""Estimators that judge every pixel by itself, without context: baselines for the segmenters."""
