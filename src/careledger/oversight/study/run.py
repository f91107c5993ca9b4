"""The study from folders of claims and enrollment to its figures."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from careledger.core.sheets import Sheet
from careledger.facts.working import working_database
from careledger.oversight.radar.law import load_law
from careledger.oversight.study.definitions import load_definitions
from careledger.oversight.study.figures import Figure, denominators, figures, prepare, sum_up
from careledger.oversight.study.sources import Loaded, load_claims, load_enrollment

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.policy import Policy

MEMORY = "5GB"
_COLUMNS = (
    "figure",
    "year",
    "cut",
    "stratum",
    "unit",
    "numerator",
    "denominator",
    "value",
    "low",
    "high",
    "definition",
)


@dataclass(slots=True)
class Study:
    """What was read and what came out."""

    loaded: Loaded
    figures: list[Figure] = field(default_factory=list)
    lines_by_code: dict[str, int] = field(default_factory=dict)

    def of(self, id_: str, cut: str = "all") -> list[Figure]:
        """Figures of a name and cut, by year."""
        return [figure for figure in self.figures if figure.id == id_ and figure.cut == cut]


def run_study(claims: Path, enrollment: Path, policy: Policy, today: date, *, threads: int | None = None) -> Study:
    """Read, count and give every figure; memory is bounded, what does not fit is spilled to a temporary folder.

    Raises:
        InputError: a folder holds no file of a known shape.
    """
    loaded = Loaded()
    with (
        tempfile.TemporaryDirectory(prefix="careledger-") as aside,
        working_database(str(Path(aside, "study.db"))) as con,
    ):
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute("SET preserve_insertion_order = false")
        if threads:
            con.execute(f"SET threads = {threads}")
        load_law(con, policy, today)
        load_definitions(con)
        load_claims(con, claims, loaded)
        load_enrollment(con, enrollment, loaded)
        loaded.note_unread()
        prepare(con)
        sum_up(con)
        return study_of(con, loaded)


def study_of(con: DuckDBPyConnection, loaded: Loaded) -> Study:
    """The study from tables of sums."""
    lines = con.execute("SELECT code, CAST(lines AS BIGINT) FROM s_lines ORDER BY code").fetchall()
    found = figures(con) if loaded.has_services else denominators(con)
    return Study(loaded, list(found), dict(lines))


def write_figures(study: Study, file: Path) -> None:
    """Write every figure as CSV, whole or not at all."""
    aside = file.with_name(f".{file.name}.part")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        sheet = Sheet(stream)
        sheet.row(_COLUMNS)
        for f in study.figures:
            numbers = ("" if n is None else f"{n:.4f}" for n in (f.value, f.low, f.high))
            sheet.row((f.id, f.year, f.cut, f.stratum, f.unit, f"{f.numerator:g}", f.denominator, *numbers, f.says))
    aside.replace(file)
