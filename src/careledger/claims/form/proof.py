"""A proof sheet: what a claim says, drawn for people, with our own labels. Not for submission."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from careledger.claims.form.layout import DIAGNOSIS_LETTERS
from careledger.claims.model import Address, Claim, ClaimLine, Hold, Insured, Party
from careledger.core.money import dollars

INK, SOFT, RULE, SHADE, ALERT = (HexColor(c) for c in ("#1c2733", "#5b6b7b", "#c9d2da", "#f1f4f7", "#a4262c"))
LEFT, RIGHT, TOP, BOTTOM = 48.0, 564.0, 744.0, 54.0
TEXT, BOLD = "Helvetica", "Helvetica-Bold"
_RANK = {"P": "pays first", "S": "pays second", "T": "pays third"}
_FREQUENCY = {"1": "Original claim", "7": "Replacement of a paid claim", "8": "Void of a paid claim"}
_COLUMNS = (
    ("#", 0, "left"), ("Service", 18, "left"), ("Days of service", 108, "left"), ("Place", 240, "left"),
    ("Diagnoses", 276, "left"), ("Rendered by", 342, "left"), ("Units", 444, "right"), ("Charge", 516, "right"),
)  # fmt: skip


def proof_pdf(path: Path, claims: Iterable[tuple[Claim, tuple[Hold, ...]]]) -> int:
    """Write a proof of every claim, held ones with their reasons; returns the number of sheets."""
    canvas = Canvas(str(path), pagesize=letter, invariant=1, pageCompression=1)
    canvas.setTitle("Claim proofs (not for submission)")
    canvas.setCreator("CareLedger")
    sheets = 0
    for claim, holds in claims:
        sheet = _Sheet(canvas, claim)
        sheet.draw(holds)
        sheets += sheet.number
    if sheets == 0:
        canvas.showPage()
    canvas.save()
    return sheets


class _Sheet:
    """Draws one claim from the top down, over as many sheets as it needs."""

    def __init__(self, canvas: Any, claim: Claim) -> None:
        self.canvas = canvas
        self.claim = claim
        self.number = 0
        self.y = TOP

    def draw(self, holds: tuple[Hold, ...]) -> None:
        self._start()
        if holds:
            self._holds(holds)
        claim = self.claim
        patient = claim.treated
        self._row(
            ("Patient", _person(patient), _born(patient), *_address(patient.address)),
            ("Payer", claim.payer.name, f"{_RANK.get(claim.rank, '')}, number {claim.payer.number}", *_insured(claim)),
        )
        self._row(
            ("Billing provider", claim.billing.last if not claim.billing.is_person else _person(claim.billing),
             f"NPI {claim.billing.npi}    Tax id {claim.billing.tax_id}", *_address(claim.billing.address)),
            ("Rendered by", *_provider(claim.rendering or claim.billing), *_others(claim)),
        )  # fmt: skip
        self._diagnoses()
        self._lines()
        self._totals()
        self._finish()

    def _start(self) -> None:
        self.number += 1
        canvas = self.canvas
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 17)
        canvas.drawString(LEFT, TOP - 6, f"Claim {self.claim.control_number}")
        canvas.setFont(TEXT, 9.5)
        canvas.setFillColor(SOFT)
        subtitle = _FREQUENCY.get(self.claim.frequency, f"Frequency {self.claim.frequency}")
        if self.claim.original_ref:
            subtitle += f", payer's number {self.claim.original_ref}"
        canvas.drawString(LEFT, TOP - 22, f"{subtitle}    Service month {self.claim.month or '(see lines)'}")
        canvas.drawRightString(RIGHT, TOP - 6, "Proof for people - not for submission")
        self.y = TOP - 42

    def _finish(self) -> None:
        canvas = self.canvas
        canvas.setFont(TEXT, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(LEFT, BOTTOM - 18, f"Claim {self.claim.control_number}")
        canvas.drawRightString(RIGHT, BOTTOM - 18, f"Sheet {self.number}")
        canvas.showPage()

    def _room(self, height: float) -> None:
        if self.y - height < BOTTOM:
            self._finish()
            self._start()

    def _holds(self, holds: tuple[Hold, ...]) -> None:
        lines = [(hold.check, part, at) for hold in holds for at, part in enumerate(_hold_text(hold))]
        height = 22 + 12 * len(lines)
        self._room(height)
        canvas = self.canvas
        canvas.setFillColor(HexColor("#fbeeee"))
        canvas.setStrokeColor(ALERT)
        canvas.roundRect(LEFT, self.y - height, RIGHT - LEFT, height, 4, stroke=1, fill=1)
        canvas.setFillColor(ALERT)
        canvas.setFont(BOLD, 10)
        canvas.drawString(LEFT + 10, self.y - 15, "Held: mend this before the claim can leave")
        for row, (check, part, at) in enumerate(lines):
            y = self.y - 29 - 12 * row
            canvas.setFont(BOLD, 8.5)
            canvas.drawString(LEFT + 10, y, check if at == 0 else "")
            canvas.setFont(TEXT, 8.5)
            canvas.setFillColor(INK)
            canvas.drawString(LEFT + 52, y, part)
            canvas.setFillColor(ALERT)
        self.y -= height + 14

    def _row(self, *boxes: tuple[str, ...]) -> None:
        """Boxes side by side: a label and lines of text."""
        boxes = tuple((box[0], *(text for text in box[1:] if text)) for box in boxes)
        height = 20 + 13 * (max(len(box) for box in boxes) - 1)
        self._room(height)
        width = (RIGHT - LEFT - 12 * (len(boxes) - 1)) / len(boxes)
        canvas = self.canvas
        for at, (label, *texts) in enumerate(boxes):
            x = LEFT + at * (width + 12)
            canvas.setStrokeColor(RULE)
            canvas.roundRect(x, self.y - height, width, height, 4)
            canvas.setFillColor(SOFT)
            canvas.setFont(TEXT, 7.5)
            canvas.drawString(x + 9, self.y - 12, label.upper())
            for row, text in enumerate(texts):
                font = BOLD if row == 0 else TEXT
                canvas.setFillColor(INK)
                canvas.setFont(font, 9.5)
                canvas.drawString(x + 9, self.y - 26 - 13 * row, _fitted(text, font, 9.5, width - 18))
        self.y -= height + 12

    def _diagnoses(self) -> None:
        codes = [f"{DIAGNOSIS_LETTERS[at]}  {_dotted(code)}" for at, code in enumerate(self.claim.diagnoses[:12])]
        rows = ["".join(f"{code:<18}" for code in codes[start : start + 6]) for start in range(0, len(codes), 6)]
        self._label("Diagnoses (ICD-10-CM), the most important first")
        self.canvas.setFillColor(INK)
        self.canvas.setFont("Courier", 9.5)
        for row in rows or ["none"]:
            self.canvas.drawString(LEFT, self.y, row.rstrip())
            self.y -= 13
        self.y -= 8

    def _label(self, text: str) -> None:
        self._room(40)
        self.canvas.setFillColor(SOFT)
        self.canvas.setFont(TEXT, 7.5)
        self.canvas.drawString(LEFT, self.y - 4, text.upper())
        self.y -= 18

    def _lines(self) -> None:
        self._head()
        for number, line in enumerate(self.claim.lines, start=1):
            if self.y - 18 < BOTTOM:
                self._finish()
                self._start()
                self._head()
            self._cells(_line_cells(number, line, self.claim), TEXT)
            self.canvas.setStrokeColor(RULE)
            self.canvas.line(LEFT, self.y + 9, RIGHT, self.y + 9)

    def _head(self) -> None:
        self.canvas.setFillColor(SHADE)
        self.canvas.rect(LEFT, self.y - 8, RIGHT - LEFT, 18, stroke=0, fill=1)
        self._cells(tuple(label for label, _, _ in _COLUMNS), BOLD)

    def _cells(self, cells: tuple[str, ...], font: str) -> None:
        self.canvas.setFillColor(INK)
        self.canvas.setFont(font, 8.5)
        for text, (_, x, side) in zip(cells, _COLUMNS, strict=True):
            put = self.canvas.drawRightString if side == "right" else self.canvas.drawString
            put(LEFT + x - (4 if side == "right" else -4), self.y - 3, text)
        self.y -= 18

    def _totals(self) -> None:
        self._room(46)
        canvas, claim = self.canvas, self.claim
        rows = [("Total charge", claim.total_cents)]
        if claim.patient_paid_cents:
            rows.append(("Paid by the patient", claim.patient_paid_cents))
        rows += [(f"Paid by {other.payer.name}", other.paid_cents) for other in claim.other_payers if other.paid_cents]
        self.y -= 4
        for at, (label, cents) in enumerate(rows):
            canvas.setFont(BOLD if at == 0 else TEXT, 9.5)
            canvas.drawRightString(LEFT + 438, self.y, label)
            canvas.drawRightString(RIGHT - 4, self.y, dollars(cents))
            self.y -= 14
        canvas.setFillColor(SOFT)
        canvas.setFont(TEXT, 8.5)
        said = "accepts assignment" if claim.assignment == "A" else "does not accept assignment"
        signed = "signature on file" if claim.signed else "NOT signed"
        agency = f"    Agency NPI {claim.agency_npi}" if claim.agency_npi else ""
        canvas.drawString(LEFT, self.y, f"Provider {said}, {signed}.{agency}")


def _hold_text(hold: Hold) -> list[str]:
    """What is wrong and what to do, broken to the width of the box."""
    words, rows, row = f"{hold.what}. {hold.mend[:1].upper()}{hold.mend[1:]}.".split(), [], ""
    for word in words:
        longer = f"{row} {word}".strip()
        if stringWidth(longer, TEXT, 8.5) > RIGHT - LEFT - 66:
            rows.append(row)
            longer = word
        row = longer
    return [*rows, row]


def _fitted(text: str, font: str, size: float, width: float) -> str:
    while text and stringWidth(text, font, size) > width:
        text = text[:-2].rstrip() + "…"
    return text


def _person(who: Insured | Party) -> str:
    given = " ".join(part for part in (who.first, who.middle) if part)
    return ", ".join(part for part in (" ".join(p for p in (who.last, who.suffix) if p), given) if part)


def _born(who: Insured) -> str:
    sex = {"F": "female", "M": "male"}.get(who.sex, "sex not recorded")
    return f"born {_day(who.born_on)}, {sex}"


def _address(address: Address) -> tuple[str, ...]:
    zip_ = f"{address.zip[:5]}-{address.zip[5:]}" if len(address.zip) == 9 else address.zip
    street = " ".join(part for part in (address.street, address.street2) if part)
    return street, " ".join(part for part in (address.city, address.state, zip_) if part)


def _insured(claim: Claim) -> tuple[str, ...]:
    own = f"Member id {claim.insured.member_id}"
    before = tuple(f"After {other.payer.name}, policy {other.insured.group_number}" for other in claim.other_payers)
    return (own, *(() if claim.patient is None else (f"Insured: {_person(claim.insured)}",)), *before)


def _provider(party: Party) -> tuple[str, str]:
    taxonomy = f"    Taxonomy {party.taxonomy}" if party.taxonomy else ""
    return _person(party), f"NPI {party.npi}{taxonomy}"


def _others(claim: Claim) -> tuple[str, ...]:
    named = (
        ("Referred by", claim.referring),
        ("Supervised by", claim.supervising),
        ("Furnished at", claim.facility),
    )
    return tuple(f"{label} {_person(party)}, NPI {party.npi}" for label, party in named if party is not None)


def _line_cells(number: int, line: ClaimLine, claim: Claim) -> tuple[str, ...]:
    days = _day(line.since) if line.until in (None, line.since) else f"{_day(line.since)} to {_day(line.until)}"
    letters = ", ".join(DIAGNOSIS_LETTERS[at - 1] for at in line.pointers if 0 < at <= 12)
    rendering = line.rendering or claim.rendered_by
    return (
        str(number), " ".join((line.code, *line.modifiers)), days, line.place or claim.place, letters, rendering.npi,
        f"{line.units.normalize():f}", dollars(line.charge_cents),
    )  # fmt: skip


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _day(day: date | None) -> str:
    return "unknown" if day is None else day.isoformat()
