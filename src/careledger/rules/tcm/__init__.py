"""Transitional care management."""
