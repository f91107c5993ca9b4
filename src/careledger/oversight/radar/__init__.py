"""Compliance radar: the auditors' own queries over claims and logs, offline."""
