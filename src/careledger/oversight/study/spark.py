"""The study on Apache Spark: files are read where they lie, people are dealt out, sums of parts are added up.

Spark only schedules; each task works in a DuckDB of its own. First every file is read once and its rows are dealt to parts by
person; then every part, which holds all there is of its people, is summed up. The figures come from the sums, as on a laptop.
The folder for the parts must be one that every worker reaches. Needs the package's ``spark`` extra and a Java runtime.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from careledger.batch.spark import spark_session
from careledger.facts.working import working_database
from careledger.oversight.radar.law import load_law
from careledger.oversight.study.definitions import load_definitions
from careledger.oversight.study.figures import SUMS, TOGETHER, prepare, sum_up
from careledger.oversight.study.run import Study, study_of
from careledger.oversight.study.sources import (
    Loaded,
    files_of,
    make_conditions,
    make_members,
    refuse_without_claims,
    refuse_without_members,
    take_claims,
    take_enrollment,
)
from careledger.policy import load_policy

MEMORY = "1GB"
"""What the DuckDB of one task may hold before it spills."""
DEALT = ("services", "seen", "spans", "told")
"""Tables dealt out by person: services, diagnoses, spans of membership, conditions that summaries tell."""


def study_on_spark(
    claims: Path, enrollment: Path, today: date, aside: Path, *, parts: int = 16, master: str = "local[*]"
) -> Study:
    """The study of ``run_study``, in tasks.

    Args:
        aside: a folder that every worker reaches; what is written there vanishes at the end.
        parts: into how many parts people are dealt.
        master: the Spark master.

    Raises:
        InputError: a folder holds no file of a known shape.
        SparkMissing: pyspark or Java is not installed.
    """
    aside.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".study-", dir=aside))
    spark = spark_session(master, "careledger study")
    try:
        context = spark.sparkContext
        files = [
            *(("claims", one.path) for one in files_of(claims)),
            *(("enrollment", one.path) for one in files_of(enrollment)),
        ]
        reading = [(number, kind, str(path), str(folder), parts, today) for number, (kind, path) in enumerate(files)]
        told = context.parallelize(reading, len(reading)).map(_read).collect()
        loaded = _loaded(claims, told)
        _refuse_without_members(folder, enrollment)
        summing = [(str(folder), part, today) for part in range(parts)]
        context.parallelize(summing, len(summing)).foreach(_sum)
    finally:
        spark.stop()
    try:
        return _together(folder, loaded)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(today: date) -> Iterator[duckdb.DuckDBPyConnection]:
    with (
        tempfile.TemporaryDirectory(prefix="careledger-") as spill,
        working_database(str(Path(spill, "part.db"))) as con,
    ):
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute("SET threads = 1")
        con.execute("SET preserve_insertion_order = false")
        load_law(con, load_policy(), today)
        load_definitions(con)
        yield con


def _read(task: tuple[int, str, str, str, int, date]) -> Loaded:
    """Read one file and deal its rows to the parts; runs in a Spark worker."""
    number, kind, path, folder, parts, today = task
    loaded = Loaded()
    files = files_of(Path(path))
    with _database(today) as con:
        con.execute(
            "CREATE TABLE first_seen (person VARCHAR, kind VARCHAR, name VARCHAR, first_day DATE, last_day DATE)"
        )
        if kind == "claims":
            take_claims(con, files, loaded)
        else:
            take_enrollment(con, files, loaded)
        con.execute("ALTER TABLE first_seen RENAME TO told")
        there = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table in (one for one in DEALT if one in there):
            out = Path(folder, table, f"file={number}")
            out.mkdir(parents=True)
            con.execute(
                f"COPY (SELECT *, hash(person) % {parts} AS part FROM {table}) TO '{out}' (FORMAT PARQUET, PARTITION_BY (part))"
            )
    return loaded


def _loaded(claims: Path, told: Iterable[Loaded]) -> Loaded:
    found = Loaded()
    for one in told:
        found.files += one.files
        found.lines += one.lines
        found.notes += one.notes
        found.read += one.read
        found.unread += one.unread
    refuse_without_claims(claims, found)
    found.note_unread()
    return found


def _refuse_without_members(folder: Path, enrollment: Path) -> None:
    with working_database() as con:
        con.execute("CREATE TABLE spans (person VARCHAR)")
        for file in sorted((folder / "spans").rglob("*.parquet"))[:1]:
            con.execute(f"INSERT INTO spans SELECT person FROM read_parquet('{file}')")
        refuse_without_members(con, enrollment)


_COLUMNS = {
    "services": "person VARCHAR, code VARCHAR, day DATE, practitioner VARCHAR, practice VARCHAR, specialty VARCHAR, units DOUBLE, allowed DOUBLE",
    "seen": "person VARCHAR, dx VARCHAR, day DATE, last_day DATE",
    "spans": "person VARCHAR, since DATE, until DATE, born DATE, died DATE, dual BOOLEAN, state VARCHAR",
    "told": "person VARCHAR, kind VARCHAR, name VARCHAR, first_day DATE, last_day DATE",
}


def _sum(task: tuple[str, int, date]) -> None:
    """Sum up one part, which holds everything of its people; runs in a Spark worker."""
    folder, part, today = task
    with _database(today) as con:
        for table in DEALT:
            con.execute(f"CREATE TABLE {table} ({_COLUMNS[table]})")
            names = ", ".join(column.split()[0] for column in _COLUMNS[table].split(", "))
            for file in sorted(Path(folder, table).glob(f"file=*/part={part}/*.parquet")):
                con.execute(
                    f"INSERT INTO {table} SELECT {names} FROM read_parquet('{file}', hive_partitioning = false)"
                )
        make_conditions(con)
        con.execute("INSERT INTO first_seen SELECT * FROM told")
        make_members(con)
        prepare(con)
        sum_up(con)
        for name in SUMS:
            out = Path(folder, "sums", name)
            out.mkdir(parents=True, exist_ok=True)
            con.execute(f"COPY {name} TO '{out / f'{part}.parquet'}' (FORMAT PARQUET)")


def _together(folder: Path, loaded: Loaded) -> Study:
    with working_database() as con:
        for name, sql in TOGETHER.items():
            parts = f"read_parquet('{folder / 'sums' / name}/*.parquet')"
            con.execute(f"CREATE TABLE {name} AS {sql.format(parts=parts)}")
        return study_of(con, loaded)
