"""What must hold for the policy files as a whole: dates, citations, kinds of value, known codes, complete lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby, pairwise

from careledger.core.codes import hcpcs_problem
from careledger.policy.model import BASE, BEGIN, STATUSES, STRICTEST_FIRST
from careledger.policy.section import Bundle, Entry, Problem
from careledger.policy.store import plain_wording

Check = Callable[[Bundle], Iterator[Problem]]


def check(bundle: Bundle) -> list[Problem]:
    """Every problem of the files together, in the order of file and line."""
    found = [problem for one in CHECKS for problem in one(bundle)]
    return sorted(found, key=lambda problem: (problem.place.file, problem.place.line or 0, problem.problem))


def _at(entry: Entry, problem: str, mend: str) -> Problem:
    return Problem(entry.place, problem, mend)


def dates(bundle: Bundle) -> Iterator[Problem]:
    """Each value ends after it starts."""
    for entry in bundle.entries:
        if entry.until is not None and entry.until < entry.since:
            yield _at(entry, "'from' lies after 'to'", "put the earlier day in 'from', and entries in order of 'from'")


def timelines(bundle: Bundle) -> Iterator[Problem]:
    """The values of a name follow each other from 2018 on: none twice, no gap, in order.

    An overlay may start and end when it likes; beneath it the base answers.
    """
    for (layer, _), group in groupby(sorted(bundle.entries, key=_name), key=_name):
        entries = list(group)
        for earlier, later in pairwise(entries):
            yield from _order(earlier, later)
        if layer == BASE:
            yield from _whole(entries)


def _name(entry: Entry) -> tuple[str, str]:
    return entry.layer, entry.id


def _order(earlier: Entry, later: Entry) -> Iterator[Problem]:
    if later.since <= earlier.since:
        yield _at(later, "starts before the value above it", "put the values in order of 'from'")
    elif earlier.until is None or earlier.until >= later.since:
        yield _at(later, "overlaps the value above it", "end the earlier one the day before this 'from'")


def _whole(entries: list[Entry]) -> Iterator[Problem]:
    """From the first service date on, something is said of every day."""
    if entries[0].since > BEGIN:
        yield _at(
            entries[0], f"nothing is said from {BEGIN} on", "add the earlier value, or 'absent: true' with a note"
        )
    for earlier, later in pairwise(entries):
        if earlier.until is not None and earlier.until + timedelta(days=1) < later.since:
            yield _at(later, "leaves a gap after the value above it", "close it, or add 'absent: true' with a note")
    if entries[-1].until is not None:
        yield _at(entries[-1], "nothing is said after the last value's 'to'", "add what follows, or 'absent: true'")


def contents(bundle: Bundle) -> Iterator[Problem]:
    """Each entry has a value of an allowed kind, or declares its absence; doubt is explained."""
    for entry in bundle.entries:
        if entry.absent:
            yield from _absence(entry)
        elif any(_is_bare_code(item) for item in _items(entry.value)):
            yield _at(entry, "a code without quotes", 'put codes in quotes: "99490"')
        elif not _is_value(entry.value):
            yield _at(entry, "not a value", "write a number, text, true, false, or a list of text")
        if (entry.disputed or not entry.confirmed) and not entry.note:
            yield _at(entry, "in doubt without a note", "say in 'note' what is not known, or give both readings")


def _absence(entry: Entry) -> Iterator[Problem]:
    if entry.value is not None or not entry.note:
        yield _at(entry, "an absence needs a note and no value", "say in 'note' why there is none")


def _is_bare_code(item: object) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and hcpcs_problem(str(item)) is None


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | int | float | bool)


def same_kind(bundle: Bundle) -> Iterator[Problem]:
    """A value keeps its kind through time and overlays, so that rules can rely on it."""
    kinds: dict[str, type] = {}
    for entry in bundle.entries:
        if not entry.absent and kinds.setdefault(entry.id, type(entry.value)) is not type(entry.value):
            yield _at(entry, "another kind of value than elsewhere under this name", "keep one kind")


def citations(bundle: Bundle) -> Iterator[Problem]:
    """Every value names its sources, and every source is known and used."""
    used: set[str] = set()
    for entry in bundle.entries:
        used.update(entry.cite)
        if not entry.cite and entry.confirmed:
            yield _at(entry, "no source is cited", "add 'cite', or 'confirmed: false' with a note")
        for id_ in entry.cite:
            if id_ not in bundle.sources:
                yield _at(entry, f"the source {id_} is not in sources.yaml", "add it there, or correct the id")
    for id_ in bundle.sources.keys() - used:
        yield Problem(bundle.source_places[id_], "no value cites this source", "remove it")


def codes(bundle: Bundle) -> Iterator[Problem]:
    """Every code named anywhere stands in codes.yaml."""
    for code, place in bundle.named_codes:
        if code not in bundle.codes:
            yield Problem(place, f"the code {code} is not in codes.yaml", "add it there, or correct it")
    for entry in bundle.entries:
        for word in _words(entry):
            if _looks_like_code(word) and word not in bundle.codes:
                yield _at(entry, f"the code {word} is not in codes.yaml", "add it there, or correct it")


def _words(entry: Entry) -> list[str]:
    return [item for item in _items(entry.value) if isinstance(item, str)]


def _looks_like_code(word: str) -> bool:
    return hcpcs_problem(word) is None and any(letter.isdigit() for letter in word[1:4])


def statuses(bundle: Bundle) -> Iterator[Problem]:
    """A code's status is a letter of the Medicare fee files."""
    for entry in bundle.entries:
        if entry.id.startswith("codes.") and not entry.absent and entry.value not in STATUSES:
            yield _at(entry, "not a Medicare status", f"allowed are {', '.join(STATUSES)}")


