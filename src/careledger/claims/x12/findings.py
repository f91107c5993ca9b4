"""What is wrong with a file, one line each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem in a file.

    Attributes:
        rule: ``X12`` for structure, ``ENV`` for the envelope, ``BAL`` for balances, or the id of a numbered check.
        segment: number of the segment in the file, from 1.
        segment_id, element, component: where in the segment; 0 for the whole of it.
        claim: control number of the claim, empty outside a claim.
    """

    rule: str
    segment: int
    segment_id: str
    what: str
    why: str
    mend: str
    element: int = 0
    component: int = 0
    claim: str = ""

    @property
    def place(self) -> str:
        """Segment id with element and component, such as ``SV101-2``."""
        if not self.element:
            return self.segment_id
        component = f"-{self.component}" if self.component else ""
        return f"{self.segment_id}{self.element:02d}{component}"

    def __str__(self) -> str:
        claim = f" claim {self.claim}:" if self.claim else ""
        return f"segment {self.segment} {self.place}: {self.rule}:{claim} {self.what}; {self.why}; {self.mend}"
