"""Cells of an export: nothing lost, nothing a spreadsheet runs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from careledger.web.keeping.cells import NULL, cell_of, value_of
from careledger.web.tenancy.fields import WordsField

TEXT, WORDS = models.TextField(null=True), WordsField(null=True)


@given(st.none() | st.text())
def test_every_text_comes_back(text: str | None) -> None:
    assert value_of(cell_of(text, TEXT), TEXT) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=x", "\\N", "=cmd|' /C calc'!A0"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = cell_of(text, TEXT)
    assert cell[0] == "'"
    assert value_of(cell, TEXT) == text


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (True, models.BooleanField()), (False, models.BooleanField()), (None, models.BooleanField(null=True)),
        (-3, models.IntegerField()), (date(2026, 2, 28), models.DateField()),
        (datetime(2026, 3, 8, 7, 0, 0, 123456, tzinfo=UTC), models.DateTimeField()),
        ({"a": [1, None, "é"]}, models.JSONField()), (b"\x00\xff", models.BinaryField()), ((), WORDS), (("a", "b"), WORDS), (None, WORDS),
    ],
)  # fmt: skip
def test_every_kind_comes_back(value: Any, field: models.Field[Any, Any]) -> None:
    cell = cell_of(value, field)
    assert value_of(cell, field) == value
    assert (cell == NULL) == (value is None)
