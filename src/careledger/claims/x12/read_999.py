"""The body of a 999 (and of the older 997): which transaction sets were taken, and what was wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.code_words import code_words
from careledger.claims.x12.acknowledgement import Answer
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import Segment

_TAKEN = {"A": True, "E": True, "P": True, "R": False, "M": False, "W": False, "X": False}
_WORD = {
    "A": "accepted", "E": "accepted with errors", "P": "taken in part", "R": "rejected", "M": "rejected: authentication failed",
    "W": "rejected: assurance failed", "X": "rejected: could not be decrypted",
}  # fmt: skip
WHY = "the counts of an acknowledgement must fit what it says of each set"


class SyntaxReader:
    """Reads the segments between ST and SE."""

    def __init__(self, component: str) -> None:
        self._component = component
        self._group = self._set = self._claim = ""
        self._at = ("", "")
        self._pending: Answer | None = None
        self._sets = self._taken = 0

    def feed(self, segment: Segment) -> Iterator[Finding | Answer]:
        """Take a segment; yields answers as they are complete."""
        handler = {
            "AK1": self._ak1, "AK2": self._ak2, "IK3": self._ik3, "AK3": self._ik3, "CTX": self._ctx, "IK4": self._ik4,
            "AK4": self._ik4, "IK5": self._ik5, "AK5": self._ik5, "AK9": self._ak9,
        }.get(segment.id)  # fmt: skip
        if handler is not None:
            yield from handler(segment)
        else:
            yield _unknown(segment, "a segment that a 999 does not have", 0)

    def finish(self, segment: Segment) -> Iterator[Finding | Answer]:
        """The transaction is over."""
        yield from self._release()

    def _release(self) -> Iterator[Answer]:
        if self._pending is not None:
            yield self._pending
        self._pending = None

    def _ak1(self, segment: Segment) -> Iterator[Finding | Answer]:
        self._group = segment.get(2)
        yield from ()

    def _ak2(self, segment: Segment) -> Iterator[Finding | Answer]:
        yield from self._release()
        self._set, self._claim, self._at = segment.get(2), "", ("", "")
        self._sets += 1

    def _ik3(self, segment: Segment) -> Iterator[Finding | Answer]:
        yield from self._release()
        self._claim = ""
        self._at = (segment.get(1), segment.get(2))
        words = code_words("ik3", segment.get(4))
        loop = f" in loop {segment.get(3)}" if segment.get(3) else ""
        self._pending = Answer(
            level="segment",
            segment=segment.number,
            accepted=None,
            ours=self._set,
            codes=segment.get(4),
            says=f"{words.says}{loop}",
            do=words.do,
            points_to=f"{segment.get(2)} {segment.get(1)}",
        )

    def _ctx(self, segment: Segment) -> Iterator[Finding | Answer]:
        """The business unit a complaint is about: the claim control number."""
        name, _, value = segment.get(1).partition(self._component)
        if name == "CLM01":
            self._claim = value
        yield from ()

    def _ik4(self, segment: Segment) -> Iterator[Finding | Answer]:
        id_, position = self._at
        element, _, component = segment.get(1).partition(self._component)
        part = component.split(self._component)[0]
        words = code_words("ik4", segment.get(3))
        place = f"{id_}{int(element):02d}" if element.isdigit() else id_
        yield Answer(
            level="element",
            segment=segment.number,
            accepted=None,
            ours=self._set,
            codes=segment.get(3),
            says=words.says,
            do=words.do,
            points_to=f"{position} {place}{f'-{part}' if part else ''}",
            claim=self._claim,
        )
        self._pending = None if self._pending and self._pending.codes == "8" else self._pending

    def _ik5(self, segment: Segment) -> Iterator[Finding | Answer]:
        yield from self._release()
        taken = _TAKEN.get(segment.get(1))
        if taken is None:
            yield _unknown(segment, "an answer that is not known", 1)
        self._taken += bool(taken)
        reasons = [code_words("set", code) for code in segment.parts[2:] if code]
        because = "; ".join(words.says for words in reasons)
        yield Answer(
            level="transaction",
            segment=segment.number,
            accepted=taken,
            ours=self._set,
            codes=":".join(part for part in segment.parts[1:] if part),
            says=f"transaction set {_WORD.get(segment.get(1), 'answered')}{f': {because}' if because else ''}",
            do="nothing" if taken else "mend the segments named above and send the set again under a new number",
        )

    def _ak9(self, segment: Segment) -> Iterator[Finding | Answer]:
        yield from self._release()
        taken = _TAKEN.get(segment.get(1))
        if taken is None:
            yield _unknown(segment, "an answer that is not known", 1)
        yield Answer(
            level="group",
            segment=segment.number,
            accepted=taken,
            ours=self._group,
            codes=":".join(part for part in segment.parts[1:] if part),
            says=f"group {_WORD.get(segment.get(1), 'answered')}",
            do="nothing" if segment.get(1) in ("A", "E") else "mend what was rejected and send it again",
        )
        for element, count, name in ((2, self._sets, "sets answered"), (4, self._taken, "sets accepted")):
            said = segment.get(element)
            if self._sets and said.isdigit() and int(said) != count:
                yield Finding(
                    rule="BAL",
                    segment=segment.number,
                    segment_id="AK9",
                    element=element,
                    what=f"the count of {name} is {said}, and {count} are listed",
                    why=WHY,
                    mend="ask the receiver for the whole acknowledgement",
                )


def _unknown(segment: Segment, what: str, element: int) -> Finding:
    return Finding(
        rule="X12",
        segment=segment.number,
        segment_id=segment.id[:3],
        element=element,
        what=what,
        why="the file does not follow the implementation guide of the 999",
        mend="ask the receiver",
    )
