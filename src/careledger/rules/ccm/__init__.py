"""Chronic care management: 99490 with 99439 or G2058, 99491 with 99437, 99487 with 99489, and G0506."""
