"""Codes of payers and receivers in our own words; a code that is not in the table is shown as it is."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class CodeWords:
    """What a code says and what to do about it."""

    code: str
    says: str
    do: str


def code_words(kind: str, code: str) -> CodeWords:
    """The words for a code of a kind: category, status, ik3, ik4, set, ta1, reason, remark or provider."""
    return _table().get((kind, code)) or CodeWords(code, f"code {code}", "look the code up in the official list")


@cache
def _table() -> dict[tuple[str, str], CodeWords]:
    with resources.files(__package__).joinpath("code_words.csv").open(encoding="utf-8") as stream:
        return {
            (row["kind"], row["code"]): CodeWords(row["code"], row["says"], row["do"]) for row in csv.DictReader(stream)
        }
