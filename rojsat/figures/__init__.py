"""Figures, drawn with matplotlib from plain arrays and tables; where a figure goes is not their matter."""
