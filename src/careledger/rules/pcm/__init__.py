"""Principal care management."""
