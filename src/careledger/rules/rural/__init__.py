"""The general codes of rural clinics and health centers."""
