"""The list of docs/asvs.md: every number of the level, and nothing named that is not there."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text("utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in TEXT.splitlines() if re.match(r"\| \d", line)
]
LEVEL_2 = (Path(__file__).parent / "asvs_level2.txt").read_text("ascii").split()
"""The numbers of level 2 in OWASP ASVS 4.0.3; the standard's text is not repeated here."""


@cache
def _defined(file: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^\s*(?:async )?def (\w+)\(", file.read_text("utf-8"), re.M))


def test_no_number_is_missing_doubled_or_invented() -> None:
    assert len(LEVEL_2) == 259
    assert [row[0] for row in ROWS] == LEVEL_2


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_item_says_what_holds_and_what_shows_it(row: tuple[str, ...]) -> None:
    _, holds, what, shown = row
    assert holds in ("yes", "partly", "no", "site", "n/a")
    named = re.findall(r"`([^`]+)`", shown)
    assert named or holds in ("no", "n/a"), "what holds is shown"
    assert what
    assert holds in ("yes", "n/a") or len(what.split()) >= 5, "a gap says what is missing"
    for one in named:
        path, _, test = one.partition("::")
        assert (ROOT / path).exists(), one
        assert not test or test in _defined(ROOT / path), one


def test_the_sums_are_those_of_the_list() -> None:
    count = Counter(row[1] for row in ROWS)
    told = re.search(r"(\d+) items: (\d+) yes, (\d+) partly, (\d+) no, (\d+) site, (\d+) n/a", TEXT)
    assert told is not None
    assert tuple(map(int, told.groups())) == (
        len(ROWS), count["yes"], count["partly"], count["no"], count["site"], count["n/a"]
    )  # fmt: skip
