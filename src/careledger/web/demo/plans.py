"""Plans that the demo clinic's people write: templates, words, medicines, signatures, copies, readings and reviews."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.demo.words import ALLERGIES, MEDICINES, REVIEWS, TEXTS
from careledger.web.patients.models import Patient
from careledger.web.plans.actions import begin_plan, codes_of, latest_version, remove_item, save_item
from careledger.web.plans.goal_actions import add_reading, answer_alarm, record_assessment, review_goal
from careledger.web.plans.instruments import instruments
from careledger.web.plans.models import Goal, PlanVersion
from careledger.web.plans.signing import deliver_plan, review_plan, sign_plan
from careledger.web.plans.starters import suggested
from careledger.web.plans.targets import Target, read_target

PATIENTS = 20
"""Whose plans are written: enough for every list, few enough that the demo is made quickly."""
_GIVEN, _SIGNED, _WHOLE = 0.6, 0.75, 0.9
"""Shares of them that have a copy, a signature, or lack nothing but that; the rest are begun."""
_READINGS, _EVERY_DAYS = 7, 26
_COURSES = ("improving", "improving", "achieved", "worsening", "improving", "no-progress")
_AWAY = {"improving": (1.0, 0.25), "achieved": (0.8, -0.1), "worsening": (0.2, 1.0), "no-progress": (0.8, 0.8)}
"""How far from the target a course begins and ends, as multiples of its usual distance."""
_PROGRAM = "ccm"


def member(role: str) -> Membership:
    """Who is signed in as a role of the demo clinic."""
    found: Membership = Membership.objects.select_related("person", "user", "organisation").get(
        user__email=f"{role}@lakeside.example"
    )
    return found


def write_plans() -> None:
    """Write the plans of the practitioner's first patients, each as far as its place in the list says."""
    doctor = member("practitioner")
    person = doctor.person
    assert person is not None
    signed = Patient.objects.filter(care_plans__signed_by=person.code, care_plans__program=_PROGRAM, died_on=None)
    chosen = list(signed.distinct().order_by("code")[:PATIENTS])
    for place, patient in enumerate(chosen):
        _write(place, place / len(chosen), patient, member("nurse"), doctor)


def _write(place: int, share: float, patient: Patient, nurse: Membership, doctor: Membership) -> None:
    keys = list(suggested(codes_of(patient)))
    begin_plan(acting_user=nurse, patient=patient, program=_PROGRAM, templates=keys)
    if share >= _WHOLE:
        return
    version = _complete(place, patient, nurse, keys)
    if share >= _SIGNED:
        return
    sign_plan(
        acting_user=doctor, patient=patient, program=_PROGRAM, number=version.number, digest=version.digest, extent="minor"
    )  # fmt: skip
    if share < _GIVEN:
        _give(place, patient, nurse, version)
    _follow(place, patient, nurse)


def _complete(place: int, patient: Patient, nurse: Membership, keys: list[str]) -> PlanVersion:
    """With goals that can be measured, medicines, and the elements that are told in words."""
    version = latest_version(patient, _PROGRAM)
    assert version is not None
    version = _drop_twins(version, patient, nurse)
    for part, item in _items(place, keys):
        version = save_item(
            acting_user=nurse, patient=patient, program=_PROGRAM, part=part, item=item, base=version.number
        )
    return version


def _drop_twins(version: PlanVersion, patient: Patient, nurse: Membership) -> PlanVersion:
    """Take out goals of the former record that a template says better, with a direction: none of something is at most none."""
    for one in version.content["goals"]:
        if one["target"].startswith("at least 0 "):
            version = remove_item(
                acting_user=nurse, patient=patient, program=_PROGRAM, part="goals", item_id=one["id"], base=version.number
            )  # fmt: skip
    return version


