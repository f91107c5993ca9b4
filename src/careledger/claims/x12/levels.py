"""The tree of levels in a transaction: numbers without a gap, the right parent, children where they are announced."""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.x12.grammar.table import SegmentRule
from careledger.claims.x12.read import Segment

_PARENT_OF = {"22": "20", "23": "22"}
Fault = tuple[str, str, int]
"""What, what to do, element."""


class Levels:
    """Follows HL and LX segments of one transaction set."""

    def __init__(self) -> None:
        self._count = 0
        self._line = 0
        self._open: dict[str, str] = {}
        self._announced: tuple[str, str] | None = None
        self._has_claim = True

    def feed(self, segment: Segment, rule: SegmentRule) -> Iterator[Fault]:
        """Take a segment with its place."""
        if segment.id == "HL":
            yield from self._level(segment)
        elif segment.id == "CLM" and rule.loop.id == "2300":
            self._line = 0
            self._has_claim = True
        elif segment.id == "LX" and rule.loop.id == "2400":
            self._line += 1
            if segment.get(1) != str(self._line):
                yield f"the line should have number {self._line}", f"write {self._line}", 1

    def finish(self) -> Iterator[Fault]:
        """The transaction is over."""
        yield from self._not_kept("")

    def _level(self, segment: Segment) -> Iterator[Fault]:
        level = segment.get(3)
        yield from self._not_kept(level)
        self._count += 1
        if segment.get(1) != str(self._count):
            yield f"the level should have number {self._count}", f"write {self._count}", 1
        parent = _PARENT_OF.get(level)
        if parent is not None and segment.get(2) != self._open.get(parent, ""):
            yield (
                "the parent is not the level above",
                f"write {self._open.get(parent, 'the number of the level above')}",
                2,
            )
        self._open[level] = segment.get(1)
        self._announced = (level, segment.get(4))
        self._has_claim = False

    def _not_kept(self, level: str) -> Iterator[Fault]:
        """Did the level before keep what it announced: children, or a claim?"""
        if self._announced is None:
            return
        before, children = self._announced
        below = {"20": "22", "22": "23"}.get(before)
        if children == "1" and level != below:
            yield "the level before announces a level below it, and none follows", "write 0 in its HL04", 4
        elif children == "0" and level == below:
            yield "the level before announces no level below it, and one follows", "write 1 in its HL04", 4
        elif children == "0" and not self._has_claim and before in ("22", "23"):
            yield "the level before has no claim", "add its claim, or remove the level", 0
