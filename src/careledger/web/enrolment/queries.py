"""Reading: who could be enrolled, and where one patient stands in one program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from careledger.web.enrolment.models import STATES, Candidate
from careledger.web.enrolment.programs import FOUND
from careledger.web.patients.models import Condition, Consent, Patient, ProgramStatus
from careledger.web.patients.queries import ConsentLine, line_of

OPEN = ("eligible", "invited")
"""Statuses after which the next word is still awaited."""
STATUS_FILTERS = (
    ("open", "Nothing decided yet"),
    ("", "Any status"),
    ("invited", "Invited"),
    ("consented", "Consented"),
    ("enrolled", "Enrolled"),
    ("enrolled_elsewhere", "Enrolled elsewhere"),
    ("declined", "Declined"),
    ("revoked", "Revoked"),
    ("ineligible", "Ineligible"),
)


@dataclass(frozen=True, slots=True)
class Search:
    """What the list is narrowed to; an empty part does not narrow.

    Attributes:
        state: of the candidate, by the engine.
        status: the present one in the program; ``open``: none yet, or one that awaits an answer.
        words: beginnings of names, or the id.
        condition: beginning of a diagnosis code.
    """

    program: str = "ccm"
    state: str = ""
    status: str = "open"
    words: str = ""
    condition: str = ""


def candidates(search: Search) -> QuerySet[Any]:
    """Ids of candidates of a program by the patient's name: narrow rows, since all of them are sorted for one page."""
    found = _narrowed(search)
    if search.state:
        found = found.filter(state=search.state)
    return found.order_by("patient__family_name", "patient__given_name", "pk").values_list("pk", flat=True)


def rows_of(ids: Iterable[int]) -> list[Any]:
    """Candidates with patient and conditions, in the order of the ids."""
    wanted = list(ids)
    ills = Condition.objects.filter(until=None).order_by("icd10")
    shown = (
        Candidate.objects.filter(pk__in=wanted)
        .select_related("patient")
        .prefetch_related(Prefetch("patient__conditions", queryset=ills, to_attr="ills"))
    )
    rows = {row.pk: row for row in shown}
    return [rows[pk] for pk in wanted if pk in rows]


def counts(search: Search) -> list[tuple[str, str, int]]:
    """(state, label, how many) of every state within the rest of a search."""
    rows = dict(_narrowed(search).order_by().values_list("state").annotate(many=Count("pk")))
    return [(state, label, rows.get(state, 0)) for state, label in STATES]


def statuses_of(patient_ids: Iterable[int]) -> Mapping[int, list[Any]]:
    """The present status in every program, by patient: one query for a page of them."""
    present: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    for row in ProgramStatus.objects.filter(patient__in=list(patient_ids)).order_by("on", "pk"):
        present[row.patient_id][row.program] = row
    return {patient: [found[name] for name in sorted(found)] for patient, found in present.items()}


def consents_of(patient: Patient, program: str) -> list[ConsentLine]:
    """A patient's consents to a program, the latest first."""
    rows = Consent.objects.filter(patient=patient, program=program).prefetch_related("revocations")
    return [line_of(row) for row in rows.order_by("-given_on", "-pk")]


def history_of(patient: Patient, program: str) -> list[Any]:
    """Every status a patient took in a program, the latest first."""
    return list(ProgramStatus.objects.filter(patient=patient, program=program).order_by("-on", "-pk"))


def _narrowed(search: Search) -> QuerySet[Any]:
    program = search.program if search.program in FOUND else FOUND[0]
    latest = ProgramStatus.objects.filter(patient=OuterRef("patient"), program=program).order_by("-on", "-pk")
    found = Candidate.objects.filter(program=program)
    if search.status:
        found = found.annotate(status=Coalesce(Subquery(latest.values("status")[:1]), Value("")))
    if search.status == "open":
        found = found.filter(status__in=("", *OPEN))
    elif search.status:
        found = found.filter(status=search.status)
    for word in search.words.split():
        plain = word.strip(",.")
        named = Q(patient__family_name__istartswith=plain) | Q(patient__given_name__istartswith=plain)
        found = found.filter(named | Q(patient__code__iexact=plain))
    if search.condition:
        ill = Condition.objects.filter(icd10__istartswith=search.condition, until=None)
        found = found.filter(patient__in=ill.values("patient"))
    return found
