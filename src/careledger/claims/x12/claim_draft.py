"""A claim while its segments are read: loop by loop, then made whole."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from careledger.claims.model import (
    Adjustment,
    Claim,
    ClaimLine,
    Insured,
    LineAdjudication,
    OtherPayer,
    Party,
    Payer,
)
from careledger.claims.x12.read import Segment
from careledger.claims.x12.values import cents, day, days, number

_PEOPLE = {"2310A": "referring", "2310B": "rendering", "2310C": "facility", "2310D": "supervising"}
_REFERENCES = {"F8": "original_ref", "G1": "prior_authorization", "X4": "clia", "1J": "agency_npi"}


class Draft:
    """Collects a claim's values; lines, other payers and their answers are dictionaries until the end."""

    def __init__(self, component: str) -> None:
        self._component = component
        self.values: dict[str, Any] = {"control_number": "", "place": "", "diagnoses": ()}
        self.people: dict[str, list[Segment]] = {}
        self.lines: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []

    def take(self, loop: str, segment: Segment) -> None:
        """A segment with the loop it stands in."""
        handler = _HANDLERS.get((loop, segment.id))
        if handler is not None:
            handler(self, segment)
        elif loop in _PEOPLE:
            self.people.setdefault(_PEOPLE[loop], []).append(segment)
        elif loop == "2420A" and self.lines:
            self.lines[-1].setdefault("rendering", []).append(segment)
        elif loop in ("2330A", "2330B") and self.others:
            self.others[-1].setdefault(loop, []).append(segment)

    def claim(self, **heads: Any) -> Claim:
        """The claim with the levels above it."""
        from careledger.claims.x12.read_claims import party

        people: dict[str, Any] = {name: party(segments) for name, segments in self.people.items()}
        return Claim(
            **heads,
            **self.values,
            **people,
            lines=tuple(_line(line) for line in self.lines),
            other_payers=tuple(_other(other) for other in self.others),
        )

    def clm(self, segment: Segment) -> None:
        place, _, rest = segment.get(5).partition(self._component)
        self.values.update(
            control_number=segment.get(1),
            stated_total_cents=cents(segment.get(2)) or 0,
            place=place,
            frequency=rest.partition(self._component)[2],
            signed=segment.get(6) == "Y",
            assignment=segment.get(7),
            benefits_assigned=segment.get(8),
            release=segment.get(9),
        )

    def ref(self, segment: Segment) -> None:
        field = _REFERENCES.get(segment.get(1))
        if field is not None:
            self.values[field] = segment.get(2)

    def amt(self, segment: Segment) -> None:
        self.values["patient_paid_cents"] = cents(segment.get(2)) or 0

    def nte(self, segment: Segment) -> None:
        self.values["note"] = segment.get(2)

    def hi(self, segment: Segment) -> None:
        parts = [part.split(self._component) for part in segment.parts[1:]]
        if parts and parts[0][0] in ("ABK", "BK"):
            self.values["diagnosis_kind"] = parts[0][0]
            self.values["diagnoses"] = tuple(part[1] if len(part) > 1 else "" for part in parts)

    def lx(self, segment: Segment) -> None:
        self.lines.append({"code": "", "charge_cents": 0, "since": None, "until": None})

    def sv1(self, segment: Segment) -> None:
        if self.lines:
            self.lines[-1].update(_service(segment.parts, self._component))

    def dtp(self, segment: Segment) -> None:
        if self.lines and segment.get(1) == "472":
            since, until = days(segment.get(2), segment.get(3))
            self.lines[-1].update(since=since, until=until)

    def line_ref(self, segment: Segment) -> None:
        if self.lines and segment.get(1) == "6R":
            self.lines[-1]["line_id"] = segment.get(2)

    def line_nte(self, segment: Segment) -> None:
        if self.lines:
            self.lines[-1]["note"] = segment.get(2)

    def svd(self, segment: Segment) -> None:
        if not self.lines:
            return
        code = segment.get(3).split(self._component)
        self.lines[-1].setdefault("adjudications", []).append(
            {
                "payer_number": segment.get(1),
                "paid_cents": cents(segment.get(2)) or 0,
                "code": code[1] if len(code) > 1 else "",
                "modifiers": tuple(code[2:6]),
                "units": number(segment.get(5)) or Decimal(0),
            }
        )

    def line_cas(self, segment: Segment) -> None:
        if self.lines and self.lines[-1].get("adjudications"):
            self.lines[-1]["adjudications"][-1].setdefault("adjustments", []).extend(adjustments(segment))

    def line_paid_on(self, segment: Segment) -> None:
        if self.lines and self.lines[-1].get("adjudications"):
            self.lines[-1]["adjudications"][-1]["paid_on"] = day(segment.get(3))

    def line_remaining(self, segment: Segment) -> None:
        if self.lines and self.lines[-1].get("adjudications"):
            self.lines[-1]["adjudications"][-1]["remaining_cents"] = cents(segment.get(2))

    def sbr(self, segment: Segment) -> None:
        self.others.append({"sbr": segment, "adjustments": []})

    def cas(self, segment: Segment) -> None:
        if self.others:
            self.others[-1]["adjustments"] += adjustments(segment)

    def other_amt(self, segment: Segment) -> None:
        field = {"D": "paid_cents", "EAF": "remaining_cents"}.get(segment.get(1))
        if self.others and field is not None:
            self.others[-1][field] = cents(segment.get(2))

    def oi(self, segment: Segment) -> None:
        if self.others:
            self.others[-1].update(benefits_assigned=segment.get(3), release=segment.get(6))


