"""Claims and references numbered through one answer, each reference once."""

from __future__ import annotations

from collections.abc import Iterable

from careledger.library.article import Citation, Claim
from careledger.library.ask.model import Statement
from careledger.library.fill import filled
from careledger.library.references import Reference, references_of
from careledger.policy.view import PolicyView

UNCITED = "careledger-rules"


class Numbering:
    """Gives claims their numbers in the order in which they are asked for."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self.references: list[Reference] = []
        self._claims = 0
        self._said: set[str] = set()

    def claim(self, claim: Claim) -> Statement:
        """A claim, filled from policy on the view's day."""
        return self.said(filled(claim.text, self.view), references_of(claim, self.view))

    def finding(self, text: str, sources: Iterable[str], uses: Iterable[str] = ()) -> Statement:
        """A finding of the engine with the sources it cites, or those of the values it read."""
        ids = tuple(sources) or tuple(uses)
        return self.said(text, references_of(Claim(text, tuple(Citation(id_) for id_ in ids), 0), self.view))

    def said(self, text: str, references: Iterable[Reference]) -> Statement:
        """A statement with numbered references."""
        self._claims += 1
        self._said.add(text)
        sentence = text[:1].upper() + text[1:]
        sentence = sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
        return Statement(self._claims, sentence, tuple(sorted({self._number(reference) for reference in references})))

    def is_new(self, claim: Claim) -> bool:
        """Has the claim not been said yet?"""
        return filled(claim.text, self.view) not in self._said

    def _number(self, reference: Reference) -> int:
        if reference not in self.references:
            self.references.append(reference)
        return self.references.index(reference) + 1
