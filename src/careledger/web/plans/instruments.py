"""Questionnaires and their scores, which the server makes and nobody types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from careledger.web.plans.starters import Words, data_of


@dataclass(frozen=True, slots=True)
class Option:
    """An answer that may be chosen, with its points."""

    points: int
    words: Words


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores from its least score up to the next band's."""

    since: int
    id: str
    says: str
    tone: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire.

    Attributes:
        measure: the measure of a goal that its score is a reading of; None for none.
        alarm: the question whose answer may need a person at once, and what to do then.
    """

    id: str
    name: str
    says: str
    source: str
    intro: Words
    options: tuple[Option, ...]
    questions: Mapping[str, Words]
    bands: tuple[Band, ...]
    measure: str | None
    alarm: tuple[str, str] | None

    @property
    def highest(self) -> int:
        """The highest score there is."""
        return len(self.questions) * max(option.points for option in self.options)

    def score(self, answers: Mapping[str, int]) -> int:
        """The sum of the points; KeyError or IndexError unless every question has one of the options."""
        return sum(self.options[_place(answers[question])].points for question in self.questions)

    def band(self, score: int) -> Band:
        """The band a score falls in."""
        return max((band for band in self.bands if band.since <= score), key=lambda band: band.since)

    def is_alarming(self, answers: Mapping[str, int]) -> bool:
        """Was the question that must not wait answered with anything above nothing?"""
        return self.alarm is not None and self.options[answers[self.alarm[0]]].points > 0


@cache
def instruments() -> Mapping[str, Instrument]:
    """Every questionnaire, by id."""
    return {id_: _instrument(id_, one) for id_, one in data_of("assessments")["assessments"].items()}


def _place(answer: int) -> int:
    if answer < 0:
        raise IndexError(answer)
    return answer


def _instrument(id_: str, one: Mapping[str, Any]) -> Instrument:
    alarm = one.get("alarm")
    return Instrument(
        id=id_,
        name=one["name"],
        says=one["says"],
        source=one["source"],
        intro=Words(one["intro"]["en"], one["intro"]["es"]),
        options=tuple(Option(option["points"], Words(option["en"], option["es"])) for option in one["options"]),
        questions={key: Words(text["en"], text["es"]) for key, text in one["questions"].items()},
        bands=tuple(Band(band["from"], band["id"], band["says"], band["tone"]) for band in one["bands"]),
        measure=one.get("measure"),
        alarm=(alarm["question"], alarm["says"]) if alarm else None,
    )
