"""What a patient's plan is printed from: words in the patient's language, already chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """An illness: what to expect, and what to watch for."""

    name: str
    outcome: str = ""
    symptoms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGoal:
    """A goal with its measure; ``limits`` are the target's direction, value and, between two, the upper value."""

    text: str
    measure: str = ""
    direction: str = ""
    value: str = ""
    high: str = ""
    unit: str = ""
    due_on: date | None = None
    barriers: str = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What someone does; ``owner`` is an id such as ``nurse``."""

    owner: str
    text: str


@dataclass(frozen=True, slots=True)
class PlanMedication:
    """A medicine as it is taken."""

    name: str
    dose: str = ""
    how: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PlanText:
    """An element told in words; ``element`` is its id."""

    element: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanData:
    """One patient's plan.

    Attributes:
        language: en or es.
        is_large: large print.
        signed_by, signed_on: empty while it is a draft.
        has_no_allergies: it was asked, and none is known.
        is_always_open: the practice answers around the clock.
        untranslated: entries that stand in English in a Spanish plan.
    """

    language: str
    is_large: bool
    patient: str
    born_on: date | None
    practice: str
    phone: str
    program: str
    version: int
    made_on: date
    signed_by: str = ""
    signed_on: date | None = None
    review_on: date | None = None
    problems: tuple[PlanProblem, ...] = ()
    goals: tuple[PlanGoal, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    medications: tuple[PlanMedication, ...] = ()
    allergies: tuple[tuple[str, str], ...] = ()
    texts: tuple[PlanText, ...] = ()
    has_no_allergies: bool = False
    is_always_open: bool = False
    untranslated: int = 0
