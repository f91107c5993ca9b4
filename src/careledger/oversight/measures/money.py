"""Money of a month from the claims store: charged, allowed and collected by payer and code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from careledger.core.errors import InputError, Place
from careledger.core.month import Month

_CHARGED = """
SELECT c.payer_policy, l.code, COUNT(*), SUM(l.charge_cents) FROM claim c JOIN claim_line l USING (claim_id)
WHERE c.month = ? AND c.state IN ('exported', 'taken') GROUP BY 1, 2 ORDER BY 1, 2
"""
_ANSWERED = """
SELECT c.payer_policy, r.code, SUM(coalesce(r.allowed_cents, 0)), SUM(r.paid_cents), SUM(r.paid_cents = 0)
FROM remitted_line r JOIN remitted_claim k USING (payment_id, seq) JOIN claim c ON c.claim_id = k.claim_id
WHERE c.month = ? GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A payer's code in a month; ``collected_percent`` is of what was charged, None when nothing was."""

    payer: str
    code: str
    lines: int
    charged_cents: int
    allowed_cents: int
    collected_cents: int
    denied_lines: int

    @property
    def collected_percent(self) -> float | None:
        return 100 * self.collected_cents / self.charged_cents if self.charged_cents else None


def money(file: Path, month: Month) -> list[Money]:
    """Every payer and code of the month's sent claims.

    Raises:
        InputError: the file is no claims store.
    """
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            charged = store.execute(_CHARGED, (str(month),)).fetchall()
            answered = {(row[0], row[1]): row[2:] for row in store.execute(_ANSWERED, (str(month),)).fetchall()}
    except sqlite3.DatabaseError as error:
        raise InputError(
            Place(str(file)), f"no claims store ({error})", "name the file that 'claims build --store' made"
        ) from None
    none = (0, 0, 0)
    return [
        Money(
            payer=payer,
            code=code,
            lines=lines,
            charged_cents=cents,
            allowed_cents=allowed,
            collected_cents=paid,
            denied_lines=denied,
        )
        for payer, code, lines, cents in charged
        for allowed, paid, denied in [answered.get((payer, code), none)]
    ]
