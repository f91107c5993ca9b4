"""A FHIR R4 server on the other side: SMART Backend Services sign-in, bulk import, and writing back."""
