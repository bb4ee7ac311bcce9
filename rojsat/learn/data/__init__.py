"""Samples of chips as training takes them."""
