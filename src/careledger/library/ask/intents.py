"""Questions that are often asked: which of them a question is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from careledger.core.errors import PolicyError
from careledger.library.article import Citation, Claim, read_claim
from careledger.library.ask.lexicon import DATA
from careledger.library.ask.model import Verdict
from careledger.library.ask.question import Question
from careledger.library.fill import filled, value_of
from careledger.policy.model import PolicyValue
from careledger.policy.strict_yaml import load_path
from careledger.policy.view import PolicyView


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A question with its answer; see intents.yaml for what the fields mean.

    Attributes:
        program: the one service it is about; None when it is not about one.
        expects: what policy must say on the day.
        weight: how particular it is; what asks for more is taken first.
        engine: let the engine give the verdict where a case can be made of the question.
        first: before the engine and the pair table.
        fallback: a general answer, which is no yes or no to what was not recognised.
    """

    id: str
    all: tuple[str, ...]
    none: tuple[str, ...]
    verdict: Verdict | None
    article: str
    reason: str
    says: tuple[Claim, ...]
    chips: tuple[str, ...]
    codes: tuple[str, ...]
    premise: bool
    engine: bool
    first: bool
    fallback: bool
    program: str | None
    expects: tuple[Citation, ...]
    weight: float

    @property
    def knows_payer(self) -> bool:
        """Does its answer already speak of the payer, or of no payer's rule at all?"""
        return any("payer." in one for one in self.all) or self.article.startswith(
            ("payer-", "director", "contract", "overpayment")
        )

    def fits(self, question: Question) -> bool:
        """Was everything said that it asks for, and nothing that it rules out?"""
        if self.program is not None and question.programs and self.program not in question.programs:
            return False
        return all(question.has(one) for one in self.all) and not any(question.has(one) for one in self.none)

    def holds(self, view: PolicyView) -> bool:
        """Does policy on the day say what the answer expects of it, and can its words be filled?"""
        try:
            for text in (self.reason, *(claim.text for claim in self.says)):
                filled(text, view)
        except PolicyError:
            return False
        cited = [citation for claim in self.says for citation in claim.citations]
        return all(_as_expected(citation, view) for citation in (*cited, *self.expects))


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """Every intent of the package, the most particular first."""
    rows = [row for path in sorted(DATA.glob("intents*.yaml")) for row in load_path(path).data["intents"]]
    return tuple(sorted((_intent(row) for row in rows), key=lambda intent: -intent.weight))


def fitting(question: Question, view: PolicyView) -> Iterator[Intent]:
    """Intents that a question is and that hold on the view's day, the most particular first."""
    yield from (intent for intent in intents() if intent.fits(question) and intent.holds(view))


def _intent(row: dict[str, Any]) -> Intent:
    wanted = tuple(str(one) for one in row["all"])
    return Intent(
        id=str(row["id"]), all=wanted, none=tuple(row.get("none", ())), verdict=row.get("verdict"),
        article=str(row["article"]), reason=str(row.get("reason", "")),
        says=tuple(read_claim(str(text), 0) for text in row.get("says", ())),
        chips=tuple(row.get("chips", ())), codes=tuple(str(code) for code in row.get("codes", ())),
        premise=bool(row.get("premise", False)), engine=bool(row.get("engine", False)),
        first=bool(row.get("first", False)), fallback=bool(row.get("fallback", False)), program=row.get("program"),
        expects=read_claim(f"x [{'; '.join(row['expects'])}]", 0).citations if row.get("expects") else (), weight=_weight(wanted) + float(row.get("weight", 0)),
    )  # fmt: skip


def _weight(wanted: tuple[str, ...]) -> float:
    """Topics, people and places tell more than the name of a program, which every question has."""
    return sum(0.5 if one.startswith(("fam.", "payer.medicare")) else 1.0 for one in wanted)


def _as_expected(citation: Citation, view: PolicyView) -> bool:
    value = value_of(view, citation.id)
    return citation.says is None or (value is not None and plain(value) == citation.says.lower())


def plain(value: PolicyValue) -> str:
    """A value as citations write it."""
    if value.absent:
        return "absent"
    return "|".join(value.value) if isinstance(value.value, tuple) else str(value.value).lower()
