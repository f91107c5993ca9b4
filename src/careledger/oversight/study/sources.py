"""Medicare-shaped files brought to one shape: services, first diagnoses, years of membership.

Known shapes: Tuva input layer, CMS carrier claims (one line a row), DE-SynPUF (thirteen lines a row, beneficiary
summaries a year). A file of no known shape is told of and left unread; cells that cannot be read are counted.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from careledger.core.errors import InputError, Place
from careledger.oversight.study.definitions import definitions, text_list

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ENDINGS = (".csv", ".csv.gz", ".txt", ".parquet")
_DAYS = ("%Y%m%d", "%d-%b-%Y", "%m/%d/%Y")
_WIDE = 13


@dataclass(slots=True)
class Loaded:
    """What was read: files with their shape, lines, and what could not be used.

    Attributes:
        has_services: professional claims are among the files; without them nobody's services are known.
        read, unread: paths that were read as claims or enrollment, and that were not in one of the two readings.
    """

    files: list[tuple[str, str]] = field(default_factory=list)
    lines: int = 0
    notes: list[str] = field(default_factory=list)
    has_services: bool = True
    read: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)

    def note_unread(self) -> None:
        """Tell once of each file that neither reading could use."""
        for path in dict.fromkeys(self.unread):
            if path not in self.read:
                self.notes.append(f"{path.name}: no claims or enrollment file of a known shape, left unread")


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """A file with its columns by their plain names."""

    path: Path
    columns: dict[str, str]
    """Plain name to the name as it stands."""
    delimiter: str

    @property
    def source(self) -> str:
        where = str(self.path).replace("'", "''")
        if self.path.suffix == ".parquet":
            return f"read_parquet('{where}')"
        return f"read_csv('{where}', header = true, delim = '{self.delimiter}', all_varchar = true, quote = '\"', strict_mode = false, null_padding = true)"

    def has(self, *names: str) -> bool:
        return all(name in self.columns for name in names)

    def text(self, *names: str) -> str:
        """The first of some columns that is filled."""
        there = [
            f"nullif(trim(CAST(\"{self.columns[name]}\" AS VARCHAR)), '')" for name in names if name in self.columns
        ]
        return f"coalesce({', '.join(there)})" if there else "CAST(NULL AS VARCHAR)"

    def day(self, *names: str) -> str:
        text = self.text(*names)
        shapes = ", ".join(f"CAST(try_strptime({text}, {shape!r}) AS DATE)" for shape in _DAYS)
        return f"coalesce(TRY_CAST({text} AS DATE), {shapes})"

    def numbered(self, start: str) -> list[str]:
        """Columns named ``start1`` or ``start_1`` and on, in their order."""
        return [name for name in self.columns if re.fullmatch(rf"{start}_?\d+", name)]


def files_of(folder: Path) -> list[ClaimsFile]:
    """Every readable file of a folder (or one file), with its columns.

    Raises:
        InputError: there is none.
    """
    paths = [folder] if folder.is_file() else sorted(path for path in folder.iterdir() if path.name.endswith(_ENDINGS))
    if not paths:
        raise InputError(Place(str(folder)), "no file to read", f"give files that end in {', '.join(_ENDINGS)}")
    return [_opened(path) for path in paths]


def _opened(path: Path) -> ClaimsFile:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        names, delimiter = pyarrow.parquet.read_schema(path).names, ","
    else:
        opened = gzip.open if path.suffix == ".gz" else open
        try:
            with opened(path, "rt", encoding="utf-8-sig") as lines:
                first = lines.readline().strip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise InputError(Place(path.name), "the file cannot be read as text", "save it as CSV UTF-8") from None
        delimiter = max(",|\t;", key=first.count)
        names = next(csv.reader([first], delimiter=delimiter), [])
    return ClaimsFile(path, {name.strip().lower(): name for name in names}, delimiter)


def load_claims(con: DuckDBPyConnection, folder: Path, loaded: Loaded) -> None:
    """Make ``services`` and ``first_seen`` from every claims file of a folder.

    Raises:
        InputError: no file has a known shape.
    """
    take_claims(con, files_of(folder), loaded)
    refuse_without_claims(folder, loaded)
    make_conditions(con)


def take_claims(con: DuckDBPyConnection, files: Iterable[ClaimsFile], loaded: Loaded) -> None:
    """Make ``services`` and ``seen`` (diagnoses with their first and last day) from files."""
    con.execute(
        "CREATE TABLE services (person VARCHAR, code VARCHAR, day DATE, practitioner VARCHAR, practice VARCHAR, "
        "specialty VARCHAR, units DOUBLE, allowed DOUBLE)"
    )
    con.execute("CREATE TABLE seen (person VARCHAR, dx VARCHAR, day DATE, last_day DATE)")
    for file in files:
        shape, rows = _claim_rows(file)
        if rows is None:
            loaded.unread.append(file.path)
            continue
        loaded.read.append(file.path)
        loaded.files.append((file.path.name, shape))
        con.execute(f"CREATE OR REPLACE TABLE claim_rows AS {rows}")
        _take(con, file.path.name, loaded)
    con.execute("DROP TABLE IF EXISTS claim_rows")


def refuse_without_claims(folder: Path, loaded: Loaded) -> None:
    """Refuse a folder of which no file held professional claims, unless it is DE-SynPUF's, which flags conditions of its people."""
    if any(shape in ("tuva", "carrier", "desynpuf") for _, shape in loaded.files):
        return
    if not any(file.has("desynpuf_id") for file in files_of(folder)):
        raise InputError(
            Place(str(folder)), "no file of professional claims", "give Tuva, CMS carrier or DE-SynPUF carrier files"
        )
    loaded.has_services = False
    conditions = definitions()["conditions"].values()
    loaded.notes += [
        "no file of professional claims: eligible people are counted by year, conditions, dual status and region; any-CCM rate, months, "
        "code mix, practitioners, attribution, money and overlap are not known",
        f"conditions are those that DE-SynPUF's summaries flag, {sum('flag' in one for one in conditions)} of {len(conditions)}, so fewer "
        "people are eligible than by diagnoses; its claims' diagnoses are ICD-9 and its summaries hold no dual status",
    ]


