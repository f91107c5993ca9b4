"""Records and values of the field. Standard library only; no clock, no files."""
