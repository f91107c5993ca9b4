"""Words of a case that no rule reads: a misspelt statement of consent counts as not said, and the reader is told."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from careledger.core.decision import Finding
from careledger.policy.view import PolicyView

_LISTS = (
    ("consents", "covers", "statement of consent", ("consent.required_statements",)),
    ("care_plans", "elements", "part of a care plan", ("care_plan.elements", "care_plan.optional_elements")),
)


def unknown_words(records: Mapping[str, list[Any]], view: PolicyView) -> Iterator[Finding]:
    """A note for each listed word that policy has for no program, with the nearest one that it has."""
    for table, column, kind, values in _LISTS:
        known = _known(view, values)
        for row in records.get(table, ()):
            for word in _listed(getattr(row, column)):
                if word not in known:
                    yield _note(table, column, kind, word, known)


def _listed(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()


def _known(view: PolicyView, names: Iterable[str]) -> frozenset[str]:
    found = [
        value.value for value in map(view.peek, view.all_ids()) if value is not None and value.id.endswith(tuple(names))
    ]
    return frozenset(word for words in found if isinstance(words, tuple) for word in words) | {"all"}


def _note(table: str, column: str, kind: str, word: str, known: frozenset[str]) -> Finding:
    near = difflib.get_close_matches(word, sorted(known), 1)
    says = f"{word!r} under {table}.{column} is no {kind} that these rules know, and counts for nothing"
    step = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known - {'all'}))}"
    return Finding(rule=f"case.{table}.unknown_word", outcome="note", says=says, next_step=step)
