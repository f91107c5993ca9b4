"""Chronic pain management."""
