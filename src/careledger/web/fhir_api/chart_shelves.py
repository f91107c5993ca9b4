"""Shelves of the chart: Patient, Coverage, Condition, Encounter; and of the house: Organization, Practitioner, PractitionerRole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q

from careledger.core import records
from careledger.fhir.elements import ICD10, MBI, NPI
from careledger.fhir.held import chart as held
from careledger.fhir.held import people as house
from careledger.web.fhir_api import search
from careledger.web.fhir_api.models import MADE_UP, PatientIdentifier
from careledger.web.fhir_api.shelves import Json, Shelf, Source
from careledger.web.fhir_api.sight import Sight
from careledger.web.patients import models as chart
from careledger.web.tenancy.models import PROFESSIONS, Person, Practice
from careledger.web.tenancy.records import to_record, to_records

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"


def _patient(row: chart.Patient, sight: Sight) -> Json:
    billers = [one.biller for one in row.panel.all()]
    practice = next((str(one.practice_id) for one in billers if one.practice_id), None)
    coverage = to_records(row.coverage.all(), records.Coverage)
    record = replace(to_record(row, records.Patient), patient_id=str(row.pk))
    made = held.patient(record, row.code, coverage, [str(one.pk) for one in billers], practice, sight.stamp(row))
    others = [{"system": one.system, "value": one.value} for one in row.identifiers.all()]
    if not others:
        return made
    own = [one for one in made["identifier"] if not (row.code.startswith(MADE_UP) and one["value"] == row.code)]
    return {**made, "identifier": [*own, *others]}


def _coverage(row: chart.Coverage, sight: Sight) -> Json:
    return held.coverage(sight.record(row, records.Coverage), str(row.pk), sight.stamp(row.patient))


def _condition(row: chart.Condition, sight: Sight) -> Json:
    return held.condition(sight.record(row, records.Condition), str(row.pk), sight.stamp(row.patient))


def _visit(row: chart.Visit, sight: Sight) -> Json:
    return held.visit(sight.record(row, records.Visit), f"v{row.pk}", sight.stamp(row.patient))


def _stay(row: chart.Stay, sight: Sight) -> Json:
    return held.stay(sight.record(row, records.Stay), f"s{row.pk}", sight.stamp(row.patient))


def _practice(row: Practice, sight: Sight) -> Json:
    record = replace(to_record(row, records.Practice), practice_id=str(row.pk))
    return house.organization(record, row.code, sight.house)


def _person(row: Person, sight: Sight) -> records.Person:
    known = tuple(sight.people[code] for code in row.works_with or () if code in sight.people)
    practice = str(row.practice_id) if row.practice_id else None
    found: records.Person = replace(
        to_record(row, records.Person), person_id=str(row.pk), practice_id=practice, works_with=known
    )
    return found


def _practitioner(row: Person, sight: Sight) -> Json:
    return house.practitioner(_person(row, sight), row.code, sight.house)


def _role(row: Person, sight: Sight) -> Json:
    practice = replace(to_record(row.practice, records.Practice), practice_id=str(row.practice_id))
    words = [PROFESSIONS.get(row.kind, row.kind.replace("_", " "))]
    words += [row.specialty.replace("_", " ")] if row.specialty else []
    return house.role(_person(row, sight), practice, words, sight.house)


def _is_member(value: str) -> Q:
    return Q(pk__in=chart.Coverage.objects.filter(member_id=value).values("patient"))


def _by_identifier() -> search.Parameter:
    """Ours, the Medicare beneficiary's, and whatever other systems call the patient."""
    known = search.identifier("Patient", "code", **{MBI: _is_member})

    def means(value: str) -> Q:
        system, _, plain = value.rpartition("|")
        others = PatientIdentifier.objects.filter(value=plain, **({"system": system} if system else {}))
        return known.means(value) | Q(pk__in=others.values("patient"))

    return search.Parameter("token", means)


def _of(model: Any, *more: str) -> Any:
    return lambda: model.objects.select_related("patient", *more).order_by("pk")


