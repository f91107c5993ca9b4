"""One claim as segments: CLM, its references, diagnoses, people, other payers and lines."""

from __future__ import annotations

from careledger.claims.model import Address, Adjustment, Claim, ClaimLine, LineAdjudication, OtherPayer, Party
from careledger.claims.x12.segments import SegmentWriter, amount, composite, day, quantity, text


def address(out: SegmentWriter, place: Address) -> None:
    """Street and city; the country only abroad."""
    out.put("N3", text(place.street, 55), text(place.street2, 55))
    country = "" if place.country in ("US", "USA") else place.country
    out.put("N4", text(place.city, 30), text(place.state, 2), text(place.zip, 15), text(country, 3))


def name(out: SegmentWriter, role: str, party: Party) -> None:
    """A person or organisation with its NPI."""
    person = (
        (text(party.first, 35), text(party.middle, 25), "", text(party.suffix, 10)) if party.is_person else ("",) * 4
    )
    npi = ("XX", text(party.npi)) if party.npi else ()
    out.put("NM1", role, "1" if party.is_person else "2", text(party.last, 60), *person, *npi)


class ClaimWriter:
    """Writes the claim level and everything below it."""

    def __init__(self, out: SegmentWriter) -> None:
        self.out = out

    def claim(self, claim: Claim) -> None:
        """All segments of one claim."""
        place = composite(claim.place, "B", claim.frequency)
        yes = "Y" if claim.signed else "N"
        self.out.put(
            "CLM", text(claim.control_number, 38), amount(claim.total_cents), "", "", place, yes, claim.assignment,
            claim.benefits_assigned, claim.release,
        )  # fmt: skip
        self._references(claim)
        self._diagnoses(claim)
        self._people(claim)
        for other in claim.other_payers:
            self._other_payer(other)
        for number, line in enumerate(claim.lines, start=1):
            self._line(number, line, claim)

    def _references(self, claim: Claim) -> None:
        put = self.out.put
        if claim.patient_paid_cents:
            put("AMT", "F5", amount(claim.patient_paid_cents))
        for qualifier, value in (
            ("G1", claim.prior_authorization),
            ("F8", claim.original_ref),
            ("X4", claim.clia),
            ("1J", claim.agency_npi),
        ):
            if value:
                put("REF", qualifier, text(value, 50))
        if claim.note:
            put("NTE", "ADD", text(claim.note, 80))

    def _diagnoses(self, claim: Claim) -> None:
        first, other = ("ABK", "ABF") if claim.diagnosis_kind == "ABK" else ("BK", "BF")
        codes = (composite(first if at == 0 else other, text(code, 30)) for at, code in enumerate(claim.diagnoses))
        self.out.put("HI", *codes)

    def _people(self, claim: Claim) -> None:
        if claim.referring is not None:
            name(self.out, "DN", claim.referring)
        if claim.rendering is not None:
            self._rendering(claim.rendering)
        if claim.facility is not None and claim.facility.address != claim.billing.address:
            name(self.out, "77", claim.facility)
            address(self.out, claim.facility.address)
        if claim.supervising is not None:
            name(self.out, "DQ", claim.supervising)

    def _rendering(self, party: Party) -> None:
        name(self.out, "82", party)
        if party.taxonomy:
            self.out.put("PRV", "PE", "PXC", text(party.taxonomy, 50))

    def _other_payer(self, other: OtherPayer) -> None:
        put, insured, payer = self.out.put, other.insured, other.payer
        put(
            "SBR", other.rank, other.relation, text(insured.group_number, 50), text(insured.group_name, 60),
            other.secondary_reason, "", "", "", text(payer.filing, 2),
        )  # fmt: skip
        self._adjustments(other.adjustments)
        if other.paid_cents is not None:
            put("AMT", "D", amount(other.paid_cents))
        if other.remaining_cents is not None:
            put("AMT", "EAF", amount(other.remaining_cents))
        put("OI", "", "", other.benefits_assigned, "", "", other.release)
        kind = "1" if insured.is_person else "2"
        person = (
            text(insured.last, 60),
            text(insured.first, 35),
            text(insured.middle, 25),
            "",
            text(insured.suffix, 10),
        )
        put("NM1", "IL", kind, *person, "MI", text(insured.member_id))
        if insured.address.street and insured.address.city:
            address(self.out, insured.address)
        put("NM1", "PR", "2", text(payer.name, 60), "", "", "", "", "PI", text(payer.number))
        if other.paid_on is not None:
            put("DTP", "573", "D8", day(other.paid_on))
        if other.control_number:
            put("REF", "F8", text(other.control_number, 50))

    def _adjustments(self, adjustments: tuple[Adjustment, ...]) -> None:
        """One CAS a group; at most six reasons fit in one."""
        groups: dict[str, list[Adjustment]] = {}
        for row in adjustments:
            groups.setdefault(row.group, []).append(row)
        for group, every in groups.items():
            for start in range(0, len(every), 6):
                triples: list[str] = []
                for row in every[start : start + 6]:
                    count = "" if row.quantity is None else quantity(row.quantity)
                    triples += [row.reason, amount(row.amount_cents), count]
                self.out.put("CAS", group, *triples)

    def _line(self, number: int, line: ClaimLine, claim: Claim) -> None:
        put = self.out.put
        put("LX", str(number))
        place = line.place if line.place != claim.place else ""
        put(
            "SV1", composite("HC", text(line.code, 48), *line.modifiers), amount(line.charge_cents), "UN",
            quantity(line.units), place, "", composite(*map(str, line.pointers)),
        )  # fmt: skip
        if line.until is None or line.until == line.since:
            put("DTP", "472", "D8", day(line.since))
        else:
            put("DTP", "472", "RD8", f"{day(line.since)}-{day(line.until)}")
        if line.line_id:
            put("REF", "6R", text(line.line_id, 50))
        if line.note:
            put("NTE", "ADD", text(line.note, 80))
        if line.rendering is not None and line.rendering != claim.rendering:
            self._rendering(line.rendering)
        for row in line.adjudications:
            self._adjudication(row)

    def _adjudication(self, row: LineAdjudication) -> None:
        put = self.out.put
        code = composite("HC", text(row.code, 48), *row.modifiers)
        put("SVD", text(row.payer_number), amount(row.paid_cents), code, "", quantity(row.units))
        self._adjustments(row.adjustments)
        put("DTP", "573", "D8", day(row.paid_on))
        if row.remaining_cents is not None:
            put("AMT", "EAF", amount(row.remaining_cents))