def _take(con: DuckDBPyConnection, name: str, loaded: Loaded) -> None:
    con.execute(
        "INSERT INTO services SELECT person, upper(code), day, practitioner, practice, specialty, units, allowed FROM claim_rows "
        "WHERE person IS NOT NULL AND day IS NOT NULL AND upper(code) IN (SELECT code FROM law_codes)"
    )
    con.execute(
        "INSERT INTO seen SELECT person, left(replace(dx, '.', ''), 4) AS dx4, MIN(day), MAX(day) FROM ("
        "SELECT person, day, UNNEST(dx) AS dx FROM claim_rows WHERE person IS NOT NULL AND day IS NOT NULL) WHERE dx IS NOT NULL GROUP BY ALL"
    )
    lines, nobody, no_day = con.execute(
        "SELECT COUNT(*), COUNT(*) FILTER (person IS NULL), COUNT(*) FILTER (day IS NULL) FROM claim_rows"
    ).fetchall()[0]
    loaded.lines += lines
    for count, what in ((nobody, "without a person"), (no_day, "with an impossible or missing day")):
        if count:
            loaded.notes.append(f"{name}: {count:,} of {lines:,} lines {what}: counted, in no figure")


def _claim_rows(file: ClaimsFile) -> tuple[str, str | None]:
    if file.has("hcpcs_code") and (file.has("person_id") or file.has("patient_id")):
        return "tuva", _tuva(file)
    if file.has("bene_id", "hcpcs_cd", "line_1st_expns_dt"):
        return "carrier", _carrier(file)
    if file.has("desynpuf_id", "hcpcs_cd_1", "prf_physn_npi_1"):
        return "desynpuf", _desynpuf_lines(file)
    if file.has("desynpuf_id", "clm_id"):
        return "diagnoses only", _desynpuf_diagnoses(file)
    return "", None


def _dx(file: ClaimsFile, columns: list[str]) -> str:
    return f"[{', '.join(file.text(name) for name in columns)}]" if columns else "CAST([] AS VARCHAR[])"


def _tuva(file: ClaimsFile) -> str:
    return f"""SELECT {file.text("person_id", "patient_id")} AS person, {file.text("hcpcs_code")} AS code,
        {file.day("claim_line_end_date", "claim_line_start_date", "claim_end_date", "claim_start_date")} AS day,
        {file.text("rendering_npi", "rendering_id")} AS practitioner,
        {file.text("billing_tin", "billing_npi", "billing_id", "rendering_npi")} AS practice, {file.text("rendering_specialty", "specialty")} AS specialty,
        coalesce(TRY_CAST({file.text("service_unit_quantity")} AS DOUBLE), 1) AS units,
        TRY_CAST({file.text("allowed_amount", "total_cost_amount", "paid_amount")} AS DOUBLE) AS allowed,
        {_dx(file, file.numbered("diagnosis_code"))} AS dx FROM {file.source}"""


