"""The clinic's rows as the tables that measures and the radar ask their questions of."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Min

from careledger.core.month import Month
from careledger.core.records import TABLES
from careledger.facts.schema import columns_of, create_tables, stored
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import TABLES_OF_PATIENTS as MODELS
from careledger.web.patients.models import Consent, Patient, ProgramStatus
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.records import attributes_of, to_records
from careledger.web.tenancy.scope import current_organisation
from careledger.web.timers.models import TimeEntry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEASURED: dict[str, tuple[str, ...]] = {
    "practices": (),
    "people": (),
    "patients": ("patient_id", "born_on", "died_on", "language", "zip"),
    "coverage": ("patient_id", "qmb"),
    "panel": ("patient_id",),
    "conditions": ("patient_id", "icd10", "chronic", "expected_months", "significant_risk", "since", "until"),
    "enrolments": ("patient_id", "program", "started_on"),
    "care_plans": ("patient_id", "established_on", "reviewed_on", "revised_on", "copy_given_on"),
    "goals": ("goal_id", "patient_id", "status", "reviewed_on", "due_on"),
    "time_entries": ("patient_id", "by", "programs", "start_s", "end_s", "on", "seconds", "activity"),
}
"""Tables and columns that the cockpit's measures read; all columns where none is named."""
Rows = Sequence[tuple[Any, ...]]


def load(con: DuckDBPyConnection, only: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Fill the tables of ``core.records`` in an empty connection from the organisation in scope.

    Args:
        only: the tables that are needed and the columns of each; everything when None.
    """
    create_tables(con)
    wanted = only or dict.fromkeys(("practices", "people", "patients", "time_entries", *MODELS), ())
    own = {
        "practices": Practice.objects, "people": Person.objects, "patients": Patient.objects,
        "time_entries": TimeEntry.objects.current(),
    }  # fmt: skip
    for name, columns in wanted.items():
        found = own[name] if name in own else MODELS[name][0].objects
        fill(con, name, *_columns(name, found, columns))
    fill(con, "consents", *_consents())


def fill(con: DuckDBPyConnection, table: str, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """Copy rows into a table by way of a file, which DuckDB reads far faster than values handed over one by one."""
    with tempfile.TemporaryDirectory(dir=_aside()) as folder:
        file = Path(folder) / "rows.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        columns = ", ".join(f'"{name}"' for name in names)
        con.execute(
            f"COPY {table} ({columns}) FROM '{file}' (AUTO_DETECT false, HEADER false, ESCAPE '\"', DELIMITER ',', QUOTE '\"', NULLSTR '')"
        )


def load_beside(con: DuckDBPyConnection, month: Month) -> set[str]:
    """Bring in who was invited, and for whom the month's standings bill; names what is there."""
    con.execute("CREATE TABLE m_invited (patient_id VARCHAR)")
    con.execute("CREATE TABLE s_billable (patient_id VARCHAR)")
    asked = ("invited", "consented", "enrolled")
    invited = ProgramStatus.objects.filter(program="ccm", status__in=asked, on__lte=month.last_on)
    fill(con, "m_invited", ("patient_id",), invited.values_list("patient__code").distinct().iterator())
    ready = Standing.objects.filter(month=str(month)).values_list("patient__code", "bills")
    codes = {"99490", "99487", "99491"}
    billed = ((code,) for code, bills in ready if any(pair[0] in codes for pair in bills))
    fill(con, "s_billable", ("patient_id",), billed)
    return {"invitations", "decisions"}


def claims_file() -> Path | None:
    """The organisation's claims store, where claims were made."""
    file: Path = settings.DATA / "claims" / current_organisation().slug / "claims.db"
    return file if file.is_file() else None


def _aside() -> Path:
    """A folder beside the database for files that last a second; they hold patient data and leave with it."""
    folder: Path = settings.DATA / "work"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _columns(table: str, found: Any, only: tuple[str, ...] = ()) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """A table's columns and rows, straight from the database; people and patients by their codes."""
    model = found.model
    pairs = [pair for pair in attributes_of(TABLES[table], model) if not only or pair[0] in only]
    columns = [_column(table, field) for field, _ in pairs]
    own = {field.name for field in model._meta.get_fields()}
    if not {attribute for _, attribute in pairs} <= own:  # a record's field that the model works out
        related = [name for _, name in pairs if name in own and model._meta.get_field(name).is_relation]
        records = to_records(found.select_related(*related).order_by("pk"), TABLES[table])
        return columns, (tuple(stored(getattr(one, field)) for field, _ in pairs) for one in records)
    names = [_path(model, attribute) for _, attribute in pairs]
    rows = found.order_by("pk").values_list(*names).iterator(chunk_size=5_000)
    return columns, (tuple(map(stored, row)) for row in rows)


def _column(table: str, field: str) -> str:
    known = {name for name, _ in columns_of(table)}
    return field if field in known else field.rstrip("_")


def _path(model: type[models.Model], attribute: str) -> str:
    return f"{attribute}__code" if model._meta.get_field(attribute).is_relation else attribute


def _consents() -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Consents with the day of their first revocation."""
    plain = ["program", "given_on", "form", "documented", "practitioner", "covers", "recorded_by"]
    known = {name for name, _ in columns_of("consents")}
    plain = [name for name in plain if name in known]
    found = Consent.objects.annotate(ended=Min("revocations__on")).order_by("pk")
    rows = found.values_list("patient__code", "ended", *plain).iterator(chunk_size=5_000)
    return ["patient_id", "revoked_on", *plain], (tuple(map(stored, row)) for row in rows)


def sent_lines(con: DuckDBPyConnection, file: Path) -> None:
    """Let the lines of claims that were sent stand among the proposed lines, where the radar looks for them."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        rows = store.execute(
            "SELECT c.patient_id, c.practitioner_id, l.code, l.since, CAST(l.units AS REAL) FROM claim c "
            "JOIN claim_line l USING (claim_id) WHERE c.state IN ('exported', 'taken')"
        ).fetchall()
    names = ("patient_id", "practitioner", "code", "on", "units")
    fill(con, "proposed_lines", names, ((*row[:4], int(row[4])) for row in rows))
