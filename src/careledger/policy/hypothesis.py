"""Policy as it is not: another month's rules, another fee year, an overlay that is off.

A hypothesis answers every question a policy answers, so that a past month can be closed again under it and nothing that
reads policy need know. Nothing real changes.
"""

from __future__ import annotations

import calendar
import copy
from dataclasses import dataclass
from datetime import date

from careledger.core.month import Month
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What is supposed.

    Attributes:
        rules_of: the month whose rules stand in place of the service month's.
        fees_of: the year whose fees price every line.
        overlays: overlays laid over the rules, such as a proposed rule.
    """

    rules_of: Month | None = None
    fees_of: int | None = None
    overlays: tuple[str, ...] = ()

    def says(self) -> str:
        """The hypothesis in words."""
        parts = [f"under the rules of {self.rules_of}"] if self.rules_of else []
        parts += [f"at the fees of {self.fees_of}"] if self.fees_of else []
        parts += [f"with the overlay {name}" for name in self.overlays]
        return ", ".join(parts) or "as it is"


class HypotheticalPolicy(Policy):
    """A policy that answers under a hypothesis."""

    is_hypothetical = True

    def __init__(self, policy: Policy, hypothesis: Hypothesis) -> None:
        """A policy under a hypothesis.

        Raises:
            PolicyError: the hypothesis names an overlay that policy does not hold.
        """
        self.__dict__.update(copy.copy(policy.__dict__))
        self._resolved = {}
        self.hypothesis = hypothesis
        for name in hypothesis.overlays:
            policy.overlay(name)

    def on(self, day: date, payer: str = "medicare_ffs", *, overlays: tuple[str, ...] = ()) -> PolicyView:
        """Policy on the supposed day, with the supposed overlays."""
        return super().on(self._rules_day(day), payer, overlays=self._with(overlays))

    def fees_day(self, on: date) -> date:
        """The same day of the supposed fee year, else of the supposed rules' year."""
        if self.hypothesis.fees_of is not None:
            return _same_day(on, self.hypothesis.fees_of, on.month)
        return on

    def fees_view(self, on: date, payer: str, overlays: tuple[str, ...] = ()) -> PolicyView:
        """Policy as prices are read from it: on the day of the fees, whatever rules are supposed."""
        return super().on(on, payer, overlays=self._with(overlays))

    def _with(self, overlays: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*overlays, *self.hypothesis.overlays)))

    def _rules_day(self, day: date) -> date:
        supposed = self.hypothesis.rules_of
        return day if supposed is None else _same_day(day, supposed.year, supposed.number)


def _same_day(day: date, year: int, month: int) -> date:
    """The day of the month in another month; its last when it has no such day, or when the day is a last one."""
    last = calendar.monthrange(year, month)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month, last if is_last else min(day.day, last))
