"""How long patients stay: the retention curve, and months of work per patient with its published figure beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.policy import PolicyView

LONGEST = 12
"""Months after the first that the curve shows."""

CURVE = f"""
WITH own AS (
    SELECT patient_id, MIN(month_no) AS first, MAX(month_no) AS last FROM m_work
    WHERE month_no <= getvariable('month_no') GROUP BY patient_id
)
SELECT after, COUNT(*) FILTER (last >= first + after), COUNT(*)
FROM own, UNNEST(range(0, {LONGEST + 1})) AS u(after) WHERE first + after <= getvariable('month_no')
GROUP BY after ORDER BY after
"""
MONTHS = """
SELECT COUNT(*), COUNT(DISTINCT patient_id) FROM (
    SELECT DISTINCT patient_id, month_no FROM m_work
    WHERE month_no BETWEEN getvariable('month_no') - 11 AND getvariable('month_no')
)
"""


@dataclass(frozen=True, slots=True)
class Stayed:
    """A point of the curve: of ``followed`` patients whose first month lies so far back, how many had work then or later."""

    after: int
    stayed: int
    followed: int

    @property
    def percent(self) -> float | None:
        """The share that stayed; None when nobody is followed so long."""
        return 100 * self.stayed / self.followed if self.followed else None


@dataclass(frozen=True, slots=True)
class Months:
    """Months with logged CCM in the year that ends with the month, of patients with any; ``mean`` is None for nobody."""

    months: int
    patients: int
    published: str

    @property
    def mean(self) -> float | None:
        """Months for each patient."""
        return self.months / self.patients if self.patients else None


def curve(con: DuckDBPyConnection) -> list[Stayed]:
    """The retention curve from the table of work."""
    return [Stayed(*row) for row in con.execute(CURVE).fetchall()]


def months_per_patient(con: DuckDBPyConnection, view: PolicyView) -> Months:
    """Months for each patient over twelve months, beside the published mean."""
    months, patients = con.execute(MONTHS).fetchall()[0]
    value = view.value("house.published.months_per_user")
    return Months(int(months), int(patients), f"{value.value} ({value.note}; {', '.join(value.cite)})")