def _carrier(file: ClaimsFile) -> str:
    columns = [
        *file.numbered("icd_dgns_cd"),
        *(name for name in ("prncpal_dgns_cd", "line_icd_dgns_cd") if name in file.columns),
    ]
    return f"""SELECT {file.text("bene_id")} AS person, {file.text("hcpcs_cd")} AS code,
        {file.day("line_last_expns_dt", "line_1st_expns_dt", "clm_thru_dt")} AS day, {file.text("prf_physn_npi")} AS practitioner,
        {file.text("tax_num", "org_npi_num")} AS practice, {file.text("prvdr_spclty")} AS specialty,
        coalesce(TRY_CAST({file.text("line_srvc_cnt")} AS DOUBLE), 1) AS units,
        TRY_CAST({file.text("line_alowd_chrg_amt")} AS DOUBLE) AS allowed, {_dx(file, columns)} AS dx FROM {file.source}"""


def _desynpuf_lines(file: ClaimsFile) -> str:
    """Thirteen lines a row become rows; diagnoses go with the first of them."""
    parts = []
    for place in range(1, _WIDE + 1):
        if file.has(f"hcpcs_cd_{place}"):
            dx = _dx(file, file.numbered("icd9_dgns_cd")) if place == 1 else "CAST([] AS VARCHAR[])"
            parts.append(
                f"SELECT {file.text('desynpuf_id')} AS person, {file.text(f'hcpcs_cd_{place}')} AS code, {file.day('clm_thru_dt', 'clm_from_dt')} AS day, "
                f"{file.text(f'prf_physn_npi_{place}')} AS practitioner, {file.text(f'tax_num_{place}')} AS practice, "
                f"CAST(NULL AS VARCHAR) AS specialty, 1.0 AS units, TRY_CAST({file.text(f'line_alowd_chrg_amt_{place}')} AS DOUBLE) AS allowed, {dx} AS dx "
                f"FROM {file.source}" + ("" if place == 1 else f" WHERE {file.text(f'hcpcs_cd_{place}')} IS NOT NULL")
            )
    return " UNION ALL ".join(parts)


def _desynpuf_diagnoses(file: ClaimsFile) -> str:
    return f"""SELECT {file.text("desynpuf_id")} AS person, CAST(NULL AS VARCHAR) AS code, {file.day("clm_thru_dt", "clm_from_dt")} AS day,
        CAST(NULL AS VARCHAR) AS practitioner, CAST(NULL AS VARCHAR) AS practice, CAST(NULL AS VARCHAR) AS specialty, 1.0 AS units,
        CAST(NULL AS DOUBLE) AS allowed, {_dx(file, file.numbered("icd9_dgns_cd"))} AS dx FROM {file.source}"""


def make_conditions(con: DuckDBPyConnection) -> None:
    """First day of each condition of each person, and the last of each frailty marker, from ``seen``."""
    con.execute(
        """
        CREATE TABLE first_seen AS
        SELECT person, kind, name, MIN(day) AS first_day, MAX(last_day) AS last_day FROM (
            SELECT s.*, p.kind, p.name FROM seen s JOIN prefixes p ON p.prefix = left(s.dx, 3)
            UNION ALL SELECT s.*, p.kind, p.name FROM seen s JOIN prefixes p ON p.prefix = s.dx AND length(s.dx) = 4)
        GROUP BY ALL"""
    )
    con.execute("DROP TABLE seen")


def load_enrollment(con: DuckDBPyConnection, folder: Path, loaded: Loaded) -> None:
    """Make ``members`` (person, year, months, born, died, dual, region) from every enrollment file of a folder.

    Raises:
        InputError: no file has a known shape.
    """
    take_enrollment(con, files_of(folder), loaded)
    refuse_without_members(con, folder)
    make_members(con)


def take_enrollment(con: DuckDBPyConnection, files: Iterable[ClaimsFile], loaded: Loaded) -> None:
    """Make ``spans`` from files; what summaries say of conditions goes to ``first_seen``."""
    con.execute(
        "CREATE TABLE spans (person VARCHAR, since DATE, until DATE, born DATE, died DATE, dual BOOLEAN, state VARCHAR)"
    )
    for file in files:
        sql = _spans(file)
        if sql is None:
            loaded.unread.append(file.path)
            continue
        loaded.read.append(file.path)
        loaded.files.append((file.path.name, "enrollment"))
        con.execute(f"INSERT INTO spans {sql}")
        if file.has("desynpuf_id"):
            _summary_conditions(con, file)


