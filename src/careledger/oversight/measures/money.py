"""Money of a month from the claims store: charged, allowed and collected by payer and code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivables:
    """What is owed at a month's end, how many days of charges that is, and why claims were denied.

    Attributes:
        open_cents: charges sent up to the month's end that no remittance answered by then.
        charged_cents: charges sent in the three months that end with the month.
        answered_after: days from sending to the first remittance, one for each claim answered up to the month's end.
        denials: (group and reason, lines that pay nothing) of the month's claims, most first.
    """

    open_cents: int
    charged_cents: int
    period_days: int
    answered_after: tuple[int, ...]
    denials: tuple[tuple[str, int], ...]

    @property
    def days(self) -> float | None:
        """Days in receivables: what is owed by the mean daily charge; None when nothing was charged."""
        return self.open_cents * self.period_days / self.charged_cents if self.charged_cents else None

    @property
    def mean_days_to_answer(self) -> float | None:
        """Mean days from sending to an answer; None when nothing was answered."""
        return sum(self.answered_after) / len(self.answered_after) if self.answered_after else None


_SENT_ON = "(SELECT MIN(substr(b.created_at, 1, 10)) FROM batch_claim x JOIN batch b USING (batch_id) WHERE x.claim_id = c.claim_id)"
_OWED = f"""
SELECT c.charge_cents, {_SENT_ON}, (SELECT MIN(p.paid_on) FROM remitted_claim k JOIN payment p USING (payment_id) WHERE k.claim_id = c.claim_id)
FROM claim c WHERE c.state IN ('exported', 'taken')
"""
_DENIED = """
SELECT a.group_code || ' ' || a.reason, COUNT(*) FROM remitted_line r JOIN remitted_claim k USING (payment_id, seq)
JOIN remitted_adjustment a USING (payment_id, seq, line_seq) JOIN claim c ON c.claim_id = k.claim_id
WHERE c.month = ? AND r.paid_cents = 0 GROUP BY 1 ORDER BY 2 DESC, 1
"""


def receivables(file: Path, month: Month) -> Receivables:
    """What is owed, days to payment and denials by reason, from the claims store.

    Raises:
        InputError: the file is no claims store.
    """
    first, end = month.previous().previous().first_on, month.last_on
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            rows = [row for row in store.execute(_OWED) if row[1] and row[1] <= str(end)]
            denials = tuple((str(why), int(count)) for why, count in store.execute(_DENIED, (str(month),)))
    except sqlite3.DatabaseError as error:
        raise InputError(
            Place(str(file)), f"no claims store ({error})", "name the file that 'claims build --store' made"
        ) from None
    paid = [(sent, on) for _, sent, on in rows if on and on <= str(end)]
    return Receivables(
        open_cents=sum(cents for cents, _, on in rows if not on or on > str(end)),
        charged_cents=sum(cents for cents, sent, _ in rows if sent >= str(first)),
        period_days=(end - first).days + 1,
        answered_after=tuple((date.fromisoformat(on) - date.fromisoformat(sent)).days for sent, on in paid),
        denials=denials,
    )
