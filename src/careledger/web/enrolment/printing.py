"""The consent form to print: of a recorded consent, prepared for a patient to sign, or blank for anyone."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.utils import timezone

from careledger.documents.consent import LANGUAGES, ConsentForm, Terms, consent_pdf
from careledger.documents.consent.texts import Language
from careledger.web.enrolment import programs
from careledger.web.enrolment.shares import Estimate
from careledger.web.patients.models import Patient
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.queries import ConsentLine
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import current_organisation


def language_of(asked: str | None, patient: Patient | None = None) -> Language:
    """The language asked for, else the patient's where there is a text in it, else English."""
    for one in (asked, (patient.language or "")[:2] if patient else None):
        if one in LANGUAGES:
            return cast(Language, one)
    return "en"


def terms_of(program: str, found: Estimate, practitioner: Person | None, on: date) -> Terms:
    """What the statements name for a patient today."""
    return Terms(
        practitioner=str(practitioner) if practitioner else None,
        share_cents=found.plain_cents,
        before_deductible_cents=found.before_deductible_cents,
        has_second_payer=bool(found.others),
        is_qmb=bool(found.is_qmb),
        stops_at_month_end=programs.stops_at_month_end(program, on),
    )


def blank(program: str, language: Language) -> bytes:
    """For anyone: name and amount are lines to fill in."""
    on = timezone.localdate()
    terms = Terms(is_blank=True, stops_at_month_end=programs.stops_at_month_end(program, on))
    return consent_pdf(_form(program, language, on, terms))


def prepared(patient: Patient, program: str, found: Estimate, language: Language) -> bytes:
    """For a patient to sign: name, practitioner and estimated share stand in it."""
    on = timezone.localdate()
    person = of_record(patient, on)
    return consent_pdf(_form(program, language, on, terms_of(program, found, person, on), patient, person))


def recorded(patient: Patient, line: ConsentLine, found: Estimate, language: Language) -> bytes:
    """Of a recorded consent: what was told, who recorded it, and its revocation."""
    row = line.row
    named = Person.objects.filter(code__in=[row.practitioner, row.recorded_by]).select_related("practice")
    people = {one.code: one for one in named}
    on = row.given_on or timezone.localtime(row.recorded_at).date()
    terms = Terms(
        practitioner=str(people[row.practitioner]) if row.practitioner in people else row.practitioner,
        share_cents=row.share_cents,
        is_share_told=False,
        is_qmb=bool(found.is_qmb) and row.share_cents == 0,
        stops_at_month_end=programs.stops_at_month_end(row.program, on),
    )
    further = {
        "told": tuple(row.covers or ()),
        "given_on": row.given_on,
        "form": row.form,
        "representative": row.representative,
        "recorded_by": str(people.get(row.recorded_by, row.recorded_by or "")),
        "recorded_on": timezone.localtime(row.recorded_at).date(),
        "days_late": row.days_late,
        "revoked": (line.revoked_on, line.until) if line.revoked_on else None,
    }
    return consent_pdf(_form(row.program, language, on, terms, patient, people.get(row.practitioner), **further))


def _form(
    program: str,
    language: Language,
    on: date,
    terms: Terms,
    patient: Patient | None = None,
    practitioner: Person | None = None,
    **further: Any,
) -> ConsentForm:
    """A form under the name of the practitioner's practice, else of the organisation."""
    house = practitioner.practice if practitioner and practitioner.practice else current_organisation()
    return ConsentForm(
        program=program,
        language=language,
        practice=str(house),
        patient=patient.name if patient else "",
        patient_id=patient.code if patient else "",
        born_on=patient.born_on if patient else None,
        statements=programs.statements(program, on),
        terms=terms,
        **further,
    )
