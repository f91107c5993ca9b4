"""The first run: what a clinic needs before its first claim, step by step. A step is done when what it asks for stands,
so it can be left at any point and resumed, on another day or by someone else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from careledger.core.records import PRACTITIONER_KINDS
from careledger.web.tenancy.models import Credential, Organisation, Person, Practice


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it is about, where it is done, what stands so far."""

    name: str
    label: str
    why: str
    place: str
    is_done: bool
    says: str = ""


def steps(house: Organisation) -> list[Step]:
    """Every step in order, as it stands."""
    return [*_people_steps(), *_claim_steps(), *_work_steps(house)]


def is_needed() -> bool:
    """Is nothing set up yet, so that an administrator is led to the first step?"""
    return not Practice.objects.exists()


def _people_steps() -> Iterator[Step]:
    practice = Practice.objects.order_by("pk").first()
    is_whole = practice is not None and bool(practice.npi and practice.tax_id and practice.zip)
    why = "Name, NPI, tax id, address, locality and time zone: they stand on every claim."
    yield Step("practice", "The practice", why, "practice_new", is_whole, str(practice or ""))
    everyone = list(Person.objects.values_list("kind", "npi"))
    doctors = sum(kind in PRACTITIONER_KINDS and bool(npi) for kind, npi in everyone)
    staff = sum(kind not in PRACTITIONER_KINDS for kind, _ in everyone)
    held = Credential.objects.values("person").distinct().count()
    why = "Whoever bills: physicians, nurse practitioners and others with an NPI of their own."
    yield Step("practitioners", "Practitioners", why, "person_new", doctors > 0, _many(doctors, "practitioner"))
    why = "Whoever works with patients under them, with licences and the days these are good for."
    says = f"{_many(staff, 'person', 'people')}, {held or 'none'} with credentials entered"
    yield Step("staff", "Staff and credentials", why, "person_new", staff > 0, says if staff else "")


def _claim_steps() -> Iterator[Step]:
    from careledger.web.revenue.book import config

    found = config()
    sender = found.submitter
    why = "Your id as sender of claim files, given by the contractor or clearing house."
    yield Step("submitter", "Submitter", why, "submitter", sender is not None, sender.name if sender else "")
    payers = len(found.payers)
    why = "How claims address each payer, and who receives the file for it."
    yield Step("payers", "Payers and receivers", why, "payers", payers > 0, _many(payers, "payer"))
    why = "An amount a code, or a percentage of what the payer allows."
    priced = len(found.charges_cents)
    told = f"{found.percent_of_allowed} percent of allowed" if found.percent_of_allowed else _many(priced, "code")
    yield Step("charges", "Charges", why, "charges", bool(priced or found.percent_of_allowed), told)


def _work_steps(house: Organisation) -> Iterator[Step]:
    from careledger.web.patients.models import Patient

    users = house.memberships.filter(is_active=True).exclude(role="administrator").count()
    why = "A sign-in for everyone who works here, each with the role they have."
    yield Step("users", "Users", why, "users", users > 0, _many(users, "user"))
    patients = Patient.objects.count()
    why = "Bring patients from your electronic record (FHIR) or a table (CSV). Every fault is shown before anything is written."
    yield Step("patients", "Patients", why, "imports", patients > 0, _many(patients, "patient"))


def _many(count: int, one: str, more: str = "") -> str:
    if not count:
        return ""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
