"""The distinct months of a close as columns of small numbers: equal numbers stand for equal facts.

What depends on a few facts only, as a passage of rules does, is looked up once for each combination of them that occurs,
on the first month that has it, and spread over all others by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from careledger.batch.signature import MONTH_PARTS, KeyedMonths
from careledger.core.patient_month import PatientMonth
from careledger.core.records import AGENCY_KINDS, PROGRAMS
from careledger.engine.facts_read import reader
from careledger.facts.rows import PRIMARY_CARE_COLUMNS, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

WIDE = 1 << 62
"""Combinations are renumbered before their count passes this."""

HELD = 20_000
"""Months kept as records; others are made anew when they are asked for again."""

_FIELDS = {f"primary_care.{field}": column for column, field in PRIMARY_CARE_COLUMNS.items()}
_SOURCES: dict[str, tuple[str, ...]] = {
    "month_closed": (),
    "whole_month_in_facility": ("is_whole_month_away",),
    "primary_care": tuple(PRIMARY_CARE_COLUMNS),
    **dict.fromkeys(AGENCY_KINDS, ("agencies",)),
    **{fact: (column,) for fact, column in _FIELDS.items()},
}
"""Columns that hold a fact of another name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A number for each row; all lie below ``count``."""

    numbers: Numbers
    count: int

    def of(self, rows: Numbers) -> Column:
        """Some of the rows."""
        return Column(self.numbers[rows], self.count)


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows with equal numbers: the number of each row's group, and the first row of each group."""

    column: Column
    firsts: Numbers

    def rows(self) -> list[Numbers]:
        """The rows of each group, in their order."""
        order = np.argsort(self.column.numbers, kind="stable")
        ends = np.cumsum(np.bincount(self.column.numbers, minlength=self.column.count))
        return np.split(order, ends[:-1])


def grouped(columns: Sequence[Column], rows: int) -> Groups:
    """Rows that have equal numbers in every column.

    Args:
        rows: how many rows there are; without columns they make one group.
    """
    made = Column(np.zeros(rows, np.int64), 1)
    for column in columns:
        if made.count * column.count >= WIDE:
            made = _renumbered(made)
        made = Column(made.numbers * column.count + column.numbers, made.count * column.count)
    dense = _renumbered(made)
    firsts = np.zeros(dense.count, np.int64)
    firsts[dense.numbers[::-1]] = np.arange(rows)[::-1]
    return Groups(dense, firsts)


def _renumbered(column: Column) -> Column:
    """The same with numbers that all occur."""
    encoded = pa.array(column.numbers).dictionary_encode()
    return Column(encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary))


def numbered(values: Iterable[Hashable]) -> tuple[Numbers, int]:
    """Values as numbers in the order in which they are met, and how many different ones there are."""
    known: dict[Hashable, int] = {}
    numbers = np.array([known.setdefault(value, len(known)) for value in values], np.int64)
    return numbers, len(known)


class MonthColumns:
    """Every distinct month of a close, a row each, in the order of their keys; the first key is 1."""

    def __init__(self, keyed: KeyedMonths) -> None:
        self._keyed = keyed
        table = keyed.table()
        self.count = table.num_rows
        self._columns: dict[str, Column] = {}
        self._values: dict[str, list[Any]] = {}
        for name in MONTH_PARTS:
            encoded = table.column(name).combine_chunks().dictionary_encode(null_encoding="encode")
            self._columns[name] = Column(encoded.indices.to_numpy().astype(np.int64), max(1, len(encoded.dictionary)))
            self._values[name] = encoded.dictionary.to_pylist()
        self._facts: dict[str, Column] = {}
        self._months: dict[int, PatientMonth] = {}

    def month(self, row: int) -> PatientMonth:
        """A row as a record."""
        found = self._months.get(row)
        if found is None:
            if len(self._months) >= HELD:
                self._months.clear()
            found = self._months[row] = self._keyed.record(self._row(row))
        return found

    def asked(self, row: int) -> tuple[str, ...]:
        """The codes asked of a row."""
        return words(self._values["asked"][self._columns["asked"].numbers[row]])

    def fact(self, name: str) -> Column:
        """A fact that rules read, by name."""
        if name not in self._facts:
            read = reader(name)
            self._facts[name] = self.told(_sources(name), lambda row: read(self.month(row)))
        return self._facts[name]

    def told(self, sources: Sequence[str | Column], tell: Callable[[int], Hashable]) -> Column:
        """What can be told of a row from some columns alone; asked of one row for each combination of theirs."""
        columns = [self._columns[source] if isinstance(source, str) else source for source in sources]
        groups = grouped(columns, self.count)
        numbers, count = numbered(tell(row) for row in groups.firsts.tolist())
        return Column(numbers[groups.column.numbers], max(1, count))

    def _row(self, row: int) -> tuple[Any, ...]:
        return tuple([self._values[name][self._columns[name].numbers[row]] for name in MONTH_PARTS])


def _sources(fact: str) -> tuple[str, ...]:
    """The columns that a fact comes from."""
    place = fact.partition(".")[0]
    if fact in _SOURCES:
        return _SOURCES[fact]
    if place in PROGRAMS:
        return ("programs",)
    return ("agencies",) if place in AGENCY_KINDS else (place,)
