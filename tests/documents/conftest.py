"""Binders of the small practice, read back by a foreign reader."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from tests.documents.binder_cast import write

from careledger.core.month import Month
from careledger.documents import BinderData, source
from careledger.policy import Policy, load_policy

Made = Callable[[Mapping[str, Sequence[Any]]], BinderData]


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture
def data_of(tmp_path: Path, policy: Policy) -> Made:
    """What a binder is made from, by way of a folder of tables."""

    def make(records: Mapping[str, Sequence[Any]]) -> BinderData:
        with source(write(tmp_path / "data", records), policy) as opened:
            return opened.binder_data("p-1", Month.parse("2026-03"), prepared_on=date(2026, 4, 6))[0]

    return make


@pytest.fixture
def pages_of() -> Callable[[bytes], list[str]]:
    """The text of each page, hard breaks of long words taken out."""

    def read(pdf: bytes) -> list[str]:
        with pdfplumber.open(io.BytesIO(pdf)) as opened:
            return [page.extract_text().replace("\u200b", "") for page in opened.pages]

    return read
