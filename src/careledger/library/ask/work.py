"""What was done in an amount of time, where the question names it beside the amount."""

from __future__ import annotations

import re

from careledger.library.ask.lexicon import tokens
from careledger.library.ask.question import Amount, Question
from careledger.policy.view import PolicyView

_END = re.compile(r"[.?!;]|,? (?:and|plus|then) (?=\w+ (?:\w+ )?(?:\d|spent|did))")
_LEAST_LETTERS = 4
_AMBIGUOUS = frozenset(
    ["billing", "claims", "coding", "training", "supervision", "consent", "admin", "administrative", "education", "care plan",
     "care planning", "plan of care", "medical director", "program oversight", "conference", "enrollment", "enrolment", "call",
     "phone call", "check in call", "monthly call", "coordinate care", "care coordination", "documentation", "screening"]
)  # fmt: skip
"""Wordings that as often name the question or the program as the work of those minutes."""


def work_named(question: Question, amount: Amount, view: PolicyView) -> str | None:
    """The activity that the words after an amount, up to the next one, name; None where they name none for sure."""
    text = _words_of(question, amount)
    best, found = "", None
    for wording, activity in view.policy.wordings().items():
        plain = " ".join(token.word for token in tokens(wording))
        known = len(plain) >= _LEAST_LETTERS and plain not in _AMBIGUOUS_WORDS
        if known and len(plain) > len(best) and f" {plain} " in text:
            best, found = plain, activity
    return found or _mentioned(question, amount)


def _mentioned(question: Question, amount: Amount) -> str | None:
    first, last = _span(question, amount)
    said = (row.concept for row in question.mentions if row.concept.startswith("act.") and first <= row.start < last)
    return next((concept.removeprefix("act.") for concept in said), None)


def _words_of(question: Question, amount: Amount) -> str:
    first, last = _span(question, amount)
    return f" {' '.join(token.word for token in tokens(question.text[first:last]))} "


def _span(question: Question, amount: Amount) -> tuple[int, int]:
    """From the amount to the next one, or to where the sentence or a new clause with minutes begins."""
    following = [other.start for other in question.amounts if other.start >= amount.end]
    last = min(following, default=len(question.text))
    end = _END.search(question.text, amount.end, last)
    return amount.end, end.start() if end else last


_AMBIGUOUS_WORDS = frozenset(" ".join(token.word for token in tokens(one)) for one in _AMBIGUOUS)
