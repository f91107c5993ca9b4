"""Any 837P file: structure, envelope, balances and the numbered checks, in one pass over the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from careledger.claims.checks import Context, Earlier, holds
from careledger.claims.model import Claim
from careledger.claims.x12.envelope import ENVELOPE_IDS, Envelope
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.grammar.table import grammar
from careledger.claims.x12.grammar.walk import Known, Misplaced, Walker
from careledger.claims.x12.levels import Levels
from careledger.claims.x12.places import place_of
from careledger.claims.x12.read import NotReadable, Segment, SegmentReader
from careledger.claims.x12.read_claims import ClaimCollector, ReadClaim
from careledger.claims.x12.values import day
from careledger.policy import Policy

VERSION = "005010X222A1"
STRUCTURE = "the file does not follow the implementation guide of the 837P"


@dataclass(slots=True)
class FileSummary:
    """What a file holds, counted while it is read."""

    claims: int = 0
    lines: int = 0
    charges_cents: int = 0
    transactions: int = 0
    segments: int = 0


@dataclass(slots=True)
class FileCheck:
    """Reads a file and finds what is wrong with it.

    Attributes:
        as_of: the day the file is looked at from; the day the group was made when None.
        with_checks: run the numbered checks, not only structure and envelope.
    """

    policy: Policy
    as_of: date | None = None
    with_checks: bool = True
    summary: FileSummary = field(default_factory=FileSummary)

    def findings(self, stream: BinaryIO) -> Iterator[Finding]:
        """Everything wrong with the file, in the order of its segments as far as it can be known.

        Raises:
            NotReadable: the file is no 837P of version 5010.
        """
        run = _Run(self, SegmentReader(stream))
        yield from run.findings()

    def claims(self, stream: BinaryIO) -> Iterator[Claim]:
        """The claims of a file, whatever else is wrong with it."""
        run = _Run(self, SegmentReader(stream))
        for read in run.read():
            yield read.claim


class _Run:
    """One pass over one file."""

    def __init__(self, check: FileCheck, reader: SegmentReader) -> None:
        self.check = check
        self.reader = reader
        self.envelope = Envelope(reader)
        self.root = grammar("837p")
        self.known = Known()
        self.walker: Walker | None = None
        self.collector: ClaimCollector | None = None
        self.levels = Levels()
        self.earlier = Earlier()
        self.claim_number = ""
        self.has_transaction = False

    def findings(self) -> Iterator[Finding]:
        for step in self._steps():
            if isinstance(step, Finding):
                yield step
            elif self.check.with_checks:
                yield from self._checked(step)

    def read(self) -> Iterator[ReadClaim]:
        for step in self._steps():
            if isinstance(step, ReadClaim):
                yield step

    def _steps(self) -> Iterator[Finding | ReadClaim]:
        """Findings of structure and complete claims, as they come."""
        last: Segment | None = None
        for segment in self.reader:
            last = segment
            if segment.id not in ENVELOPE_IDS and self.walker is not None and self.envelope.transaction is not None:
                misplaced = self.walker.feed(segment)
                rule = self.walker.rule
                if misplaced or rule is None or rule.id in ("HL", "LX", "CLM"):
                    yield from self._body(segment, misplaced)
                elif self.collector is not None:
                    self.collector.add(rule.loop.id, segment)
                continue
            self._refuse_others(segment)
            if segment.id == "ISA":
                self.known.clear()
            if segment.id in ("ISA", "GS", "ST", "GE", "IEA") and self.walker is not None:
                yield from self._end_transaction(segment)
            yield from self.envelope.feed(segment)
            if segment.id == "ST":
                self._start_transaction()
            if self.walker is not None:
                yield from self._body(segment, self.walker.feed(segment))
        if last is not None and self.walker is not None:
            yield from self._end_transaction(last)
        yield from self.envelope.finish(last)
        self._finish(last)

    def _finish(self, last: Segment | None) -> None:
        self.check.summary.segments = last.number if last else 0
        self.check.summary.transactions = self.envelope.sets
        if not self.has_transaction:
            raise NotReadable(last.number if last else 1, "the file has no transaction set", "send an 837P file")

    def _refuse_others(self, segment: Segment) -> None:
        """Is the group or transaction another than the professional claim of version 5010?"""
        if segment.id == "GS":
            if segment.get(1) != "HC":
                raise NotReadable(
                    segment.number, f"the group is {_word(segment.get(1))}, not claims (HC)", "send an 837P file"
                )
            if not segment.get(8).startswith("005010X222"):
                what = f"the version is {_word(segment.get(8))}, not {VERSION}"
                raise NotReadable(segment.number, what, "send a professional claim of version 5010")
        elif segment.id == "ST" and segment.get(1) != "837":
            raise NotReadable(
                segment.number, f"the transaction is {_word(segment.get(1))}, not 837", "send an 837P file"
            )

    def _start_transaction(self) -> None:
        self.walker = Walker(self.root, self.reader.delimiters, self.known)
        self.collector = ClaimCollector(self.reader.delimiters.component)
        self.levels = Levels()
        self.has_transaction = True
        self.claim_number = ""

    def _body(self, segment: Segment, misplaced: Sequence[Misplaced]) -> Iterator[Finding | ReadClaim]:
        walker, collector = self.walker, self.collector
        assert walker is not None
        assert collector is not None
        rule = walker.rule
        if rule is not None:
            if walker.entered and rule.loop.id in ("2000A", "2000B", "2000C", "2300"):
                yield from collector.finish()
                self.claim_number = segment.get(1) if segment.id == "CLM" else ""
            for fault in misplaced:
                yield self._structure(fault, segment)
            for what, mend, element in self.levels.feed(segment, rule):
                yield self._structure(Misplaced(segment.id, element, 0, what, mend), segment)
            yield from collector.feed(segment, rule, walker.entered)
        else:
            for fault in misplaced:
                yield self._structure(fault, segment)
        if segment.id == "ST" and self.envelope.version != VERSION:
            fault = Misplaced("ST", 3, 0, f"the version is {_word(self.envelope.version)}", f"use {VERSION}")
            yield self._structure(fault, segment)
        if segment.id == "SE":
            yield from self._end_transaction(segment)

    def _end_transaction(self, segment: Segment) -> Iterator[Finding | ReadClaim]:
        walker, collector = self.walker, self.collector
        assert walker is not None
        assert collector is not None
        yield from collector.finish()
        for fault in walker.close():
            yield self._structure(fault, segment)
        for what, mend, element in self.levels.finish():
            yield self._structure(Misplaced("HL", element, 0, what, mend), segment)
        self.walker = self.collector = None

    def _structure(self, fault: Misplaced, segment: Segment) -> Finding:
        return Finding(
            rule="X12",
            segment=segment.number,
            segment_id=fault.segment,
            element=fault.element,
            component=fault.component,
            what=fault.what,
            why=STRUCTURE,
            mend=fault.mend,
            claim=self.claim_number,
        )

    def _checked(self, read: ReadClaim) -> Iterator[Finding]:
        claim, summary = read.claim, self.check.summary
        summary.claims += 1
        summary.lines += len(claim.lines)
        summary.charges_cents += claim.total_cents
        sent_on = self.check.as_of or day(self.envelope.group_day) or date.max
        context = Context(policy=self.check.policy, sent_on=sent_on, earlier=self.earlier)
        for hold in holds(claim, context):
            number, id_, element = place_of(read, hold.field)
            yield Finding(
                rule=hold.check,
                segment=number,
                segment_id=id_,
                element=element,
                what=hold.what,
                why=hold.why,
                mend=hold.mend,
                claim=claim.control_number,
            )


def _word(text: str) -> str:
    """A short code from the file, safe to show."""
    return text if 0 < len(text) <= 15 and text.isascii() and text.isalnum() else "something else"
