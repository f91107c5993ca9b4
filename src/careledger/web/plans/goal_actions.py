"""Writing what becomes of goals: readings, reviews, assessments and what was done about an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record, snapshot
from careledger.web.patients.models import Patient
from careledger.web.plans.actions import PlanRefused, rounded
from careledger.web.plans.instruments import instruments
from careledger.web.plans.models import ACHIEVEMENTS, AlarmAnswered, Assessment, Goal, GoalReview, Reading
from careledger.web.plans.targets import read_target


@transaction.atomic
def add_reading(
    *, acting_user: Membership, goal: Goal, value: Decimal, on: date, once: str, note: str = "", source: str = "typed"
) -> Reading:
    """Record a measured value of a goal. The same form sent twice is one reading.

    Raises:
        PlanRefused: a day to come.
    """
    if before := Reading.objects.filter(once=once).first():
        return before
    _refuse_future(on)
    target = read_target(goal.target)
    row = Reading.objects.create(
        patient=goal.patient, goal=goal, value=rounded(value), unit=(target.unit if target else "")[:30], on=on, note=note,
        source=source, once=once, by=acting_user, recorded_at=timezone.now(),
    )  # fmt: skip
    after = {**snapshot(row, "value", "unit", "on", "note", "source"), "goal": goal.code}
    record(acting_user=acting_user, action="reading.recorded", patient=goal.patient, target=row, after=after)
    return row


@transaction.atomic
def withdraw_reading(*, acting_user: Membership, reading: Reading, reason: str) -> Reading:
    """Take a wrong reading back; it stays in the record with the reason. Doing it twice changes nothing.

    Raises:
        PlanRefused: no reason is given, or the row is itself a withdrawal.
    """
    if before := Reading.objects.filter(withdraws=reading).first():
        return before
    if reading.withdraws_id is not None or not reason.strip():
        raise PlanRefused("say why the reading is wrong")
    row = Reading.objects.create(
        patient=reading.patient, goal=reading.goal, on=timezone.localdate(), note=reason.strip()[:300], withdraws=reading,
        once=f"w{reading.pk}", by=acting_user, recorded_at=timezone.now(),
    )  # fmt: skip
    record(
        acting_user=acting_user, action="reading.withdrawn", patient=reading.patient, target=reading,
        before=snapshot(reading, "value", "on"), after={"reason": row.note},
    )  # fmt: skip
    return row


@transaction.atomic
def review_goal(
    *, acting_user: Membership, goal: Goal, status: str, once: str, next_on: date | None = None, note: str = ""
) -> GoalReview:
    """Say how a goal fares. The same form sent twice is one review.

    Raises:
        PlanRefused: no such status, or the next review does not lie ahead.
    """
    if before := GoalReview.objects.filter(once=once).first():
        return before
    today = timezone.localdate()
    if status not in dict(ACHIEVEMENTS):
        raise PlanRefused("choose how the goal fares from the list")
    if next_on is not None and next_on <= today:
        raise PlanRefused("the next review must lie ahead; choose a later day")
    row = GoalReview.objects.create(
        patient=goal.patient, goal=goal, status=status, on=today, next_on=next_on, note=note, once=once, by=acting_user,
        recorded_at=timezone.now(),
    )  # fmt: skip
    before_it = snapshot(goal, "status", "reviewed_on", "next_review_on")
    goal.status, goal.reviewed_on, goal.next_review_on = status, today, next_on
    goal.save(update_fields=["status", "reviewed_on", "next_review_on"])
    record(
        acting_user=acting_user, action="goal.reviewed", patient=goal.patient, target=goal, before=before_it,
        after={**snapshot(goal, "status", "reviewed_on", "next_review_on"), "note": note},
    )  # fmt: skip
    return row


@transaction.atomic
def record_assessment(
    *,
    acting_user: Membership,
    patient: Patient,
    instrument: str,
    answers: Mapping[str, int],
    on: date,
    once: str,
    note: str = "",
) -> Assessment:
    """Record a questionnaire and score it; the score is a reading of the goal that is measured by it.

    Raises:
        PlanRefused: a day to come, or a question without an answer.
    """
    if before := Assessment.objects.filter(once=once).first():
        return before
    _refuse_future(on)
    asked = instruments()[instrument]
    try:
        score = asked.score(answers)
    except (KeyError, IndexError):
        raise PlanRefused(
            "every question needs one of its answers; a score of some of them would mean nothing"
        ) from None
    row = Assessment.objects.create(
        patient=patient, instrument=instrument, on=on, answers={key: answers[key] for key in asked.questions},
        score=score, band=asked.band(score).id, alarm=asked.is_alarming(answers), note=note, once=once, by=acting_user,
        recorded_at=timezone.now(),
    )  # fmt: skip
    after: dict[str, Any] = snapshot(row, "instrument", "on", "answers", "score", "band", "alarm", "note")
    record(acting_user=acting_user, action="assessment.recorded", patient=patient, target=row, after=after)
    if asked.measure:
        same = Goal.objects.filter(patient=patient, measure__iexact=asked.measure).exclude(status="cancelled")
        for goal in same.select_related("patient"):
            add_reading(
                acting_user=acting_user, goal=goal, value=Decimal(score), on=on, once=f"a{row.pk}-{goal.pk}",
                source=instrument,
            )  # fmt: skip
    return row


@transaction.atomic
def answer_alarm(*, acting_user: Membership, assessment: Assessment, done: str) -> AlarmAnswered:
    """Say what was done about an alarm; it stands no longer. Doing it twice changes nothing.

    Raises:
        PlanRefused: nothing is said, or there was no alarm.
    """
    if before := AlarmAnswered.objects.filter(assessment=assessment).first():
        return before
    if not assessment.alarm or not done.strip():
        raise PlanRefused("say what was done, and by whom the patient is looked after now")
    row = AlarmAnswered.objects.create(
        patient=assessment.patient, assessment=assessment, done=done.strip()[:500], by=acting_user,
        recorded_at=timezone.now(),
    )  # fmt: skip
    record(
        acting_user=acting_user, action="alarm.answered", patient=assessment.patient, target=assessment,
        after={"done": row.done},
    )  # fmt: skip
    return row


def _refuse_future(on: date) -> None:
    if on > timezone.localdate():
        raise PlanRefused("the day lies in the future; record it when it has come")
