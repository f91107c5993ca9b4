"""What our records say about a claim beyond what the claim itself carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from careledger.core.month import Month
from careledger.core.records import Consent, Enrolment, Stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A practitioner's word that a month's services were furnished as logged.

    Attributes:
        month: YYYY-MM.
        patient: one patient, or empty for all of the practitioner's patients of the month.
    """

    practitioner: str
    month: str
    signed_on: date
    patient: str = ""
    signed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """Facts of the record that checks look at; absent for a claim read from a file.

    Attributes:
        attested: the practitioner attested to the month.
        setting: where the practice bills from (office, hospital_outpatient, rhc, fqhc).
    """

    patient_known: bool = True
    practitioner_known: bool = True
    died_on: date | None = None
    covered_since: date | None = None
    covered_until: date | None = None
    part_b: bool | None = None
    stays: tuple[Stay, ...] = ()
    consents: tuple[Consent, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    setting: str = "office"
    attested: bool = True
    month: Month | None = None
