"""Writing a plan: every change is a new version of the whole, and two people's work on one plan is never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.core.records import PROGRAMS
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.patients.models import Condition, Patient
from careledger.web.plans.content import (
    PARTS,
    Content,
    Item,
    digest_of,
    empty,
    filled,
    item_of,
    with_item,
    without_item,
)
from careledger.web.plans.differences import title_of
from careledger.web.plans.models import Goal, PlanHead, PlanVersion
from careledger.web.plans.starters import laid_into, plain_problem, starters, suggested
from careledger.web.plans.targets import read_target

ENDED = ("completed", "cancelled", "rejected")
"""Statuses of another system's goals that nobody works toward any more."""
MOST_ITEMS = 60
"""Items in a part; a house value that keeps a plan readable and a version small."""


class PlanRefused(CareLedgerError):
    """A change to a plan that may not be made: what is wrong and what to do."""


class PlanChanged(PlanRefused):
    """Someone else changed the same item meanwhile; what they wrote and what one typed are both at hand."""

    def __init__(self, latest: PlanVersion, theirs: Item | None) -> None:
        super().__init__("someone else changed this while you worked on it; nothing of yours is lost")
        self.latest, self.theirs = latest, theirs


def goal_prefix(patient: Patient, program: str) -> str:
    """What ids of a plan's goals begin with; they are ids of the engine's goals too and stand once in the practice."""
    return f"g{patient.pk}-{program}"


@transaction.atomic
def begin_plan(
    *, acting_user: Membership, patient: Patient, program: str, templates: Iterable[str] = ()
) -> PlanVersion:
    """Make the first version: the chart's conditions, goals that another system told, and the templates chosen.

    A plan that has begun gets the templates laid into it; what it has already stays as it is.
    """
    chosen = [key for key in templates if key in starters()]
    codes = suggested(codes_of(patient))

    def change(content: Content, is_new: bool) -> Content:
        content = _with_chart(content, patient) if is_new else content
        return laid_into(content, chosen, codes, goal_prefix(patient, program), timezone.localdate())

    names = ", ".join(starters()[key].name.en for key in chosen)
    return _write(acting_user, patient, program, change, f"templates: {names}" if chosen else "plan begun")


@transaction.atomic
def save_item(
    *, acting_user: Membership, patient: Patient, program: str, part: str, item: Item, base: int
) -> PlanVersion:
    """Put an item into the plan, or a changed one in its place.

    Args:
        base: the version the person saw. What others changed since stays, and so does this.

    Raises:
        PlanChanged: someone else changed or removed this very item since.
        PlanRefused: the part is full.
    """
    kept = filled(part, item["id"], item)
    title = title_of(PARTS[part], kept)[:120]

    def change(content: Content, is_new: bool) -> Content:
        theirs = item_of(content, part, kept["id"])
        if theirs == kept:
            return content
        _refuse_if_changed(patient, program, part, kept["id"], base, theirs)
        if theirs is None and len(content[part]) >= MOST_ITEMS:
            raise PlanRefused(f"the plan has {MOST_ITEMS} of these already; remove what no longer holds")
        return with_item(content, part, kept)

    return _write(acting_user, patient, program, change, f"{PARTS[part].one}: {title}")


@transaction.atomic
def remove_item(
    *, acting_user: Membership, patient: Patient, program: str, part: str, item_id: str, base: int
) -> PlanVersion:
    """Take an item out of the plan; earlier versions keep it. Removing it twice changes nothing.

    Raises:
        PlanChanged: someone else changed it since.
    """

    def change(content: Content, is_new: bool) -> Content:
        theirs = item_of(content, part, item_id)
        if theirs is None:
            return content
        _refuse_if_changed(patient, program, part, item_id, base, theirs)
        return without_item(content, part, item_id)

    return _write(acting_user, patient, program, change, f"{PARTS[part].one} removed")


def locked_head(patient: Patient, program: str) -> PlanHead:
    """The plan's head, locked until the transaction ends; made with its first version."""
    if program not in PROGRAMS:
        raise PlanRefused("there is no such program; choose one of the list")
    locked = PlanHead.objects.select_for_update().filter(patient=patient, program=program)
    found: PlanHead | None = locked.first()
    if found is None:
        PlanHead.objects.get_or_create(patient=patient, program=program)
        found = locked.get()
    return found


