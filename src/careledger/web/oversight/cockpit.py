"""The cockpit: every measure of a month, computed once for each state of the record and kept until something changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone

from careledger.core.month import Month
from careledger.facts.working import working_database
from careledger.oversight.measures.compute import Cockpit, Measured, begin, load_store, measured
from careledger.oversight.measures.money import Money, Receivables, money, receivables
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import policy
from careledger.web.oversight.tables import MEASURED, claims_file, load, load_beside
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import current_organisation
from careledger.web.timers.models import TimeLedger

_KEPT: dict[tuple[int, str], tuple[Any, Board]] = {}
_MOST = 64
RECENT = timedelta(minutes=2)
"""While people log time all day long, a count is shown for so long with its time beside it, and is not made for each reader."""
_COLLECTED = "contacts.payers.expected_percent_of_charges"


@dataclass(slots=True)
class Board:
    """A month's cockpit with its money.

    Attributes:
        at: when it was counted.
        is_behind: something was written since, and the count is recent enough to be shown with its time.
        expected_percent: the assumed share of charges that policy holds.
    """

    told: Cockpit
    at: datetime
    is_behind: bool = False
    money: list[Money] = field(default_factory=list)
    receivables: Receivables | None = None
    expected_percent: Any = None

    def one(self, id_: str) -> Measured | None:
        """A measure by its id."""
        return next((one for one in self.told.measured if one.measure.id == id_), None)

    @property
    def charged(self) -> int:
        """Cents charged."""
        return sum(one.charged_cents for one in self.money)

    @property
    def collected(self) -> int:
        """Cents collected."""
        return sum(one.collected_cents for one in self.money)

    @property
    def collection_rate(self) -> float | None:
        """Collected of charged, in percent; None when nothing was charged."""
        return 100 * self.collected / self.charged if self.charged else None


def board(month: Month, *, anew: bool = False) -> Board:
    """The cockpit of a month: as kept while nothing has changed, or for two minutes longer; else counted anew.

    Args:
        anew: count now if anything has changed, however recent the last count is.
    """
    place = (current_organisation().pk, str(month))
    state = _state(month)
    kept = _KEPT.get(place)
    if kept is not None and (kept[0] == state or (not anew and timezone.now() - kept[1].at < RECENT)):
        kept[1].is_behind = kept[0] != state
        return kept[1]
    made = _computed(month)
    if len(_KEPT) >= _MOST:
        _KEPT.pop(next(iter(_KEPT)))
    _KEPT[place] = (state, made)
    return made


def _state(month: Month) -> tuple[Any, ...]:
    """Another value means that something the cockpit shows may have changed: every write to a chart raises a revision."""
    patients = Patient.objects.aggregate(revisions=Sum("revision"), count=Count("pk"))
    ledger = TimeLedger.objects.filter(organisation=current_organisation()).values_list("sequence", flat=True).first()
    standings = Standing.objects.filter(month=str(month)).aggregate(
        count=Count("pk"), revisions=Sum("patient_revision"), as_of=Max("as_of")
    )
    return (*patients.values(), ledger, *standings.values(), _written(claims_file()), policy().version)


def _written(file: Path | None) -> tuple[tuple[int, int], ...]:
    """When a claims store was last written; an empty write-ahead log is only a sign that somebody has read it."""
    if file is None:
        return ()
    found = [one.stat() for one in (file, file.with_name(f"{file.name}-wal")) if one.exists()]
    return tuple((one.st_mtime_ns, one.st_size) for one in found if one.st_size)


def _computed(month: Month) -> Board:
    view = policy().on(month.last_on)
    file = claims_file()
    with working_database() as con:
        load(con, MEASURED)
        there = load_beside(con, month)
        begin(con, month, view)
        con.execute(
            "CREATE TABLE m_billable AS SELECT DISTINCT patient_id FROM s_billable JOIN m_active USING (patient_id)"
        )
        if file is not None:
            load_store(con, month, file)
            there.add("claims")
        told = measured(con, month, view, there)
    made = Board(told, timezone.now())
    made.expected_percent = policy().on(month.last_on, "commercial").find(_COLLECTED)
    if file is not None:
        made.money, made.receivables = money(file, month), receivables(file, month)
    return made