def _items(place: int, keys: list[str]) -> list[tuple[str, dict[str, Any]]]:
    substance, reaction = ALLERGIES[place % len(ALLERGIES)]
    medicines = [
        dict(zip(("name", "dose", "how", "why"), MEDICINES[key], strict=True)) for key in keys if key in MEDICINES
    ]
    texts = {id_: found[place % len(found)] for id_, found in TEXTS.items()}
    return [
        *(("medications", {"id": f"m{number}", **one}) for number, one in enumerate(medicines[:3])),
        ("allergies", {"id": "a0", "substance": substance, "reaction": reaction}),
        *(("texts", {"id": id_, "text": en, "text_es": es}) for id_, (en, es) in texts.items()),
    ]


def _give(place: int, patient: Patient, nurse: Membership, version: PlanVersion) -> None:
    today = timezone.localdate()
    ways = ("by_hand", "mail", "portal")
    deliver_plan(
        acting_user=nurse, patient=patient, program=_PROGRAM, number=version.number, on=today, way=ways[place % 3],
        given_to="patient", once=f"demo-{patient.code}", language="es" if patient.language == "es" else "en",
    )  # fmt: skip
    review_plan(acting_user=nurse, patient=patient, program=_PROGRAM, next_on=today + timedelta(days=60 + place))


def _follow(place: int, patient: Patient, nurse: Membership) -> None:
    """Readings and a review of the first goals that are measured month by month, and what was answered about mood."""
    goals = Goal.objects.select_related("patient").filter(patient=patient, program=_PROGRAM).exclude(status="cancelled")
    found = [(goal, target) for goal in goals.order_by("code") if (target := read_target(goal.target))]
    measured = [(goal, target) for goal, target in found if _is_monthly(goal, target)]
    for number, (goal, target) in enumerate(measured[:3]):
        _read(place + number, goal, target, nurse)
    if any("PHQ" in (goal.measure or "") for goal in goals):
        _ask(place, patient, nurse)


def _is_monthly(goal: Goal, target: Target) -> bool:
    """Has the goal a course of values? Scores come from questionnaires, and checks of a year are counted once."""
    measure = goal.measure or ""
    return target.high is None and target.value > 0 and "PHQ" not in measure and "12 months" not in measure


def _read(place: int, goal: Goal, target: Target, nurse: Membership) -> None:
    """A course of readings up to today, and how the goal fares."""
    course, chance = _COURSES[place % len(_COURSES)], Random(goal.code)
    first, last = _AWAY[course]
    today = timezone.localdate()
    for number in range(_READINGS):
        away = first + (last - first) * number / (_READINGS - 1) + chance.uniform(-0.08, 0.08)
        on = today - timedelta(days=_EVERY_DAYS * (_READINGS - 1 - number) + 2)
        add_reading(acting_user=nurse, goal=goal, value=_value(target, away), on=on, once=f"demo-{goal.code}-{number}")
    review_goal(
        acting_user=nurse, goal=goal, status=course, once=f"demo-{goal.code}", next_on=today + timedelta(days=30),
        note=REVIEWS[course],
    )  # fmt: skip


def _value(target: Target, away: float) -> Decimal:
    """A value so far from a target: small targets in steps of their own size, large ones by a sixth."""
    size = float(target.value)
    step = size if size <= 3 else size / 6
    value = size + step * away * (1 if target.direction == "at_most" else -1)
    whole = size > 20 or (float(size).is_integer() and size <= 3)
    return max(Decimal(0), Decimal(str(round(value, 0 if whole else 1))))


def _ask(place: int, patient: Patient, nurse: Membership) -> None:
    """Two questionnaires about mood, three months apart; an alarming answer is answered to."""
    questions = list(instruments()["phq9"].questions)
    for days, level in ((92, 2), (3, 1)):
        answers = {key: level if number % 2 else 1 for number, key in enumerate(questions)} | {"q9": int(place == 1)}
        row = record_assessment(
            acting_user=nurse, patient=patient, instrument="phq9", answers=answers, once=f"demo-{patient.code}-{days}",
            on=timezone.localdate() - timedelta(days=days),
        )  # fmt: skip
        if row.alarm and days > 3:
            answer_alarm(
                acting_user=nurse, assessment=row, done="The practitioner spoke with the patient within the hour."
            )
