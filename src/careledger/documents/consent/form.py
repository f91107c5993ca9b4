"""The printable consent form: filled in from a record of consent, or blank to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from careledger.documents.consent.texts import Language, Terms, about, heading, statement
from careledger.documents.typeset import typeset

_WORDS = {
    "en": {
        "title": "Consent to {program}",
        "patient": "Patient",
        "born": "Born",
        "id": "Record",
        "practitioner": "Practitioner",
        "told": "What you were told",
        "telling": "Please read, or let us read to you, each point. Tick each one when it is clear to you.",
        "agree": "I agree to take part. I was told all of the above, and my questions were answered.",
        "given": "How consent was given",
        "by_patient": "by the patient",
        "by_representative": "by the representative",
        "forms": {"verbal": "in words", "written": "in writing", "electronic": "electronically"},
        "given_on": "Day of consent",
        "recorded": "Recorded by {who} on {day}",
        "late": "recorded {days} days after it was given",
        "revoked": "Revoked on {day}; in force until {last}.",
        "sign": "Signature of patient or representative",
        "name": "Name of the representative, if any",
        "staff": "Taken by (practice)",
        "day": "Date",
        "foot": "A copy of this form is yours to keep.",
        "page": "Page",
    },
    "es": {
        "title": "Consentimiento: {program}",
        "patient": "Paciente",
        "born": "Fecha de nacimiento",
        "id": "Expediente",
        "practitioner": "Profesional",
        "told": "Lo que se le explicó",
        "telling": "Lea cada punto, o pida que se lo leamos. Marque cada uno cuando lo tenga claro.",
        "agree": "Acepto participar. Me explicaron todo lo anterior y respondieron a mis preguntas.",
        "given": "Cómo se dio el consentimiento",
        "by_patient": "por el paciente",
        "by_representative": "por el representante",
        "forms": {"verbal": "de palabra", "written": "por escrito", "electronic": "por medios electrónicos"},
        "given_on": "Día del consentimiento",
        "recorded": "Anotado por {who} el {day}",
        "late": "anotado {days} días después de darse",
        "revoked": "Retirado el {day}; vigente hasta el {last}.",
        "sign": "Firma del paciente o representante",
        "name": "Nombre del representante, si lo hay",
        "staff": "Recibido por (consultorio)",
        "day": "Fecha",
        "foot": "Una copia de este formulario es para usted.",
        "page": "Página",
    },
}
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm:
    """A form to print.

    Attributes:
        statements: ids, in the order they are told; those in ``told`` are ticked.
        terms: what the statements name.
        given_on: the day of a recorded consent; None: the form is to be signed.
        form: how it was given.
        representative: who spoke for the patient.
        recorded_by, recorded_on: who wrote it down and when, and how many days late.
        revoked: the day of revocation, and the last day in force.
    """

    program: str
    language: Language
    practice: str
    patient: str
    patient_id: str
    statements: Sequence[str]
    terms: Terms
    born_on: date | None = None
    told: Sequence[str] = ()
    given_on: date | None = None
    form: str | None = None
    representative: str | None = None
    recorded_by: str = ""
    recorded_on: date | None = None
    days_late: int = 0
    revoked: tuple[date, date] | None = None


def consent_pdf(one: ConsentForm) -> bytes:
    """The form as PDF; equal forms give equal bytes."""
    return typeset("consent", _data(one))


def _data(one: ConsentForm) -> dict[str, Any]:
    words = _WORDS[one.language]
    return {
        "lang": one.language,
        "practice": one.practice,
        "title": str(words["title"]).format(program=heading(one.program, one.language)),
        "about": about(one.program, one.language),
        "labels": {name: text for name, text in words.items() if isinstance(text, str)},
        "patient": one.patient or "",
        "patient_id": one.patient_id,
        "born": spoken_day(one.born_on, one.language) if one.born_on else "",
        "practitioner": one.terms.practitioner or "",
        "points": [
            {"text": statement(id_, one.terms, one.language), "ticked": id_ in one.told} for id_ in one.statements
        ],
        "given": None if one.given_on is None else _given(one, words),
        "revoked": _revoked(one, words),
    }


def _given(one: ConsentForm, words: dict[str, Any]) -> dict[str, str]:
    """What the record says of how consent was given."""
    assert one.given_on is not None
    by = words["by_representative"] if one.representative else words["by_patient"]
    how = words["forms"].get(one.form or "", one.form or "")
    recorded = words["recorded"].format(
        who=one.recorded_by, day=spoken_day(one.recorded_on, one.language) if one.recorded_on else ""
    )
    late = f" ({words['late'].format(days=one.days_late)})" if one.days_late else ""
    return {
        "how": f"{how}, {by}" + (f" ({one.representative})" if one.representative else ""),
        "on": spoken_day(one.given_on, one.language),
        "recorded": f"{recorded}{late}",
    }


def _revoked(one: ConsentForm, words: dict[str, Any]) -> str:
    if one.revoked is None:
        return ""
    on, last = (spoken_day(day, one.language) for day in one.revoked)
    return str(words["revoked"].format(day=on, last=last))


def spoken_day(day: date, language: Language) -> str:
    """``November 18, 2026``; ``18 de noviembre de 2026``."""
    month = _MONTHS[language][day.month - 1]
    return f"{month} {day.day}, {day.year}" if language == "en" else f"{day.day} de {month} de {day.year}"