def answers(bundle: Bundle) -> Iterator[Problem]:
    """The pair table answers in its own few words."""
    for entry in bundle.entries:
        if entry.id.startswith("conflicts.") and not entry.absent and entry.value not in STRICTEST_FIRST:
            yield _at(entry, "not an answer", f"allowed are {', '.join(STRICTEST_FIRST)}")


def payers(bundle: Bundle) -> Iterator[Problem]:
    """A payer's overlay lies over a known one, and every overlay overrides values that the base has."""
    base = {entry.id for entry in bundle.entries if entry.layer == BASE}
    for entry in bundle.entries:
        if entry.layer != BASE and entry.id not in base:
            yield _at(entry, "the base has no value of this name", "add it to the topic's file, or correct the name")
        if entry.layer in bundle.payers and bundle.payers[entry.layer]["kind"] not in bundle.payers:
            yield _at(entry, "the overlay's kind is no payer", f"allowed are {', '.join(sorted(bundle.payers))}")


def activities(bundle: Bundle) -> Iterator[Problem]:
    """For each program with lists, every activity either counts or never does, on every day; no wording means two."""
    spans = [entry for entry in bundle.entries if entry.id.startswith("activities.") and isinstance(entry.value, list)]
    for entry in spans:
        for word in set(entry.value) - bundle.activities.keys():
            yield _at(entry, f"the activity {word} is not described above", "describe it, or correct it")
        if entry.id.endswith("_counts"):
            yield from _complete(entry, spans, bundle)
    yield from _wordings(bundle)


def _complete(counts: Entry, spans: list[Entry], bundle: Bundle) -> Iterator[Problem]:
    never_id = counts.id.removesuffix("_counts") + "_never"
    never = [entry for entry in spans if entry.id == never_id and entry.since <= counts.since]
    refused = set(never[-1].value) if never else set()
    for word in sorted(bundle.activities.keys() - refused - set(counts.value)):
        yield _at(counts, f"the activity {word} neither counts nor never counts", f"add it here or to {never_id}")
    for word in sorted(refused & set(counts.value)):
        yield _at(counts, f"the activity {word} counts and never counts", "keep one")


def _wordings(bundle: Bundle) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for id_, row in bundle.activities.items():
        for wording in (id_, *row["also"]):
            if owner.setdefault(plain_wording(wording), id_) != id_:
                mend = "keep it with one of them"
                yield Problem(
                    bundle.activity_places[id_], f"the wording '{wording}' already means another activity", mend
                )


CHECKS: tuple[Check, ...] = (
    dates, timelines, contents, same_kind, citations, codes, statuses, answers, payers, activities,
)  # fmt: skip
