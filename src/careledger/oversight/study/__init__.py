"""Utilisation study: the published figures of care management, reproduced from Medicare-shaped claims."""
