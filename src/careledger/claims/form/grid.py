"""A form as plain text of 66 lines and 80 columns, for line printers and for comparison."""

from __future__ import annotations

from careledger.claims.form.layout import COLUMNS, LINES, Field, layout
from careledger.claims.form.pages import Page


def placed(field: Field, text: str) -> tuple[int, str]:
    """The column a text starts in: money and the like stand at the right end of their place."""
    shown = text.strip()[: field.width]
    at = field.column + field.width - len(shown) if field.kind == "money" else field.column
    return at, shown


def text_form(page: Page) -> str:
    """The form as text; lines end with a line feed, the last one too."""
    rows = [[" "] * COLUMNS for _ in range(LINES)]
    fields = layout()
    for name, text in page.items.items():
        field = fields[name]
        column, shown = placed(field, text)
        rows[field.line - 1][column - 1 : column - 1 + len(shown)] = list(shown)
    return "".join("".join(row).rstrip() + "\n" for row in rows)
