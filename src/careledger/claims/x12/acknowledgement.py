"""What receivers say of a file we sent: interchange (TA1), transaction sets (999), claims (277CA)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["interchange", "group", "transaction", "segment", "element", "receiver", "provider", "claim", "line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to something we sent.

    Attributes:
        segment: number of the segment in the answer's file.
        accepted: None where the answer is only information, such as a place in the file.
        ours: our control number of what is answered: interchange, group, transaction, batch or claim.
        codes: the codes of the answer, such as ``A7:562:82``.
        says, do: the codes in our words.
        points_to: segment position and element in our file that is complained of, such as ``27 SV104`` (position counted
            from ST).
        payer_control: the payer's own number of the claim.
    """

    level: Level
    segment: int
    accepted: bool | None
    ours: str
    codes: str
    says: str
    do: str
    points_to: str = ""
    claim: str = ""
    line_id: str = ""
    payer_control: str = ""
    decided_on: date | None = None
    amount_cents: int | None = None
    message: str = ""
