"""What one way of deciding contributes to an answer, before it is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from careledger.library.article import Citation, Claim
from careledger.library.ask.model import AskBack, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A verdict with its reason and claims.

    Attributes:
        article: the article whose sections stand behind the answer; None when there is none.
        chips: facts shown to be chosen from, with the chosen value and whether the asker said it.
        also: articles on what else the question may have meant.
    """

    verdict: Verdict
    reason: str
    claims: tuple[Claim, ...] = ()
    corrections: tuple[Claim, ...] = ()
    article: str | None = None
    codes: tuple[tuple[str, int], ...] = ()
    assumptions: tuple[str, ...] = ()
    chips: tuple[tuple[str, str, bool], ...] = ()
    asks_back: AskBack | None = None
    case: dict[str, Any] | None = None
    intent: str | None = None
    also: tuple[str, ...] = ()


def cited(text: str, *ids: str) -> Claim:
    """A claim of the program's own wording with the values or sources it rests on."""
    return Claim(text, tuple(Citation(id_) for id_ in ids), 0)
