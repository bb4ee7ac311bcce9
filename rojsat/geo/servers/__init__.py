"""Patience with servers and guarded connections to them, and what is asked of a WFS."""
