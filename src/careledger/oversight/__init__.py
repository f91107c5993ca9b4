"""Steering, proving and defending a program: self-audit, utilisation study, director's log, measures, improvement."""
