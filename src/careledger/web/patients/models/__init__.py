"""Patients and what is recorded about them; every table has the columns of its record in ``core.records``."""

from careledger.web.patients.models.clinical import (
    AgencyEpisode,
    Behavioral,
    Condition,
    Device,
    Discharge,
    Stay,
    Visit,
)
from careledger.web.patients.models.patient import Coverage, Panel, Patient, SentForm
from careledger.web.patients.models.program import (
    STATUSES,
    Consent,
    ConsentRevocation,
    Enrolment,
    PractitionerOfRecord,
    ProgramStatus,
)

__all__ = [
    "STATUSES",
    "AgencyEpisode",
    "Behavioral",
    "Condition",
    "Consent",
    "ConsentRevocation",
    "Coverage",
    "Device",
    "Discharge",
    "Enrolment",
    "Panel",
    "Patient",
    "PractitionerOfRecord",
    "ProgramStatus",
    "SentForm",
    "Stay",
    "Visit",
]
