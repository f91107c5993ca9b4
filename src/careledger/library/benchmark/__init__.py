"""The open vignette benchmark: a published set of cases with their right answers, and its scorer."""