_HANDLERS = {
    ("2300", "CLM"): Draft.clm,
    ("2300", "REF"): Draft.ref,
    ("2300", "AMT"): Draft.amt,
    ("2300", "NTE"): Draft.nte,
    ("2300", "HI"): Draft.hi,
    ("2320", "SBR"): Draft.sbr,
    ("2320", "CAS"): Draft.cas,
    ("2320", "AMT"): Draft.other_amt,
    ("2320", "OI"): Draft.oi,
    ("2400", "LX"): Draft.lx,
    ("2400", "SV1"): Draft.sv1,
    ("2400", "DTP"): Draft.dtp,
    ("2400", "REF"): Draft.line_ref,
    ("2400", "NTE"): Draft.line_nte,
    ("2430", "SVD"): Draft.svd,
    ("2430", "CAS"): Draft.line_cas,
    ("2430", "DTP"): Draft.line_paid_on,
    ("2430", "AMT"): Draft.line_remaining,
}


@lru_cache(maxsize=5_000)
def _service(parts: tuple[str, ...], component: str) -> dict[str, Any]:
    """What an SV1 segment says of its line; claims repeat the same few."""
    given = [*parts, *[""] * 8]
    code = given[1].split(component)
    pointers = given[7].split(component) if given[7] else []
    return {
        "code": code[1] if len(code) > 1 else "",
        "modifiers": tuple(code[2:6]),
        "charge_cents": cents(given[2]) or 0,
        "units": number(given[4]) or Decimal(0),
        "place": given[5],
        "pointers": tuple(int(pointer) for pointer in pointers if pointer.isdigit()),
    }


def adjustments(segment: Segment) -> tuple[Adjustment, ...]:
    """The reasons of a CAS segment; payers repeat the same few, so each is read once."""
    return _adjustments(segment.parts)


@lru_cache(maxsize=20_000)
def _adjustments(parts: tuple[str, ...]) -> tuple[Adjustment, ...]:
    given = [*parts, *[""] * 3]
    return tuple(
        Adjustment(
            group=given[1],
            reason=given[at],
            amount_cents=cents(given[at + 1]) or 0,
            quantity=number(given[at + 2]) if given[at + 2] else None,
        )
        for at in range(2, len(parts) - 1, 3)
        if given[at]
    )


def _line(values: dict[str, Any]) -> ClaimLine:
    from careledger.claims.x12.read_claims import party

    adjudications = tuple(
        LineAdjudication(**{**row, "adjustments": tuple(row.get("adjustments", ()))})
        for row in values.pop("adjudications", ())
    )
    rendering = values.pop("rendering", None)
    return ClaimLine(
        **values, adjudications=adjudications, rendering=party(rendering) if rendering is not None else None
    )


def _other(values: dict[str, Any]) -> OtherPayer:
    from careledger.claims.x12.read_claims import insured_person, payer_of

    sbr: Segment = values["sbr"]
    person: Insured = insured_person(values.get("2330A", []), sbr)
    payer: Payer = payer_of(values.get("2330B", []), sbr)
    paid_on = next((segment.get(3) for segment in values.get("2330B", []) if segment.id == "DTP"), "")
    control = next((s.get(2) for s in values.get("2330B", []) if s.id == "REF" and s.get(1) == "F8"), "")
    told = {
        key: values[key] for key in ("paid_cents", "remaining_cents", "benefits_assigned", "release") if key in values
    }
    return OtherPayer(
        rank=sbr.get(1),
        relation=sbr.get(2),
        secondary_reason=sbr.get(5),
        payer=payer,
        insured=person,
        adjustments=tuple(values["adjustments"]),
        paid_on=day(paid_on),
        control_number=control,
        **told,
    )


__all__ = ["Draft", "Party", "adjustments"]
