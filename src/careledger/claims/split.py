"""One claim into several that fit a form: fewer lines, fewer diagnoses, no data lost.

The wire takes 50 lines and 12 diagnoses a claim; the paper form six lines, twelve diagnoses and one pointer a line. Every
part keeps the claim's diagnoses that its lines point to, then as many others as fit; amounts are those of its own lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from careledger.claims.model import Claim, ClaimLine


def fit(claim: Claim, *, lines: int, diagnoses: int) -> tuple[Claim, ...]:
    """The claim itself when it fits, else parts of it, each with its own control number (``A``, ``B`` ... at its end)."""
    if len(claim.lines) <= lines and len(claim.diagnoses) <= diagnoses:
        return (claim,)
    groups = list(_groups(claim, lines, diagnoses))
    return tuple(_part(claim, group, diagnoses, at, len(groups)) for at, group in enumerate(groups))


def _groups(claim: Claim, lines: int, diagnoses: int) -> Iterator[list[ClaimLine]]:
    """Lines in their order, cut where the next one would be too many or bring too many diagnoses."""
    group: list[ClaimLine] = []
    pointed: set[int] = set()
    for line in claim.lines:
        if group and (len(group) == lines or len(pointed | set(line.pointers)) > diagnoses):
            yield group
            group, pointed = [], set()
        group.append(line)
        pointed |= set(line.pointers)
    yield group


def _part(claim: Claim, group: list[ClaimLine], diagnoses: int, at: int, parts: int) -> Claim:
    pointed = {pointer for line in group for pointer in line.pointers}
    every = range(1, len(claim.diagnoses) + 1)
    others = [place for place in every if place not in pointed]
    room = max(0, diagnoses - len(pointed & set(every)))
    kept = sorted((pointed & set(every)) | set(others[:room]))
    place_now = {old: new for new, old in enumerate(kept, start=1)}
    moved = tuple(
        replace(line, pointers=tuple(place_now.get(pointer, pointer) for pointer in line.pointers)) for line in group
    )
    return replace(
        claim,
        control_number=claim.control_number if parts == 1 else f"{claim.control_number}{chr(ord('A') + at)}",
        lines=moved,
        diagnoses=tuple(claim.diagnoses[place - 1] for place in kept),
        patient_paid_cents=claim.patient_paid_cents if at == 0 else 0,
        stated_total_cents=None,
    )
