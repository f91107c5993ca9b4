"""Tables and reports to take along: CSV that no spreadsheet reads as formulas, and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from careledger.core.sheets import Sheet, harmless


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file to save."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{harmless(name)}"'
    sheet = Sheet(answer)
    sheet.row(head)
    sheet.rows(rows)
    return answer


def pdf_answer(name: str, content: bytes) -> HttpResponse:
    """A PDF to read or save."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{harmless(name)}"'
    return answer
