"""Months as columns of numbers: equal numbers for equal facts only, and a column for every fact that a rule reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.batch import columns
from careledger.batch.columns import Column, grouped, numbered
from careledger.batch.signature import MONTH_PARTS
from careledger.engine.cuts import READ

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans()), max_size=40)


def _columns(rows: list[tuple[int, int, bool]]) -> list[Column]:
    return [
        Column(np.array([int(row[place]) for row in rows], np.int64), count) for place, count in enumerate((4, 5, 2))
    ]


@given(ROWS)
def test_rows_share_a_group_exactly_when_they_are_equal(rows: list[tuple[int, int, bool]]) -> None:
    groups = grouped(_columns(rows), len(rows))
    numbers = groups.column.numbers.tolist()
    assert groups.column.count == len(set(rows))
    assert all((numbers[a] == numbers[b]) == (rows[a] == rows[b]) for a in range(len(rows)) for b in range(a))
    assert [rows.index(rows[first]) for first in groups.firsts.tolist()] == groups.firsts.tolist()
    assert [set(found.tolist()) for found in groups.rows()] == [
        {place for place, number in enumerate(numbers) if number == group} for group in range(groups.column.count)
    ] or not rows


@given(ROWS)
def test_wide_combinations_are_renumbered_and_not_mixed_up(rows: list[tuple[int, int, bool]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "WIDE", 8)
        assert grouped(_columns(rows), len(rows)).column.count == len(set(rows))


def test_values_are_numbered_as_they_are_met() -> None:
    numbers, count = numbered(["b", "a", None, "b"])
    assert (numbers.tolist(), count) == ([0, 1, 2, 0], 3)


@pytest.mark.parametrize("fact", sorted(READ))
def test_every_fact_that_a_rule_reads_has_its_columns(fact: str) -> None:
    sources = columns._sources(fact)
    assert set(sources) <= set(MONTH_PARTS)
    assert sources or fact == "month_closed"
