"""Aims with their measure, target, points over time, and cycles of plan, do, study, act; read from one YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from careledger.core.errors import InputError, Place
from careledger.policy.strict_yaml import load_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One plan-do-study-act cycle; what has not happened yet is empty."""

    cycle_id: str
    since: date
    plan: str
    do: str = ""
    study: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is to become better, by how much, by when.

    Attributes:
        better: up or down.
        baseline_points: how many of the first points are the baseline, whose median is the centre.
        points: (period, value) in order of time.
    """

    aim_id: str
    says: str
    measure: str
    target: float
    by: date
    owner: str
    unit: str = ""
    better: str = "up"
    baseline_points: int | None = None
    points: tuple[tuple[str, float], ...] = ()
    cycles: tuple[Cycle, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool | None:
        """Has the last point reached the target? None without points."""
        if not self.points:
            return None
        last = self.points[-1][1]
        return last >= self.target if self.better == "up" else last <= self.target


def read_aims(file: Path) -> tuple[str, list[Aim]]:
    """The practice's name and its aims.

    Raises:
        InputError: the file is no list of aims; says which aim and key.
    """
    told = load_path(file).data
    if not isinstance(told, dict) or not isinstance(told.get("aims"), list):
        raise InputError(Place(file.name), "there are no aims", "give 'practice' and a list 'aims'")
    return str(told.get("practice", "")), [_aim(file, number, one) for number, one in enumerate(told["aims"], 1)]


def _aim(file: Path, number: int, told: Any) -> Aim:
    try:
        points = tuple((str(one["period"]), float(one["value"])) for one in told.get("points", ()))
        cycles = tuple(Cycle(**one) for one in told.get("cycles", ()))
        rest = {key: value for key, value in told.items() if key not in ("points", "cycles", "notes", "target")}
        aim = Aim(
            **rest, target=float(told["target"]), points=points, cycles=cycles, notes=tuple(told.get("notes", ()))
        )
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        what = str(error).rpartition("__init__() ")[2]
        raise InputError(
            Place(file.name, field=f"aims[{number}]"),
            f"the aim cannot be read ({what})",
            "give aim_id, says, measure, target, by, owner; further unit, better, baseline_points, points, cycles, notes",
        ) from None
    if aim.better not in ("up", "down"):
        raise InputError(Place(file.name, field=f"aims[{number}].better"), "neither up nor down", "use up or down")
    periods = [period for period, _ in points]
    if periods != sorted(set(periods)):
        raise InputError(
            Place(file.name, field=f"aims[{number}].points"), "periods are not in order, or stand twice", "order them"
        )
    return aim
