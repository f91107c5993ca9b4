"""What lines and sets of codes are worth, and the date a line carries when none is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from careledger.core.patient_month import PatientMonth
from careledger.engine.money import Price, price
from careledger.policy.view import PolicyView

MEDICARE = "medicare_ffs"
Codes = tuple[str, ...]
Units = Mapping[str, int]


class Pricer:
    """Prices under one view; equal questions are answered once."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self._prices: dict[object, Price] = {}

    def price(
        self, month: PatientMonth, code: str, units: int, on: date | None = None, payer: str | None = None
    ) -> Price:
        """What the month's payer (or another) allows for a line, or why that is not known."""
        on = self.view.policy.fees_day(on or service_date(month))
        payer = payer or month.payer
        key = (code, units, on, payer, month.setting, month.biller_kind, month.locality, month.qmb)
        if key not in self._prices:
            policy = self.view.policy
            own = payer == month.payer and on == self.view.day and not policy.is_hypothetical
            self._prices[key] = price(
                code,
                units,
                on,
                self.view if own else policy.fees_view(on, payer, self.view.overlays),
                setting=month.setting,
                biller_kind=month.biller_kind,
                locality=month.locality,
                payer=payer,
                qmb=month.qmb,
            )
        return self._prices[key]

    def of_sets(self, month: PatientMonth, sets: Sequence[Codes], units: Units) -> dict[Codes, int | None]:
        """What each set is worth by the payer's amounts; where one is not known, all by Medicare's as a yardstick."""
        worth: dict[Codes, int | None] = {}
        for payer in dict.fromkeys((month.payer, MEDICARE)):
            worth = {
                codes: whole(self.price(month, code, units[code], payer=payer).allowed_cents for code in codes)
                for codes in sets
            }
            if None not in worth.values():
                break
        return worth

    def shares_of_sets(self, month: PatientMonth, sets: Sequence[Codes], units: Units) -> dict[Codes, int | None]:
        """What the patient owes of each set by the payer's amounts."""
        return {
            codes: whole(self.price(month, code, units[code]).patient_share_cents for code in codes) for codes in sets
        }


def service_date(month: PatientMonth) -> date:
    """The line's date when none is proposed: the last day of the month, or of the patient's life."""
    if month.died == "in_month":
        return month.month.first_on.replace(day=max(1, min(month.days_alive, month.month.days)))
    return month.month.last_on


def whole(parts: Iterable[int | None]) -> int | None:
    """The sum, or None as soon as one part is not known."""
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total
