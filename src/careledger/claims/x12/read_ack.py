"""Acknowledgements as they stream in: TA1 anywhere in an interchange, 999 (and the older 997), 277CA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from careledger.claims.code_words import code_words
from careledger.claims.x12.acknowledgement import Answer
from careledger.claims.x12.envelope import Envelope
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import NotReadable, Segment, SegmentReader
from careledger.claims.x12.read_277ca import ClaimStatusReader
from careledger.claims.x12.read_999 import SyntaxReader

_VERSIONS = {"999": ("005010X231",), "997": ("005010", "004010"), "277": ("005010X214",)}


def read_acknowledgement(stream: BinaryIO) -> Iterator[Finding | Answer]:
    """Answers and findings in the order of the file.

    Raises:
        NotReadable: the file is no TA1, 999, 997 or 277CA.
    """
    yield from _Run(SegmentReader(stream)).steps()


class _Run:
    """One pass over one file."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.envelope = Envelope(reader, any_version=True)
        self.body: SyntaxReader | ClaimStatusReader | None = None
        self.answered = False

    def steps(self) -> Iterator[Finding | Answer]:
        last: Segment | None = None
        for segment in self.reader:
            last = segment
            if segment.id == "ST":
                self.body = self._reader_of(segment)
                self.answered = True
            if segment.id == "GS":
                _refuse_others(segment)
            yield from self.envelope.feed(segment)
            if segment.id == "TA1":
                self.answered = True
                yield interchange_answer(segment)
            elif segment.id == "SE" and self.body is not None:
                yield from self.body.finish(segment)
                self.body = None
            elif self.body is not None and segment.id != "ST":
                yield from self.body.feed(segment)
        if self.body is not None and last is not None:
            yield from self.body.finish(last)
        yield from self.envelope.finish(last)
        if not self.answered:
            raise NotReadable(last.number if last else 1, "the file has no acknowledgement", "send a TA1, 999 or 277CA")

    def _reader_of(self, segment: Segment) -> SyntaxReader | ClaimStatusReader:
        kind = segment.get(1)
        component = self.reader.delimiters.component
        if kind in ("999", "997"):
            return SyntaxReader(component)
        if kind == "277" and self.envelope.version.startswith(_VERSIONS["277"]):
            return ClaimStatusReader(component)
        raise NotReadable(segment.number, "the transaction is no 999, 997 or 277CA", "send a TA1, 999 or 277CA")


def _refuse_others(segment: Segment) -> None:
    if segment.get(1) not in ("FA", "HN"):
        raise NotReadable(segment.number, "the group is no acknowledgement (FA or HN)", "send a TA1, 999 or 277CA")
    if segment.get(1) == "HN" and not segment.get(8).startswith(_VERSIONS["277"]):
        what = "the group answers a status request or is of another version, not a 277CA (005010X214)"
        raise NotReadable(segment.number, what, "send a TA1, 999 or 277CA")


def interchange_answer(segment: Segment) -> Answer:
    """A TA1: was the interchange taken?"""
    note = code_words("ta1", segment.get(5))
    accepted = {"A": True, "E": True, "R": False}.get(segment.get(4))
    word = {"A": "accepted", "E": "accepted with errors", "R": "rejected"}.get(
        segment.get(4), "answered with an unknown code"
    )
    return Answer(
        level="interchange",
        segment=segment.number,
        accepted=accepted,
        ours=segment.get(1),
        codes=f"{segment.get(4)}:{segment.get(5)}",
        says=f"interchange {word}: {note.says}",
        do=note.do,
    )