def _patients() -> Any:
    return chart.Patient.objects.prefetch_related("coverage", "panel__biller", "identifiers").order_by("pk")


_SEXES = {sex: Q(sex=sex) for sex in ("female", "male")} | {"unknown": Q(sex=None) | Q(sex="unknown") | Q(sex="")}
OF_SUBJECT = {"patient": ("subject",), "subject": ("subject",)}
_OF_PATIENT = {"patient": search.reference("patient_id", "Patient")}

SHELVES = (
    Shelf(
        "Patient",
        (
            Source(
                rows=_patients,
                patient="pk",
                owner=lambda row: row.pk,
                build=_patient,
                search={
                    "identifier": _by_identifier(),
                    "name": search.string("family_name", "given_name"),
                    "family": search.string("family_name"),
                    "given": search.string("given_name"),
                    "birthdate": search.day("born_on"),
                    "gender": search.token(_SEXES),
                    "general-practitioner": search.reference("panel__biller_id", "Practitioner"),
                },
            ),
        ),
        writes=("create", "update"),
        operations=("export",),
        includes={"general-practitioner": ("generalPractitioner",), "organization": ("managingOrganization",)},
    ),
    Shelf(
        "Coverage",
        (
            Source(
                rows=_of(chart.Coverage),
                patient="patient_id",
                build=_coverage,
                search={**_OF_PATIENT, "beneficiary": search.reference("patient_id", "Patient")},
            ),
        ),
        includes={"patient": ("beneficiary",), "beneficiary": ("beneficiary",)},
    ),
    Shelf(
        "Condition",
        (
            Source(
                rows=_of(chart.Condition),
                patient="patient_id",
                build=_condition,
                search={
                    **_OF_PATIENT,
                    "subject": search.reference("patient_id", "Patient"),
                    "code": search.icd10("icd10", ICD10),
                    "category": search.token({"problem-list-item": search.EVERYTHING}, _CATEGORY),
                    "clinical-status": search.token(
                        {"active": Q(until=None), "resolved": Q(until__isnull=False)}, _CLINICAL
                    ),
                    "onset-date": search.day("since"),
                },
            ),
        ),
        includes=OF_SUBJECT,
    ),
    Shelf(
        "Encounter",
        (
            Source(
                rows=_of(chart.Visit, "practitioner"),
                patient="patient_id",
                prefix="v",
                build=_visit,
                search={
                    **_OF_PATIENT,
                    "subject": search.reference("patient_id", "Patient"),
                    "date": search.day("on"),
                    "participant": search.reference("practitioner_id", "Practitioner"),
                },
            ),
            Source(
                rows=_of(chart.Stay),
                patient="patient_id",
                prefix="s",
                build=_stay,
                search={
                    **_OF_PATIENT,
                    "subject": search.reference("patient_id", "Patient"),
                    "date": search.span("since", "until"),
                },
            ),
        ),
        includes={**OF_SUBJECT, "participant": ("participant", "individual")},
    ),
    Shelf(
        "Organization",
        (
            Source(
                rows=lambda: Practice.objects.order_by("pk"),
                build=_practice,
                search={
                    "name": search.string("name"),
                    "identifier": search.identifier("Organization", "code", **{NPI: lambda value: Q(npi=value)}),
                },
            ),
        ),
    ),
    Shelf(
        "Practitioner",
        (
            Source(
                rows=lambda: Person.objects.order_by("pk"),
                build=_practitioner,
                search={
                    "name": search.Parameter("string", lambda value: Q(name__icontains=value)),
                    "identifier": search.identifier("Practitioner", "code", **{NPI: lambda value: Q(npi=value)}),
                },
            ),
        ),
    ),
    Shelf(
        "PractitionerRole",
        (
            Source(
                rows=lambda: Person.objects.filter(practice__isnull=False).select_related("practice").order_by("pk"),
                build=_role,
                search={
                    "practitioner": search.reference("pk", "Practitioner"),
                    "organization": search.reference("practice_id", "Organization"),
                },
            ),
        ),
        includes={"practitioner": ("practitioner",), "organization": ("organization",)},
    ),
)
