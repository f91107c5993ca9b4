"""What several checks ask of a claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from datetime import date
from typing import Any, TypeVar

from careledger.claims.codesets import codeset
from careledger.claims.model import Address, Claim, Party
from careledger.policy import CodeFacts, PolicyView

Answer = TypeVar("Answer")
_PO_BOX = re.compile(r"\b(P ?\.? ?O ?\.? *(BOX|B )|POST OFFICE BOX|LOCK ?BOX)", re.IGNORECASE)


def parties(claim: Claim) -> Iterator[tuple[str, Party]]:
    """Everybody named on a claim beside the billing and rendering provider, with their place in it."""
    for field in ("referring", "supervising", "facility"):
        party = getattr(claim, field)
        if party is not None:
            yield field, party
    for at, line in enumerate(claim.lines):
        if line.rendering is not None:
            yield f"lines[{at}].rendering", line.rendering


def people(claim: Claim) -> Iterator[tuple[str, Party]]:
    """Every provider on a claim."""
    yield "billing", claim.billing
    if claim.rendering is not None:
        yield "rendering", claim.rendering
    yield from parties(claim)


def zip_problem(address: Address) -> str | None:
    """What is wrong with a ZIP code of a United States address, or None."""
    if address.country not in ("", "US", "USA") or address.state not in codeset("states"):
        return None
    if address.state in codeset("provinces") or not address.zip:
        return None
    if not (address.zip.isascii() and address.zip.isdigit()) or len(address.zip) not in (5, 9):
        return "the ZIP code has neither five nor nine digits"
    return None


def po_box(street: str) -> bool:
    """Is a street line a post office box?"""
    return _PO_BOX.search(street) is not None


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, 28)


_KEPT: dict[tuple[object, ...], Any] = {}
"""Answers of policy that thousands of claims of one day ask for again."""


def _kept(view: PolicyView, *what: object, make: Callable[[], Answer]) -> Answer:
    key = (view.policy.version, view.day, view.payer, *what)
    if key not in _KEPT:
        if len(_KEPT) > 50_000:
            _KEPT.clear()
        _KEPT[key] = make()
    found: Answer = _KEPT[key]
    return found


def code_facts(view: PolicyView, code: str, known: Set[str]) -> CodeFacts | None:
    """What policy holds on a code, or None when it does not know it."""
    return _kept(view, "code", code, make=lambda: view.code(code)) if code in known else None


def add_on_limits(view: PolicyView, topics: tuple[str, ...]) -> dict[str, int]:
    """Add-on codes of some topics and how many units of each a month may have."""
    return _kept(view, "add-ons", topics, make=lambda: dict(_limits(view, topics)))


def _limits(view: PolicyView, topics: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for topic in topics:
        code, limit = view.find(f"{topic}.add_on_code"), view.find(f"{topic}.add_on_limit")
        if code is not None and limit is not None:
            yield str(code.value), int(str(limit.value))


def never_in_a_month(view: PolicyView, one: str, other: str, who: str) -> bool:
    """Does policy bar two codes in one month, billed by people so related?"""
    return _kept(
        view, "month", one, other, who,
        make=lambda: any(row.per == "month" and answer.value == "no" for row, answer in view.conflicts(one, other, who)),
    )  # fmt: skip


def ncci_rule(view: PolicyView, one: str, other: str) -> str:
    """What correct coding says of two codes on one day: never, modifier (only with one that releases the pair), or nothing."""
    return _kept(
        view, "ncci", one, other,
        make=lambda: next((rule for rule in ("never", "modifier") if _listed(view, f"ncci.{rule}", one, other)), ""),
    )  # fmt: skip


def _listed(view: PolicyView, topic: str, one: str, other: str) -> bool:
    for first, second in ((one, other), (other, one)):
        found = view.find(f"{topic}.{first}")
        if found is not None and isinstance(found.value, tuple) and second in found.value:
            return True
    return False


def places_for(view: PolicyView, settings: tuple[str, ...]) -> frozenset[str]:
    """Places of service from which CCM is billed in these settings."""
    return _kept(
        view, "places", settings,
        make=lambda: frozenset(place for name in settings for place in view.words(f"ccm.place_of_service.{name}")),
    )  # fmt: skip
