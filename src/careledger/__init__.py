"""CareLedger: from logged care-management minutes to a paid, defensible claim."""

__version__ = "0.1.0"
