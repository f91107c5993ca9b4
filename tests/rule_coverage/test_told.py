"""What no vignette reads: each value told to the reader is shown, each read elsewhere is named there, each for a reason."""

from __future__ import annotations

import importlib
import inspect
from datetime import timedelta
from functools import cache

import pytest
from tests.rule_coverage.listed import Listed, elsewhere, matches, told

from careledger.policy import Policy, load_policy
from careledger.policy.model import BASE, BEGIN
from careledger.policy.render import shown_text
from careledger.policy.show import show

POLICY = load_policy()
IDS = tuple(dict.fromkeys(id_ for layer in POLICY.layers() for id_ in POLICY.ids(layer)))
ROWS = (*told(), *elsewhere())


def topic_of(id_: str) -> str:
    """The longest topic that an id lies under."""
    return max((topic for topic in POLICY.topics if id_.startswith(f"{topic}.")), key=len, default="")


@cache
def page(policy: Policy, code: str, day: object) -> tuple[frozenset[str], str]:
    """Ids that ``policy show`` lists for a code on a day, and its text."""
    found = show(policy, code, day)  # type: ignore[arg-type]
    return frozenset(value.id for topic in found.topics for value in topic.values), shown_text(found, 100)


@pytest.mark.parametrize("row", told(), ids=lambda row: row.why[:40])
def test_a_value_told_to_the_reader_is_shown_by_policy_show_on_each_of_its_days(row: Listed) -> None:
    for id_ in row.of(IDS):
        codes = POLICY.topics[topic_of(id_)].governs
        assert codes, f"{id_}: its topic governs no code, so no reader of a code is told"
        own = id_.rpartition(".")[2]
        code = own if own in codes else codes[0]
        for value in POLICY.timeline(id_):
            day = max(value.since, BEGIN) + timedelta(days=1)
            ids, text = page(POLICY, code, day)
            assert id_ in ids, (id_, day)
            assert f"  {id_.rpartition('.')[2]} " in text, (id_, day)


@pytest.mark.parametrize("row", elsewhere(), ids=lambda row: row.why)
def test_a_value_read_elsewhere_is_named_by_the_module_that_reads_it(row: Listed) -> None:
    source = inspect.getsource(importlib.import_module(row.why))
    for pattern in row.patterns:
        named = pattern.removesuffix("*")
        assert named in source or named.rpartition(".")[0] in source, (row.why, pattern)


def test_a_value_of_one_layer_is_shown_under_that_layer() -> None:
    for pattern in (pattern for row in told() for pattern in row.patterns if " " in pattern):
        layer, _, id_ = pattern.partition(" ")
        code = POLICY.topics[topic_of(id_)].governs[0]
        (value, *_) = reversed(POLICY.timeline(id_, layer))
        found = show(POLICY, code, value.since, overlays=() if layer == BASE else (layer,))
        assert value in {value for topic in found.topics for value in topic.values}, pattern


def test_every_line_of_the_lists_means_a_value_and_gives_its_reason() -> None:
    for row in ROWS:
        assert len(row.why) > 15
        for pattern in row.patterns:
            name = pattern.rpartition(" ")[2]
            assert any(matches(name, id_) for id_ in IDS), f"{pattern} names no value"


def test_no_value_is_listed_twice() -> None:
    patterns = [pattern for row in ROWS for pattern in row.patterns]
    assert len(set(patterns)) == len(patterns)
    here = {id_ for row in told() for id_ in row.of(IDS)}
    assert not here & {id_ for row in elsewhere() for id_ in row.of(IDS)}
