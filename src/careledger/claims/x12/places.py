"""From a field of a claim to the segment and element it stands in."""

from __future__ import annotations

import re

from careledger.claims.x12.read import Segment
from careledger.claims.x12.read_claims import ReadClaim

_LOOP_OF = {
    "billing": "2010AA", "insured": "2010BA", "patient": "2010CA", "payer": "2010BB", "rendering": "2310B",
    "referring": "2310A", "supervising": "2310D", "facility": "2310C",
}  # fmt: skip
_PARTY = {
    "last": ("NM1", 3), "first": ("NM1", 4), "npi": ("NM1", 9), "member_id": ("NM1", 9), "name": ("NM1", 3),
    "number": ("NM1", 9), "address.street": ("N3", 1), "address.city": ("N4", 1), "address.state": ("N4", 2),
    "address.zip": ("N4", 3), "born_on": ("DMG", 2), "sex": ("DMG", 3), "taxonomy": ("PRV", 3), "tax_id": ("REF", 2),
    "": ("NM1", 0),
}  # fmt: skip
_CLAIM = {
    "control_number": ("2300", "CLM", "", 1), "stated_total_cents": ("2300", "CLM", "", 2),
    "place": ("2300", "CLM", "", 5), "frequency": ("2300", "CLM", "", 5), "signed": ("2300", "CLM", "", 6),
    "assignment": ("2300", "CLM", "", 7), "original_ref": ("2300", "REF", "F8", 2),
    "prior_authorization": ("2300", "REF", "G1", 2), "clia": ("2300", "REF", "X4", 2),
    "agency_npi": ("2300", "REF", "1J", 2), "diagnosis_kind": ("2300", "HI", "", 1),
    "patient_paid_cents": ("2300", "AMT", "F5", 2), "secondary_reason": ("2000B", "SBR", "", 5),
    "payer.filing": ("2000B", "SBR", "", 9), "billing.taxonomy": ("2000A", "PRV", "", 3),
}  # fmt: skip
_LINE = {
    "code": ("SV1", "", 1), "modifiers": ("SV1", "", 1), "charge_cents": ("SV1", "", 2), "units": ("SV1", "", 4),
    "place": ("SV1", "", 5), "pointers": ("SV1", "", 7), "since": ("DTP", "472", 3), "until": ("DTP", "472", 3),
}  # fmt: skip
_INDEXED = re.compile(r"(\w+)\[(\d+)\]\.?(.*)")


def place_of(read: ReadClaim, field: str) -> tuple[int, str, int]:
    """Segment number, segment id and element number (0 for the whole segment) of a field of a claim.

    Where the field's segment is absent, the segment that should be followed by it is named: the head of its loop, or the
    claim itself.
    """
    if field in _CLAIM:
        loop, id_, qualifier, element = _CLAIM[field]
        return _found(read, loop, id_, qualifier, element)
    match = _INDEXED.fullmatch(field)
    if match is not None:
        return _indexed(read, match[1], int(match[2]), match[3])
    head, _, rest = field.partition(".")
    if head in _LOOP_OF and rest in _PARTY:
        id_, element = _PARTY[rest]
        return _found(read, _LOOP_OF[head], id_, "", element)
    return _found(read, "2300", "HI" if head == "diagnoses" else "CLM", "", 0)


def _found(read: ReadClaim, loop: str, id_: str, qualifier: str, element: int) -> tuple[int, str, int]:
    head: Segment | None = None
    for where, segment in read.segments:
        if where != loop:
            continue
        head = head or segment
        if segment.id == id_ and (not qualifier or segment.get(1) == qualifier):
            return segment.number, id_, element
    if head is None:
        claims = (segment for where, segment in read.segments if where == "2300")
        head = next(claims, read.segments[0][1])
    return head.number, id_, element


def _indexed(read: ReadClaim, what: str, at: int, rest: str) -> tuple[int, str, int]:
    if what == "diagnoses":
        number, id_, _ = _found(read, "2300", "HI", "", 0)
        return number, id_, at + 1
    opener = ("2400", "LX") if what == "lines" else ("2320", "SBR")
    part = _instance(read, *opener, at)
    if not part:
        return _found(read, "2300", "CLM", "", 0)
    if what == "lines":
        return _line_place(part, rest)
    names = {
        "payer.number": ("2330B", "NM1", 9),
        "insured.member_id": ("2330A", "NM1", 9),
        "paid_cents": ("2320", "AMT", 2),
    }
    loop, id_, element = names.get(rest, ("2320", "SBR", 0))
    segment = next((segment for where, segment in part if where == loop and segment.id == id_), part[0][1])
    return segment.number, id_, element


def _instance(read: ReadClaim, loop: str, opener: str, at: int) -> list[tuple[str, Segment]]:
    """The segments from the given occurrence of an opening segment to the next one."""
    starts = [n for n, (where, segment) in enumerate(read.segments) if where == loop and segment.id == opener]
    if at >= len(starts):
        return []
    end = starts[at + 1] if at + 1 < len(starts) else len(read.segments)
    return list(read.segments[starts[at] : end])


def _line_place(part: list[tuple[str, Segment]], rest: str) -> tuple[int, str, int]:
    match = _INDEXED.fullmatch(rest)
    if match is not None and match[1] == "adjudications":
        answers = [segment for where, segment in part if where == "2430" and segment.id == "SVD"]
        segment = answers[int(match[2])] if int(match[2]) < len(answers) else part[0][1]
        return segment.number, "SVD", 1 if match[3] == "payer_number" else 2
    if rest.startswith("rendering"):
        segment = next((segment for where, segment in part if where == "2420A"), part[0][1])
        return segment.number, "NM1", 9 if rest.endswith("npi") else 3
    id_, qualifier, element = _LINE.get(rest, ("LX", "", 0))
    for _, segment in part:
        if segment.id == id_ and (not qualifier or segment.get(1) == qualifier):
            return segment.number, id_, element
    return part[0][1].number, id_, element
