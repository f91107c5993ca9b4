"""Claims from the segments of an 837P, with the way back: which segment and element a field of the claim came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from careledger.claims.model import Address, Claim, Insured, Party, Payer
from careledger.claims.x12.claim_draft import Draft
from careledger.claims.x12.grammar.table import SegmentRule
from careledger.claims.x12.read import Segment
from careledger.claims.x12.values import day

Placed = tuple[str, Segment]
"""A segment with the loop it stands in."""


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A claim that was read, and the segments it was made from."""

    claim: Claim
    segments: tuple[Placed, ...]


class ClaimCollector:
    """Gathers the segments of each claim and of the levels above it, and makes a claim when it is complete."""

    def __init__(self, component: str) -> None:
        self._component = component
        self._billing: list[Placed] = []
        self._insured: list[Placed] = []
        self._patient: list[Placed] = []
        self._claim: list[Placed] = []
        self._current: list[Placed] = []
        self._biller: tuple[Party, Address | None] | None = None
        self._heads: tuple[Party, Address | None, Insured, Payer, str, str, Insured | None, str] | None = None

    def feed(self, segment: Segment, rule: SegmentRule, entered: bool) -> Iterator[ReadClaim]:
        """Take a segment with its place; yields the claim before it when that is complete."""
        loop = rule.loop.id
        if entered and loop in ("2000A", "2000B", "2000C", "2300"):
            yield from self.finish()
            self._open(loop)
        self._current.append((loop, segment))

    def add(self, loop: str, segment: Segment) -> None:
        """Take a segment that opens no level and no claim."""
        self._current.append((loop, segment))

    def finish(self) -> Iterator[ReadClaim]:
        """The claim that is open, if there is one."""
        if not self._claim:
            return
        if self._heads is None:
            self._heads = self._read_heads()
        billing, pay_to, insured, payer, rank, reason, patient, relation = self._heads
        draft = Draft(self._component)
        for loop, segment in self._claim:
            draft.take(loop, segment)
        claim = draft.claim(
            billing=billing,
            pay_to=pay_to,
            insured=insured,
            payer=payer,
            rank=rank,
            secondary_reason=reason,
            patient=patient,
            patient_relation=relation,
        )
        segments = (*self._billing, *self._insured, *self._patient, *self._claim)
        self._claim = []
        yield ReadClaim(claim, segments)

    def _open(self, loop: str) -> None:
        if loop == "2000A":
            self._billing, self._insured, self._patient, self._claim = [], [], [], []
            self._current, self._biller = self._billing, None
        elif loop == "2000B":
            self._insured, self._patient, self._claim = [], [], []
            self._current = self._insured
        elif loop == "2000C":
            self._patient, self._claim = [], []
            self._current = self._patient
        else:
            self._claim = []
            self._current = self._claim
        if loop != "2300":
            self._heads = None

    def _read_heads(self) -> tuple[Party, Address | None, Insured, Payer, str, str, Insured | None, str]:
        if self._biller is None:
            self._biller = self._read_biller()
        billing, pay_to = self._biller
        sbr = next((segment for _, segment in self._insured if segment.id == "SBR"), None)
        insured = insured_person(self._in("2010BA", self._insured), sbr)
        payer = payer_of(self._in("2010BB", self._insured), sbr)
        rank, reason = ("", "") if sbr is None else (sbr.get(1), sbr.get(5))
        patient = insured_person(self._in("2010CA", self._patient)) if self._patient else None
        relation = next((segment.get(1) for _, segment in self._patient if segment.id == "PAT"), "")
        return billing, pay_to, insured, payer, rank, reason, patient, relation

    def _read_biller(self) -> tuple[Party, Address | None]:
        """Who bills, once for all patients below."""
        billing = party(self._in("2010AA"))
        head = next((segment for loop, segment in self._billing if loop == "2000A" and segment.id == "PRV"), None)
        if head is not None:
            billing = replace(billing, taxonomy=head.get(3))
        pay_to = [segment for loop, segment in self._billing if loop == "2010AB"]
        return billing, address(pay_to) if pay_to else None

    def _in(self, wanted: str, level: list[Placed] | None = None) -> list[Segment]:
        return [segment for loop, segment in (self._billing if level is None else level) if loop == wanted]


def party(segments: list[Segment]) -> Party:
    """A provider from the segments of its loop; the few of a file come back with every claim, so each is read once."""
    key = tuple([segment.text for segment in segments])
    found = _parties.get(key)
    if found is None:
        if len(_parties) >= _MOST_KEPT:
            _parties.clear()
        found = _parties[key] = _party(segments)
    return found


_MOST_KEPT = 1_000
_parties: dict[tuple[str, ...], Party] = {}


def _party(segments: list[Segment]) -> Party:
    values: dict[str, object] = {}
    for segment in segments:
        if segment.id == "NM1":
            values.update(
                last=segment.get(3),
                first=segment.get(4),
                middle=segment.get(5),
                suffix=segment.get(7),
                is_person=segment.get(2) == "1",
                npi=segment.get(9) if segment.get(8) in ("XX", "") else "",
            )
        elif segment.id == "PRV":
            values["taxonomy"] = segment.get(3)
        elif segment.id == "REF" and segment.get(1) in ("EI", "SY"):
            values.update(tax_id_kind=segment.get(1), tax_id=segment.get(2))
        elif segment.id == "PER" and segment.get(3) == "TE":
            values["phone"] = segment.get(4)
    return Party(**values, address=address(segments))  # type: ignore[arg-type]


def address(segments: list[Segment]) -> Address:
    """The address of a loop."""
    values: dict[str, str] = {}
    for segment in segments:
        if segment.id == "N3":
            values.update(street=segment.get(1), street2=segment.get(2))
        elif segment.id == "N4":
            values.update(city=segment.get(1), state=segment.get(2), zip=segment.get(3), country=segment.get(4))
    return Address(**values)


def insured_person(segments: list[Segment], sbr: Segment | None = None) -> Insured:
    """The insured person or the patient of a loop; the insured person's group stands in the SBR segment before it."""
    values: dict[str, object] = {}
    if sbr is not None:
        values.update(group_number=sbr.get(3), group_name=sbr.get(4))
    for segment in segments:
        if segment.id == "NM1":
            values.update(
                last=segment.get(3),
                first=segment.get(4),
                middle=segment.get(5),
                suffix=segment.get(7),
                is_person=segment.get(2) == "1",
                member_id=segment.get(9),
            )
        elif segment.id == "DMG":
            values.update(born_on=day(segment.get(2)), sex=segment.get(3))
        elif segment.id == "PER" and segment.get(3) == "TE":
            values["phone"] = segment.get(4)
    return Insured(**values, address=address(segments))  # type: ignore[arg-type]


def payer_of(segments: list[Segment], sbr: Segment | None = None) -> Payer:
    """A payer from the segments of its loop; what kind of payer it is stands in the SBR segment."""
    filing = "" if sbr is None else sbr.get(9)
    head = next((segment for segment in segments if segment.id == "NM1"), None)
    if head is None:
        return Payer(filing=filing)
    return Payer(name=head.get(3), number=head.get(9), address=address(segments), filing=filing)
