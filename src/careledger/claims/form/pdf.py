"""Claim data as PDF for pre-printed red stock: only the data, at the places of the form.

The form's upper left print position lies 0.3 inch from the left edge; sheets and printers differ by up to a tenth of an
inch, so every printer has its own offset, found with the test sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from careledger.claims.form.grid import placed
from careledger.claims.form.layout import Field, layout
from careledger.claims.form.pages import Page

PITCH_PT, LINE_PT = 7.2, 12.0
LEFT_PT, BASELINE_PT = 21.6, 3.0
FONT, SIZE_PT = "Courier", 12
WIDTH_PT, HEIGHT_PT = letter


@dataclass(frozen=True, slots=True)
class Offset:
    """How far one printer's output must move to the right and down, in points (72 to the inch)."""

    right_pt: float = 0.0
    down_pt: float = 0.0


def position(field: Field, column: int, offset: Offset = Offset()) -> tuple[float, float]:
    """Left end and baseline of a text, in points from the lower left corner of the sheet."""
    x = LEFT_PT + PITCH_PT * (column - 1) + offset.right_pt
    y = HEIGHT_PT - (LINE_PT * field.line - BASELINE_PT) - offset.down_pt
    return x, y


def form_pdf(path: Path, forms: Iterable[Page], offset: Offset = Offset()) -> int:
    """Write one sheet a form; returns the number of sheets."""
    canvas = _canvas(path, "Claims for pre-printed CMS-1500 (02/12)")
    sheets = 0
    for page in forms:
        _sheet(canvas, page.items.items(), offset)
        sheets += 1
    if sheets == 0:
        canvas.showPage()
    canvas.save()
    return sheets


def printer_test_pdf(path: Path, offset: Offset = Offset()) -> None:
    """A sheet with every place filled to its width, to be printed on a form; a second page says how to set the offset."""
    canvas = _canvas(path, "Printer test for CMS-1500 (02/12)")
    _sheet(canvas, ((field.name, _filled(field)) for field in layout().values()), offset)
    _guide(canvas, offset)
    canvas.save()


def _canvas(path: Path, title: str) -> Any:
    canvas = Canvas(str(path), pagesize=letter, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("CareLedger")
    return canvas


def _sheet(canvas: Any, items: Iterable[tuple[str, str]], offset: Offset) -> None:
    canvas.setFont(FONT, SIZE_PT)
    fields = layout()
    for name, text in items:
        column, shown = placed(fields[name], text)
        canvas.drawString(*position(fields[name], column, offset), shown)
    canvas.showPage()


def _filled(field: Field) -> str:
    if field.kind in ("number", "money", "date"):
        return ("1234567890" * 4)[: field.width]
    return "X" * field.width


_GUIDE = (
    "1.  Load one red form and print page 1 of this file at 100 % (no fitting to the page).",
    "2.  Every character must stand inside its box; the XXX at the upper corners must stand in the two",
    "     alignment boxes on the line above item 1.",
    "3.  Measure how far the print must move, with the scale below (one small step is two points, 72 points are an inch).",
    "4.  Give the distances to the print command: --right 2 moves everything 2 points to the right,",
    "     --down -3 moves it 3 points up. Print this test again until it fits, then keep the numbers for this printer.",
)


def _guide(canvas: Any, offset: Offset) -> None:
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(54, 720, "Setting the print position of a printer")
    canvas.setFont("Helvetica", 10.5)
    for at, line in enumerate(_GUIDE):
        canvas.drawString(54, 690 - 18 * at, line)
    canvas.drawString(
        54, 566, f"This sheet was printed with right {offset.right_pt:g} and down {offset.down_pt:g} points."
    )
    _scale(canvas, 54, 500)


def _scale(canvas: Any, left: float, base: float) -> None:
    """A ruler of 144 points (two inches)."""
    canvas.setLineWidth(0.5)
    canvas.line(left, base, left + 144, base)
    canvas.setFont("Helvetica", 7)
    for step in range(0, 145, 2):
        height = 14 if step % 36 == 0 else 9 if step % 12 == 0 else 4
        canvas.line(left + step, base, left + step, base + height)
        if step % 36 == 0:
            canvas.drawCentredString(left + step, base - 9, str(step))
    canvas.drawString(left + 152, base - 1, "points")
