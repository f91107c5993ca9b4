"""Capital letters.

Looks at names, addresses and numbers on Medicare claims: capital letters only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import people
from careledger.claims.model import Claim, Insured, Party

WHY = "Medicare's front end takes capital letters; small ones are refused or changed"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A Medicare claim has no small letters in names, addresses and numbers."""
    if not claim.payer.is_medicare_b:
        return
    for field, names, texts in _texts(claim):
        every = "".join(texts)
        if every == every.upper():
            continue
        for name, text in zip(names, texts, strict=True):
            if text != text.upper():
                yield Problem(field + name, "small letters", WHY, "write it in capital letters")


_OF_CLAIM = ("control_number", "insured.member_id")
_OF_PERSON = (".last", ".first", ".address.street", ".address.city", ".address.state")


def _texts(claim: Claim) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """Texts with their names, and where all of them stand."""
    yield "", _OF_CLAIM, (claim.control_number, claim.insured.member_id)
    named: list[tuple[str, Insured | Party]] = [("insured", claim.insured), *people(claim)]
    for field, who in named:
        home = who.address
        yield field, _OF_PERSON, (who.last, who.first, home.street, home.city, home.state)
    yield "diagnoses", [f"[{at}]" for at in range(len(claim.diagnoses))], claim.diagnoses
    yield "lines", [f"[{at}].code" for at in range(len(claim.lines))], [line.code for line in claim.lines]
