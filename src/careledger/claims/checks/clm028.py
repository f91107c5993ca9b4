"""Place of service of care management.

Looks at CCM lines billed to Medicare: the place is where the practitioner would ordinarily see the patient: 11 for an
office, 19 or 22 for a hospital outpatient department. Where staff sit or the patient lives does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import places_for
from careledger.claims.codesets import codeset
from careledger.claims.model import Claim

WHY = "a place that does not fit pays the wrong fee or nothing"

SETTINGS = ("office", "hospital_outpatient", "rhc", "fqhc")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """CCM lines carry a place that fits the setting, or for a file any place CCM is billed from."""
    for at, line, view in context.lines(claim):
        if context.family(line.code) != "ccm" or line.code == "G0506":
            continue
        settings = SETTINGS if context.facts is None else (context.facts.setting,)
        allowed = places_for(view, settings)
        if (line.place or claim.place) not in allowed and (line.place or claim.place) in codeset("pos"):
            field = f"lines[{at}].place" if line.place else "place"
            mend = f"use {' or '.join(sorted(allowed))}: where the practitioner would ordinarily see the patient"
            yield Problem(field, "a place of service from which CCM is not billed", WHY, mend)
