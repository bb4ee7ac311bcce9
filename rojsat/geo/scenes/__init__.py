"""Scenes: their STAC catalog, grids, and pixels."""
