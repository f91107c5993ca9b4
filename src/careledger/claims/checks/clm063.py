"""One base a month.

Looks at the base codes of care management over all claims of the file or build: one base code of a program for a
patient and month, whoever bills it. Federal auditors found 38,447 claims that broke this in two years.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import code_facts
from careledger.claims.model import Claim

WHY = "only the first claim of a period is paid (reasons 18, 119, B20)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No base code of CCM or oversight is billed twice for one patient and month."""
    seen: set[tuple[str, str]] = set()
    for at, line, view in context.lines(claim):
        facts = code_facts(view, line.code, context.known_codes)
        if facts is None or facts.role != "base" or facts.family not in ("ccm", "care_plan_oversight"):
            continue
        month = str(line.until)[:7]
        before = {row.code for row in context.earlier.of(claim, line)}
        if (line.code, month) in seen or line.code in before:
            what = f"{line.code} is billed twice for the patient and month"
            yield Problem(f"lines[{at}].code", what, WHY, "bill it once, and find out who furnished the service")
        seen.add((line.code, month))
