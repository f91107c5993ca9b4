"""Neighbouring services: advance care planning, cognitive assessment, contacts at a distance, dialysis, services never paid."""
