"""Keeping what the clinic holds: everything out in an open form, back in identically, and encrypted backups."""
