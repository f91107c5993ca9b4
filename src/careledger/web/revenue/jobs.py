"""Long work of billing: making the claims of a month."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.utils import timezone

from careledger.batch.close import close_month
from careledger.claims.outbox import check_claims, decided_rows, read_attestations
from careledger.claims.store import put_claims
from careledger.core.money import dollars
from careledger.core.month import Month
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.revenue.book import config, store, tables
from careledger.web.work.kinds import Tell, kind


@kind("claims.make", "Make claims")
def make(arguments: dict[str, Any], by: Membership, tell: Tell) -> dict[str, Any]:
    """Close the month on the records as they are, build and check its claims, and keep them in the store.

    Safe to repeat: a claim that was sent is not made again, one that was not is brought up to date.
    """
    month = Month.parse(arguments["month"])
    now = timezone.localtime().replace(tzinfo=None, microsecond=0)
    tell("reading the records", 0, 3)
    with tables(month) as data, tempfile.TemporaryDirectory(dir=data.parent) as aside:
        tell("deciding the month", 1, 3)
        close_month(data, Path(aside, "close"), month, policy(), as_of=now.date())
        tell("building and checking claims", 2, 3)
        decided = decided_rows(Path(aside, "close", "decisions.parquet"), month)
        checked = list(check_claims(decided, data, read_attestations(data), config(), policy(), now.date()))
        with store() as opened:
            put = put_claims(opened, [(row.claim, sorted({hold.check for hold in row.holds})) for row in checked], now)
    ready = [row for row in checked if not row.holds]
    cents = sum(line.charge_cents for row in ready for line in row.claim.lines)
    record(
        acting_user=by, action="claims.made",
        after={"month": str(month), "ready": len(ready), "held": len(checked) - len(ready), "new": put.new},
    )  # fmt: skip
    return {
        "says": f"{len(ready)} claims ready ({dollars(cents)}), {len(checked) - len(ready)} held",
        "lines": [f"{put.new} new, {put.updated} changed, {put.same} as before, {len(put.sent)} sent before"],
        "next": f"/claims/?month={month}",
    }
