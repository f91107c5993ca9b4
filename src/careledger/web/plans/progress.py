"""How a goal fares by its readings: a proposal for whoever reviews it, who decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from careledger.web.plans.targets import Target


def proposed_status(values: Sequence[Decimal], target: Target | None, due_on: date | None, today: date) -> str | None:
    """A status from readings in order of time; None when they say nothing.

    A target that two readings in a row meet is sustained, one that the last meets achieved; past its day an unmet goal
    is not achieved; otherwise the distance of the last reading is held against that of the one before.
    """
    if target is None or not values:
        return None
    if target.is_met_by(values[-1]):
        return "sustaining" if len(values) > 1 and target.is_met_by(values[-2]) else "achieved"
    if due_on is not None and due_on < today:
        return "not-achieved"
    if len(values) < 2:
        return "in-progress"
    before, now = target.distance(values[-2]), target.distance(values[-1])
    return "no-change" if before == now else "improving" if now < before else "worsening"
