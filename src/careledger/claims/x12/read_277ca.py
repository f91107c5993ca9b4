"""The body of a 277CA: what the receiver says of the batch, of providers, of claims and of their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from careledger.claims.code_words import code_words
from careledger.claims.x12.acknowledgement import Answer, Level
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import Segment
from careledger.claims.x12.values import cents, day

_LEVEL: dict[str, Level] = {"21": "receiver", "19": "provider", "PT": "claim"}
_ACCEPTING = frozenset(("A0", "A1", "A2", "A5"))
_REJECTING = frozenset(("A3", "A4", "A6", "A7", "A8"))
_KNOWN = frozenset(["BHT", "HL", "NM1", "TRN", "STC", "QTY", "AMT", "REF", "DTP", "SVC"])
_WHO = {
    "36": "employer", "40": "receiver", "41": "submitter", "77": "service facility", "82": "rendering provider",
    "85": "billing provider", "87": "pay-to provider", "AY": "clearing house", "DK": "ordering provider",
    "DN": "referring provider", "DQ": "supervising provider", "IL": "insured person", "PR": "payer", "QC": "patient",
}  # fmt: skip


class ClaimStatusReader:
    """Reads the segments between ST and SE."""

    def __init__(self, component: str) -> None:
        self._component = component
        self._level: Level | None = None
        self._trace = ""
        self._line: tuple[str, str] | None = None
        self._pending: list[Answer] = []

    def feed(self, segment: Segment) -> Iterator[Finding | Answer]:
        """Take a segment; yields answers as they are complete."""
        if segment.id not in _KNOWN:
            yield _unknown(segment)
        elif segment.id == "HL":
            yield from self._release()
            self._level, self._trace, self._line = _LEVEL.get(segment.get(3)), "", None
        elif segment.id == "TRN":
            yield from self._release()
            self._trace, self._line = segment.get(2), None
        elif segment.id == "SVC":
            yield from self._release()
            code = segment.get(1).split(self._component)
            self._line = (code[1] if len(code) > 1 else "", "")
        elif segment.id == "STC":
            self._pending += self._answers(segment)
        elif segment.id == "REF":
            self._reference(segment)

    def finish(self, segment: Segment) -> Iterator[Finding | Answer]:
        """The transaction is over."""
        yield from self._release()

    def _release(self) -> Iterator[Answer]:
        yield from self._pending
        self._pending = []

    def _reference(self, segment: Segment) -> None:
        """Numbers that follow a status belong to it."""
        if segment.get(1) == "1K":
            self._pending = [replace(answer, payer_control=segment.get(2)) for answer in self._pending]
        elif segment.get(1) == "FJ":
            self._pending = [replace(answer, line_id=segment.get(2)) for answer in self._pending]

    def _answers(self, segment: Segment) -> Iterator[Answer]:
        if self._level is None:
            return
        for element in (1, 10, 11):
            if not segment.get(element):
                continue
            category, status, who = (*segment.get(element).split(self._component), "", "")[:3]
            words, detail = code_words("category", category), code_words("status", status)
            entity = f" ({_WHO.get(who, who)})" if who else ""
            accepted = True if category in _ACCEPTING else False if category in _REJECTING else None
            level: Level = "line" if self._line is not None else self._level
            yield Answer(
                level=level,
                segment=segment.number,
                accepted=accepted,
                ours=self._trace,
                codes=":".join(part for part in (category, status, who) if part),
                says=f"{words.says}: {detail.says}{entity}",
                do=words.do if accepted is not False else detail.do,
                claim=self._trace if self._level == "claim" else "",
                points_to=self._line[0] if self._line is not None else "",
                decided_on=day(segment.get(2)),
                amount_cents=cents(segment.get(4)) if segment.get(4) else None,
                message=segment.get(12),
            )


def _unknown(segment: Segment) -> Finding:
    return Finding(
        rule="X12",
        segment=segment.number,
        segment_id=segment.id[:3],
        what="a segment that a 277CA does not have",
        why="the file does not follow the implementation guide of the 277CA",
        mend="ask the receiver",
    )
