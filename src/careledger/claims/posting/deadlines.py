"""By when a denial must be answered, from policy; nothing is said where no rule is held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from careledger.claims.code_words import code_words
from careledger.claims.model import Adjustment
from careledger.claims.x12.remittance import ClaimPayment
from careledger.policy import Policy

NO_APPEAL = "MA130"
APPEAL = "appeal"
"""Stands for the last day of appeal until the day of the remittance is known."""
_MEDICARE = ("MB", "MA")


class Deadlines:
    """Deadlines of one remittance's day."""

    def __init__(self, policy: Policy, on: date) -> None:
        view = policy.on(on)
        self.appeal_days = int(view.number("claims.appeal.first_level_days"))
        self.filing_months = int(view.number("claims.filing.months"))
        self.refund_words = f"within {int(view.number('claims.appeal.overpayment_days'))} days of finding it"

    def of(self, remitted: ClaimPayment, remarks: Sequence[str]) -> str:
        """The last day to send a new claim where no appeal is given, else ``appeal``; empty for payers by contract.

        A professional claim's time runs from the first day of a line.
        """
        if remitted.filing not in _MEDICARE:
            return ""
        days = [line.since or line.until for line in remitted.lines]
        served = min((day for day in days if day is not None), default=None)
        if NO_APPEAL in remarks or NO_APPEAL in remitted.remarks:
            return "" if served is None else months_after(served, self.filing_months).isoformat()
        return APPEAL

    def appeal_until(self, decided_on: date) -> date:
        """The last day to appeal a decision of a day."""
        return decided_on + timedelta(days=self.appeal_days)

    def words(self, reasons: Iterable[Adjustment], remarks: Sequence[str]) -> tuple[str, str]:
        """What was refused and what to do, in our words."""
        told = [code_words("reason", row.reason) for row in reasons]
        told += [code_words("remark", remark) for remark in remarks]
        says = "; ".join(dict.fromkeys(word.says for word in told))
        return says, "; ".join(dict.fromkeys(word.do for word in told))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    month = day.month - 1 + months
    year, number = day.year + month // 12, month % 12 + 1
    last = (date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, number, min(day.day, last))
