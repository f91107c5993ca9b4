"""What an answer holds: the shape of the page, of the terminal's text and of ``POST /api/ask``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from careledger.library.references import Reference

Verdict = Literal["yes", "no", "depends", "not_yet", "person_decides", "explains", "unknown"]
VERDICT_WORDS: dict[str, str] = {
    "yes": "Yes",
    "no": "No",
    "depends": "It depends",
    "not_yet": "Not yet",
    "person_decides": "A person decides",
    "explains": "In short",
    "unknown": "I don't know",
}
"""The one word above an answer."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim with its number in the answer and the numbers of its references."""

    number: int
    text: str
    references: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a chip, in words."""

    value: str
    says: str


@dataclass(frozen=True, slots=True)
class Chip:
    """Something the answer depends on; choosing another option asks again with ``choices={id: value}``."""

    id: str
    says: str
    options: tuple[Option, ...]
    chosen: str | None
    stated: bool


@dataclass(frozen=True, slots=True)
class AskBack:
    """The one fact that would change the answer; ``chip`` and ``value`` ask again as if it were so."""

    question: str
    chip: str
    value: str
    verdict: Verdict
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAnswer:
    """An answer as a reader sees it.

    Attributes:
        question: the question as it may be shown; None when it named a person, so that no name is echoed.
        understood: what was recognised, in words.
        mended: words that were read as others.
        corrections: wrong premises of the question, set right.
        claims: numbered statements the verdict rests on.
        sections: the article's further sections by key: title and statements.
        codes: codes that may be billed, with units, where the engine decided a case.
        case: the case that was decided, in the case format, for the try-it box.
        for_you: what the verdict means for the reader's role; it adds no fact.
        nearest: ids and titles of articles near the question.
    """

    question: str | None
    understood: tuple[str, ...]
    mended: tuple[tuple[str, str], ...]
    verdict: Verdict
    word: str
    reason: str
    corrections: tuple[Statement, ...] = ()
    claims: tuple[Statement, ...] = ()
    sections: tuple[tuple[str, str, tuple[Statement, ...]], ...] = ()
    references: tuple[Reference, ...] = ()
    codes: tuple[tuple[str, int], ...] = ()
    assumptions: tuple[str, ...] = ()
    depends_on: tuple[Chip, ...] = ()
    asks_back: AskBack | None = None
    follow_up: tuple[tuple[str, str], ...] = ()
    nearest: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    opens: str | None = None
    for_you: str | None = None
    role: str | None = None
    article: str | None = None
    intent: str | None = None
    status: str = ""
    last_updated: str | None = None
    next_review: str | None = None
    case: dict[str, Any] | None = None
    policy_version: str = ""
    day: date = field(default=date.min)
    disclaimer: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data for JSON."""
        rows = asdict(self)
        rows["day"] = self.day.isoformat()
        rows["mended"] = [{"asked": asked, "read": read} for asked, read in self.mended]
        rows["codes"] = [{"code": code, "units": units} for code, units in self.codes]
        for key in ("follow_up", "nearest"):
            rows[key] = [{"id": id_, "title": title} for id_, title in getattr(self, key)]
        rows["sections"] = [
            {"key": key, "title": title, "statements": [asdict(line) for line in lines]}
            for key, title, lines in self.sections
        ]
        return rows