def refuse_without_members(con: DuckDBPyConnection, folder: Path) -> None:
    """Refuse files in which nobody is enrolled."""
    if not con.execute("SELECT COUNT(*) FROM spans").fetchall()[0][0]:
        raise InputError(
            Place(str(folder)),
            "nobody is enrolled in these files",
            "give Tuva eligibility, CMS or DE-SynPUF beneficiary files",
        )


def make_members(con: DuckDBPyConnection) -> None:
    """Make ``members`` from ``spans``."""
    con.execute(
        """
        CREATE TABLE members AS
        WITH people AS (
            SELECT person, MIN(born) AS born, MIN(died) AS died, bool_or(dual) AS dual, MIN(state) AS state FROM spans GROUP BY person
        ), years AS (
            SELECT person, since, until, UNNEST(range(year(since), year(until) + 1)) AS year FROM spans WHERE since <= until
        ), months AS (
            SELECT person, year, bit_count(bit_or((1 << CASE WHEN year < year(until) THEN 12 ELSE month(until) END)
                - (1 << CASE WHEN year > year(since) THEN 0 ELSE month(since) - 1 END))) AS months FROM years GROUP BY person, year
        )
        SELECT m.person, m.year, m.months, p.born, p.died, p.dual, coalesce(s.region, 'unknown') AS region
        FROM months m JOIN people p USING (person) LEFT JOIN states s
            ON s.written = CASE WHEN length(p.state) = 1 THEN '0' || p.state ELSE upper(p.state) END"""
    )


def _spans(file: ClaimsFile) -> str | None:
    duals = text_list(definitions()["dual_codes"])
    if file.has("enrollment_start_date"):
        dual = file.text("dual_status_code")
        return f"""SELECT {file.text("person_id", "patient_id")}, {file.day("enrollment_start_date")},
            coalesce({file.day("enrollment_end_date")}, current_date), {file.day("birth_date")}, {file.day("death_date")},
            CASE WHEN {dual} IS NOT NULL THEN lpad({dual}, 2, '0') IN ({duals}) END, {file.text("state")} FROM {file.source}"""
    if file.has("bene_id", "rfrnc_yr"):
        year = file.text("rfrnc_yr")
        return f"""SELECT {file.text("bene_id")}, CAST({year} || '-01-01' AS DATE),
            CAST(CAST({year} || '-01-01' AS DATE) + to_months(greatest(CAST({file.text("b_mo_cnt")} AS INTEGER), 1)) - INTERVAL 1 DAY AS DATE),
            {file.day("bene_birth_dt")}, {file.day("death_dt")}, TRY_CAST({file.text("dual_mo_cnt")} AS INTEGER) > 0, {file.text("state_code")}
            FROM {file.source} WHERE TRY_CAST({file.text("b_mo_cnt")} AS INTEGER) > 0"""
    found = re.search(r"(20\d\d)", file.path.name)
    if file.has("desynpuf_id", "bene_smi_cvrage_tot_mons") and found:
        year = found[1]
        return f"""SELECT {file.text("desynpuf_id")}, DATE '{year}-01-01', CAST(DATE '{year}-01-01'
            + to_months(CAST({file.text("bene_smi_cvrage_tot_mons")} AS INTEGER)) - INTERVAL 1 DAY AS DATE), {file.day("bene_birth_dt")},
            {file.day("bene_death_dt")}, CAST(NULL AS BOOLEAN), {file.text("sp_state_code")} FROM {file.source}
            WHERE TRY_CAST({file.text("bene_smi_cvrage_tot_mons")} AS INTEGER) > 0 AND TRY_CAST({file.text("bene_hmo_cvrage_tot_mons")} AS INTEGER) = 0"""
    return None


def _summary_conditions(con: DuckDBPyConnection, file: ClaimsFile) -> None:
    """DE-SynPUF names conditions by flags of the year instead of ICD-10 codes."""
    found = re.search(r"(20\d\d)", file.path.name)
    assert found is not None
    for name, one in definitions()["conditions"].items():
        flag = one.get("flag")
        if flag and file.has(flag):
            con.execute(
                f"INSERT INTO first_seen SELECT {file.text('desynpuf_id')}, 'condition', '{name}', DATE '{found[1]}-12-31', DATE '{found[1]}-12-31' "
                f"FROM {file.source} WHERE {file.text(flag)} = '1'"
            )
