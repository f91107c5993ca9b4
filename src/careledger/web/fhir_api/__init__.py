"""The clinic as a FHIR R4 server (``/fhir/``): reading, searching, bulk export, sign-in of programs; and SMART App Launch.

What a resource looks like is decided in ``careledger.fhir.held``; who may see it, here. See docs/fhir.md.
"""
