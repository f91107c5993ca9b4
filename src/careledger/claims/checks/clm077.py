"""Capital letters.

Looks at names, addresses and numbers on Medicare claims: capital letters only.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import people
from careledger.claims.model import Claim, Insured, Party

WHY = "Medicare's front end takes capital letters; small ones are refused or changed"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A Medicare claim has no small letters in names, addresses and numbers."""
    if not claim.payer.is_medicare_b:
        return
    for field, text in _texts(claim):
        if text != text.upper():
            yield Problem(field, "small letters", WHY, "write it in capital letters")


def _texts(claim: Claim) -> Iterator[tuple[str, str]]:
    yield "control_number", claim.control_number
    yield "insured.member_id", claim.insured.member_id
    named: list[tuple[str, Insured | Party]] = [("insured", claim.insured), *people(claim)]
    for field, who in named:
        yield f"{field}.last", who.last
        yield f"{field}.first", who.first
        yield f"{field}.address.street", who.address.street
        yield f"{field}.address.city", who.address.city
        yield f"{field}.address.state", who.address.state
    for at, code in enumerate(claim.diagnoses):
        yield f"diagnoses[{at}]", code
    for at, line in enumerate(claim.lines):
        yield f"lines[{at}].code", line.code
