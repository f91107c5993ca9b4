"""Documents for people: the audit binder of a patient's month, as PDF by Typst."""
