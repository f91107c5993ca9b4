"""Thin commands over the other parts."""
