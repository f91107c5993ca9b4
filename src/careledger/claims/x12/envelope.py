"""The envelope of a file: interchanges, groups and transaction sets, their numbers and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careledger.claims.x12.findings import Finding
from careledger.claims.x12.grammar.match import Matcher
from careledger.claims.x12.grammar.table import LoopRule, SegmentRule, grammar
from careledger.claims.x12.read import Segment, SegmentReader

WHY = "the receiver rejects a file whose envelope does not hold together"
_PAIRS = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
_ENVELOPE = ("ISA", "GS", "GE", "IEA", "TA1")


@dataclass(slots=True)
class _Open:
    """An envelope that is open: where it began, under which number, and how many parts it has so far."""

    segment: Segment
    control: str
    count: int = 0


class Envelope:
    """Follows the envelope of a file segment by segment.

    Args:
        any_version: do not ask for version 00501 of the interchange, as for acknowledgements of older senders.

    Attributes:
        transaction: the open transaction set; None outside of one.
        version: version of the open group (GS08).
        group_day: the day the open group was made (GS04), as written.
    """

    def __init__(self, reader: SegmentReader, *, any_version: bool = False) -> None:
        self._reader = reader
        self._isa_rules = {at: rule for at, rule in _ISA.items() if at != 12 or not any_version}
        self._isa: _Open | None = None
        self._gs: _Open | None = None
        self.transaction: _Open | None = None
        self._seen: dict[str, set[str]] = {"ISA": set(), "GS": set(), "ST": set()}
        self._matchers: dict[str, Matcher] = {}
        self.version = ""
        self.group_day = ""
        self.sets = 0

    @property
    def in_transaction(self) -> bool:
        return self.transaction is not None

    def feed(self, segment: Segment) -> Iterator[Finding]:
        """Take a segment; yields what is wrong with the envelope at this point."""
        handler = _HANDLERS.get(segment.id)
        if handler is not None:
            if segment.id in _ENVELOPE:
                yield from self._shape(segment)
            yield from handler(self, segment)
        elif self.transaction is None:
            yield _finding(
                segment, "a segment outside of any transaction set", "remove it, or add the ST segment before it"
            )

    def finish(self, last: Segment | None) -> Iterator[Finding]:
        """The file is over: what was not closed."""
        if last is None:
            return
        if not self._reader.terminated:
            yield _finding(last, "the file ends in the middle of a segment", "send the whole file")
        for id_, opened in (("ST", self.transaction), ("GS", self._gs), ("ISA", self._isa)):
            if opened is not None:
                yield _finding(last, f"the file ends without {_PAIRS[id_]}", "send the whole file")

    def _shape(self, segment: Segment) -> Iterator[Finding]:
        if segment.id not in self._matchers:
            rule = _envelope_rules()[segment.id]
            delimiters = self._reader.delimiters
            self._matchers[segment.id] = Matcher(rule, delimiters.element, delimiters.component)
        if segment.id == "ISA":
            yield from self._isa_shape(segment)
            return
        for fault in self._matchers[segment.id].faults(segment.text, segment.parts):
            yield _finding(segment, fault.what, fault.mend, fault.element)

    def _isa_shape(self, segment: Segment) -> Iterator[Finding]:
        if not self._reader.is_fixed_width:
            yield _finding(
                segment, "the interchange header does not have its fixed width", "fill its elements with spaces"
            )
        if self._reader.before:
            yield _finding(segment, "text before the interchange header", "remove it")
        for at, (pattern, mend) in self._isa_rules.items():
            if pattern.fullmatch(segment.get(at)) is None:
                yield _finding(segment, "a value that is not allowed here", mend, at)

    def _open_isa(self, segment: Segment) -> Iterator[Finding]:
        if self._isa is not None:
            yield from self._not_closed(segment, "ISA")
        self._matchers.clear()
        control = segment.get(13)
        yield from self._once("ISA", control, segment, 13)
        self._isa, self._gs, self.transaction = _Open(segment, control), None, None
        self._seen["GS"].clear()

    def _close_isa(self, segment: Segment) -> Iterator[Finding]:
        if self._gs is not None:
            yield from self._not_closed(segment, "GS")
        yield from self._closed(segment, self._isa, "ISA", "groups")
        self._isa = self._gs = self.transaction = None

    def _open_gs(self, segment: Segment) -> Iterator[Finding]:
        if self._isa is None:
            yield _finding(segment, "a group outside of an interchange", "add the ISA segment before it")
        if self._gs is not None:
            yield from self._not_closed(segment, "GS")
        if self._isa is not None:
            self._isa.count += 1
        yield from self._once("GS", segment.get(6), segment, 6)
        self._gs, self.transaction = _Open(segment, segment.get(6)), None
        self._seen["ST"].clear()
        self.version, self.group_day = segment.get(8), segment.get(4)

    def _close_gs(self, segment: Segment) -> Iterator[Finding]:
        if self.transaction is not None:
            yield from self._not_closed(segment, "ST")
        yield from self._closed(segment, self._gs, "GS", "transaction sets")
        self._gs = self.transaction = None

    def _open_st(self, segment: Segment) -> Iterator[Finding]:
        if self._gs is None:
            yield _finding(segment, "a transaction set outside of a group", "add the GS segment before it")
        if self.transaction is not None:
            yield from self._not_closed(segment, "ST")
        if self._gs is not None:
            self._gs.count += 1
        self.sets += 1
        yield from self._once("ST", segment.get(2), segment, 2)
        version = segment.get(3)
        if version and self.version and version != self.version:
            yield _finding(segment, "the version is not that of the group", "give ST03 and GS08 the same version", 3)
        self.transaction = _Open(segment, segment.get(2))

    def _close_st(self, segment: Segment) -> Iterator[Finding]:
        if self.transaction is not None:
            self.transaction.count = segment.number - self.transaction.segment.number + 1
        yield from self._closed(segment, self.transaction, "ST", "segments")
        self.transaction = None

    def _ta1(self, segment: Segment) -> Iterator[Finding]:
        if self._isa is None or self.transaction is not None:
            yield _finding(
                segment, "an interchange acknowledgement inside of a transaction", "move it behind the ISA segment"
            )

    def _once(self, id_: str, control: str, segment: Segment, element: int) -> Iterator[Finding]:
        if control in self._seen[id_]:
            yield _finding(
                segment, "the control number was used before in this file", "give each its own number", element
            )
        self._seen[id_].add(control)

    def _not_closed(self, segment: Segment, id_: str) -> Iterator[Finding]:
        yield _finding(segment, f"{_PAIRS[id_]} is missing before this segment", f"add the {_PAIRS[id_]} segment")

    def _closed(self, segment: Segment, opened: _Open | None, id_: str, parts: str) -> Iterator[Finding]:
        """Does the trailer fit its header: same control number, right count?"""
        if opened is None:
            yield _finding(segment, f"{segment.id} without {id_}", f"add the {id_} segment, or remove this one")
            return
        if segment.get(2) != opened.control:
            yield _finding(segment, f"the control number is not that of {id_}", f"use the number of {id_}", 2)
        if not segment.get(1).isdigit() or int(segment.get(1)) != opened.count:
            what = f"the count is not the number of {parts}, which is {opened.count}"
            yield _finding(segment, what, f"write {opened.count}", 1)


ENVELOPE_IDS = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"))
"""Segments of the envelope; every other one stands within a transaction set."""

_HANDLERS = {
    "ISA": Envelope._open_isa,
    "IEA": Envelope._close_isa,
    "GS": Envelope._open_gs,
    "GE": Envelope._close_gs,
    "ST": Envelope._open_st,
    "SE": Envelope._close_st,
    "TA1": Envelope._ta1,
}

_ISA = {
    1: (re.compile("0[03]"), "write 00"),
    3: (re.compile("0[01]"), "write 00"),
    5: (re.compile("01|14|20|27|28|29|30|33|ZZ"), "use a qualifier of the sender such as ZZ"),
    6: (re.compile(r"(?=.*\S)[ -~]{2,15}"), "write the sender's id, filled to 15 characters"),
    7: (re.compile("01|14|20|27|28|29|30|33|ZZ"), "use a qualifier of the receiver such as ZZ"),
    8: (re.compile(r"(?=.*\S)[ -~]{2,15}"), "write the receiver's id, filled to 15 characters"),
    9: (re.compile(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"), "write the day as YYMMDD"),
    10: (re.compile(r"([01]\d|2[0-3])[0-5]\d"), "write the time as HHMM"),
    12: (re.compile("00501"), "write 00501"),
    13: (re.compile(r"\d{9}"), "write nine digits"),
    14: (re.compile("[01]"), "write 0 or 1"),
    15: (re.compile("[PT]"), "write P for production or T for test"),
}


def _envelope_rules() -> dict[str, SegmentRule]:
    root: LoopRule = grammar("envelope")
    return {child.id: child for child in root.children if isinstance(child, SegmentRule)}


def _finding(segment: Segment, what: str, mend: str, element: int = 0) -> Finding:
    return Finding(
        rule="ENV", segment=segment.number, segment_id=segment.id, element=element, what=what, why=WHY, mend=mend
    )
