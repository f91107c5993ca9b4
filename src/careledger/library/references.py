"""Typed references: what kind of authority a claim rests on, where in it, and of which date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from careledger.library.article import Claim
from careledger.library.fill import value_of
from careledger.library.sources import sources_of
from careledger.policy.model import Source
from careledger.policy.view import PolicyView

Kind = Literal[
    "statute", "regulation", "federal_register", "cms_manual", "mln", "contractor", "ncci", "fee_file", "research",
    "payer_policy", "trade",
]  # fmt: skip
KIND_WORDS: dict[str, str] = {
    "statute": "statute",
    "regulation": "regulation",
    "federal_register": "Federal Register",
    "cms_manual": "CMS manual",
    "mln": "MLN",
    "contractor": "contractor",
    "ncci": "NCCI",
    "fee_file": "fee file",
    "research": "research",
    "payer_policy": "payer policy",
    "trade": "trade",
}
"""Kinds in order of weight, as readers see them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A source behind a claim. ``date`` is the day of publication, or the day it was read where none is known."""

    id: str
    kind: Kind
    title: str
    issuer: str
    locator: str
    date: str
    url: str | None
    note: str | None

    def line(self) -> str:
        """As it stands beneath an answer."""
        note = f" ({self.note})" if self.note else ""
        return f"{KIND_WORDS[self.kind]}: {self.title}, {self.issuer}, {self.locator}, {self.date}{note}"


def reference(source: Source) -> Reference:
    """A source of policy as a typed reference; trade press is named as such."""
    kind = "trade" if source.kind == "industry" else source.kind
    day = source.published or (f"read {source.checked}" if source.checked else "undated")
    return Reference(
        source.id, cast(Kind, kind), source.title, source.issuer, source.locator, day, source.url, source.note
    )


def references_of(claim: Claim, view: PolicyView) -> tuple[Reference, ...]:
    """The sources behind a claim, strongest first: those it names and those of the values it names."""
    sources = sources_of(view.policy)
    ids: dict[str, None] = {}
    for citation in claim.citations:
        if citation.id in sources:
            ids[citation.id] = None
        elif (value := value_of(view, citation.id)) is not None:
            ids.update(dict.fromkeys(value.cite))
    order = list(KIND_WORDS)
    return tuple(
        sorted((reference(sources[id_]) for id_ in ids if id_ in sources), key=lambda ref: order.index(ref.kind))
    )
