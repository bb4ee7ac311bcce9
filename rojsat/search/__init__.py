"""Searches with Optuna; the only package that knows it."""
