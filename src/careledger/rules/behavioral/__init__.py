"""Behavioral health integration and collaborative care."""
