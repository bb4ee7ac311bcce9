"""Harvests that registers date: their files, one table of them, and the years since the latest one at every pixel."""