def latest_version(patient: Patient, program: str) -> PlanVersion | None:
    """The plan as it stands."""
    found: PlanVersion | None = (
        PlanVersion.objects.select_related("made_by__user").filter(patient=patient, program=program).first()
    )
    return found


def codes_of(patient: Patient) -> list[str]:
    """The diagnoses on the chart that have not ended, each once."""
    today = timezone.localdate()
    found = Condition.objects.filter(patient=patient).order_by("icd10")
    return list(dict.fromkeys(one.icd10 for one in found if one.until is None or one.until >= today))


def _write(
    acting_user: Membership, patient: Patient, program: str, change: Callable[[Content, bool], Content], says: str
) -> PlanVersion:
    """Append the version that a change makes of the latest one; the latest itself when it changes nothing."""
    head = locked_head(patient, program)
    before = latest_version(patient, program)
    old = before.content if before else empty()
    new = change(old, before is None)
    if before is not None and new == old:
        return before
    head.number += 1
    version = PlanVersion.objects.create(
        patient=patient, program=program, number=head.number, content=new, digest=digest_of(new),
        change=says[:200], made_by=acting_user, made_at=timezone.now(),
    )  # fmt: skip
    head.save(update_fields=["number"])
    _feed_goals(patient, program, new)
    record(
        acting_user=acting_user, action="plan.changed", patient=patient, target=version,
        before=_told(before), after={**(_told(version) or {}), "program": program, "change": version.change},
    )  # fmt: skip
    return version


def _told(version: PlanVersion | None) -> dict[str, Any] | None:
    """A version as the log names it; its content stands in the version, which only grows."""
    return None if version is None else {"number": version.number, "digest": version.digest}


def _refuse_if_changed(patient: Patient, program: str, part: str, item_id: str, base: int, theirs: Item | None) -> None:
    latest = latest_version(patient, program)
    if latest is None or latest.number == base:
        return
    seen = PlanVersion.objects.filter(patient=patient, program=program, number=base).first()
    if item_of(seen.content if seen else empty(), part, item_id) != theirs:
        raise PlanChanged(latest, theirs)


def _with_chart(content: Content, patient: Patient) -> Content:
    """With a plain problem for each diagnosis, and the goals another system told; templates find both in place."""
    for code in codes_of(patient):
        content = with_item(content, "problems", plain_problem(code))
    for goal in Goal.objects.filter(patient=patient, program__isnull=True).exclude(status__in=ENDED):
        content = with_item(content, "goals", _item_of_goal(goal, content))
    return content


def _item_of_goal(goal: Goal, content: Content) -> Item:
    due = goal.due_on.isoformat() if goal.due_on else ""
    target = read_target(goal.target)
    problems = [one["id"] for one in content["problems"] if goal.condition and goal.condition in one["icd10"].split()]
    values = {
        "text": goal.text,
        "measure": goal.measure,
        "target": str(target) if target else goal.target,
        "due_on": due,
    }
    return filled("goals", goal.code, {**values, "problems": problems, "barriers": goal.barriers})


def _feed_goals(patient: Patient, program: str, content: Content) -> None:
    """Bring the goals that the engine, the worklist and the measures read to what the plan says."""
    rows = {row.code: row for row in Goal.objects.filter(patient=patient)}
    codes = {one["id"]: one["icd10"] for one in content["problems"]}
    for item in content["goals"]:
        row = rows.pop(item["id"], None) or Goal(code=item["id"], patient=patient, status="in-progress")
        was = (row.text, row.target, row.due_on)
        row.program = program
        row.text, row.measure, row.target = item["text"], item["measure"][:120] or None, item["target"][:120] or None
        row.due_on = date.fromisoformat(item["due_on"]) if item["due_on"] else None
        row.barriers = item["barriers"] or None
        row.condition = next((code for id_ in item["problems"] for code in codes.get(id_, "").split()), row.condition)
        row.status = "in-progress" if row.status == "cancelled" else row.status
        if was != (row.text, row.target, row.due_on):
            row.reviewed_on = timezone.localdate()
        row.save()
    for row in rows.values():
        if row.program == program and row.status != "cancelled":
            row.status = "cancelled"
            row.save(update_fields=["status"])


def rounded(value: Decimal) -> Decimal:
    """A number as readings keep it."""
    return value.quantize(Decimal("0.001"))
