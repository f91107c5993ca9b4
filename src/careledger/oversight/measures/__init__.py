"""The cockpit's measures: pure functions over tables, a close and the claims store."""
