"""Every vignette once more, inside one close of its month over a folder of tables: both answers must agree."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from tests.vignettes.decided import Verdict, alone, case_of, each
from tests.vignettes.expand import Vignette, all_vignettes

from careledger.batch.close import close_month
from careledger.core.records import TABLES
from careledger.engine.check import with_proposers
from careledger.policy import load_policy

POLICY = load_policy()
VIGNETTES = [vignette for vignette in all_vignettes() if not vignette.overlay and not vignette.suppose]
"""A close has one policy, so vignettes that ask under another have no place in it."""


@cache
def closed(month: str, today: date | None) -> dict[str, set[Verdict]]:
    """What one close decides for everybody whose vignette plays in the month and is asked on the day."""
    rows: dict[str, list[Any]] = defaultdict(list)
    here = [vignette for vignette in VIGNETTES if (vignette.month, vignette.today) == (month, today)]
    for vignette in here:
        for table, records in with_proposers(case_of(vignette)).items():
            rows[table] += [_renamed(record, vignette.id) for record in records]
    with TemporaryDirectory() as folder:
        data, out = Path(folder) / "data", Path(folder) / "out"
        data.mkdir()
        for table, records in rows.items():
            _write(data / f"{table}.csv", table, records)
        summary = close_month(data, out, case_of(here[0]).month, POLICY, as_of=today, self_audit=True)
        assert summary.exit_status == 0, summary.report
        return _read(out)


def _renamed(record: Any, name: str) -> Any:
    changes = {"patient_id": name} if hasattr(record, "patient_id") else {}
    if hasattr(record, "entry_id"):
        changes["entry_id"] = f"{name}/{record.entry_id}"
    return replace(record, **changes)


def _write(path: Path, table: str, records: list[Any]) -> None:
    columns = [column.name for column in fields(TABLES[table])]
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([column.rstrip("_") for column in columns])
        writer.writerows([_cell(getattr(record, column)) for column in columns] for record in records)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _read(out: Path) -> dict[str, set[Verdict]]:
    sql = f"SELECT patient, practitioner, code, verdict, units FROM '{out}/decisions.parquet'"
    found: dict[str, set[Verdict]] = defaultdict(set)
    for patient, *verdict in duckdb.connect().execute(sql).fetchall():
        found[patient].add(tuple(verdict))
    return found


@pytest.mark.parametrize("vignette", each(VIGNETTES))
def test_a_vignette_in_a_close_has_the_answer_it_has_alone(vignette: Vignette) -> None:
    assert closed(vignette.month, vignette.today)[vignette.id] == alone(vignette).verdicts
