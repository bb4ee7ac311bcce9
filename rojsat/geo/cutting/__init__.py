"""Chips cut from scenes."""
