"""Quality improvement: aims, run charts with rules for special causes, cycles of change."""
