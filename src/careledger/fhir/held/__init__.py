"""What the clinic holds, as FHIR R4 for others to read: US Core where it is met, with our own fields in extensions.

The records that come in here stand under their FHIR ids: ``patient_id`` is the id of the Patient, ``practitioner`` that of the
Practitioner, and so on. What goes out is read back by ``careledger import fhir`` as the same records.
"""
