"""Scenes of ESA's SAFE products."""
