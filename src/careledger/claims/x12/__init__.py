"""X12 in and out: claims (837P), acknowledgements (TA1, 999, 277CA) and remittances (835)."""
