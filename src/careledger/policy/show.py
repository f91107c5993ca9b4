"""``policy show``: what governs a code on a day, with citation, dates and doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from careledger.policy.model import CodeFacts, Conflict, PolicyValue, Source
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTopic:
    """A topic with the values in force, declared absences included."""

    id: str
    says: str
    values: tuple[PolicyValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPair:
    """A row of the pair table that names the code: what it meets, and the answer for each relation."""

    row: Conflict
    others: tuple[str, ...]
    answers: tuple[tuple[str, PolicyValue], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything that governs a code on a day under a payer."""

    code: CodeFacts
    day: date
    payer: str
    version: str
    topics: tuple[ShownTopic, ...]
    pairs: tuple[ShownPair, ...]
    sources: tuple[Source, ...]


def show(policy: Policy, code: str, day: date, payer: str = "medicare_ffs", *, overlays: tuple[str, ...] = ()) -> Shown:
    """Every value that governs a code on a day under a payer; PolicyError when no file knows code, payer or overlay."""
    view = policy.on(day, payer, overlays=overlays)
    facts = view.code(code)
    topics = tuple(_topics(view, facts))
    pairs = tuple(_pairs(view, code))
    values = [value for topic in topics for value in topic.values]
    values += [value for pair in pairs for _, value in pair.answers]
    cited = dict.fromkeys(id_ for value in values for id_ in value.cite)
    return Shown(
        code=facts,
        day=day,
        payer=payer,
        version=policy.version,
        topics=topics,
        pairs=pairs,
        sources=tuple(policy.source(id_) for id_ in cited),
    )


def _topics(view: PolicyView, code: CodeFacts) -> Iterator[ShownTopic]:
    status = view.all_of(f"codes.{code.code}.")
    if status:
        yield ShownTopic(id=f"codes.{code.code}", says="How Medicare treats the code.", values=status)
    for topic in view.policy.topics.values():
        if code.code in topic.governs:
            values = view.all_of(f"{topic.id}.")
            own = tuple(value for value in values if value.id == f"{topic.id}.{code.code}")  # a table by code
            yield ShownTopic(id=topic.id, says=topic.says, values=own or values)
    if code.program is not None and code.who != "none":
        values = view.all_of(f"activities.{code.program}_")
        if values:
            yield ShownTopic(id="activities", says="Work that counts and work that never does.", values=values)


def _pairs(view: PolicyView, code: str) -> Iterator[ShownPair]:
    for row in view.policy.conflicts_of(code):
        others = sorted((row.b if code in row.a else frozenset()) | (row.a if code in row.b else frozenset()))
        found = ((relation, view.find(f"conflicts.{row.id}.{relation}")) for relation in row.relations)
        yield ShownPair(
            row=row, others=tuple(others), answers=tuple((name, value) for name, value in found if value is not None)
        )
