"""Decisions: rules over a patient's month, the best lawful set of codes, the proof, the answer."""
