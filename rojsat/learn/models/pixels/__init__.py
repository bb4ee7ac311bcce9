"""Estimators that predict every pixel by itself, without context: baselines for the segmenters."""
