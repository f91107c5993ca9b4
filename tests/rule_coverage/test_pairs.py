"""Every pair of families that we bill stands in a vignette, for one practitioner, the group and another practice."""

from __future__ import annotations

from datetime import date
from itertools import combinations_with_replacement
from typing import Any

import pytest
from tests.vignettes.expand import Vignette, all_vignettes

from careledger.policy import load_policy
from careledger.rules.registry import REQUIREMENTS

VIEW = load_policy().on(date(2026, 3, 31))
NEIGHBOURS = ("esrd", "contacts", "education", "visits")


def family(code: str) -> str:
    facts = VIEW.code(code)
    return facts.program or facts.family


BILLED = sorted({family(code) for code in REQUIREMENTS if VIEW.code(code).family not in NEIGHBOURS})


def shown() -> set[tuple[str, str, str]]:
    """Pairs of families in alphabetical order, and the relation, of every vignette with a claim beside an expected code."""
    found = set()
    for vignette in all_vignettes():
        for claim in vignette.given.get("other_claims", ()):
            for code in (expected["code"] for expected in vignette.expect if "code" in expected):
                first, second = sorted((family(code), family(claim["code"])))
                found.add((first, second, relation(vignette, claim)))
    return found


def relation(vignette: Vignette, claim: dict[str, Any]) -> str:
    if claim["practitioner"] == vignette.given.get("biller", "dr-a"):
        return "self"
    return "group" if claim.get("group") == "g1" else "other"


SHOWN = shown()


@pytest.mark.parametrize("who", ["self", "group", "other"])
def test_every_pair_of_families_that_we_bill_stands_in_a_vignette(who: str) -> None:
    missing = [pair for pair in combinations_with_replacement(BILLED, 2) if (*pair, who) not in SHOWN]
    assert missing == []
