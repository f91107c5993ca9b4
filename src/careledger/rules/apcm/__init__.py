"""Advanced primary care management."""
