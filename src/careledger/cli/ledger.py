"""``careledger ledger``: keep and verify the append-only time ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import click

from careledger.core.errors import InputError, Place
from careledger.core.ledger import LedgerEntry, Origin
from careledger.core.records import TimeEntry
from careledger.ledger import (
    EntryRefused,
    Ledger,
    Receipt,
    anchor_of,
    create,
    days_late,
    read_anchor,
    verify,
    write_anchor,
    write_time_entries,
)
from careledger.ledger.store import LATE_AFTER_DAYS

FILE = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
LEDGER = click.argument("ledger_file", metavar="LEDGER", type=FILE)
Command = Callable[..., Any]


@click.group()
def ledger() -> None:
    """Keep and verify the append-only, hash-chained time ledger."""


def _work_options(command: Command) -> Command:
    """The options that describe a stretch of work."""
    options = [
        click.option(
            "--id", "entry_id", help="The entry's id, made by whoever sends it; sending it again changes nothing."
        ),
        click.option("--patient", "patient_id", required=True),
        click.option("--by", required=True, help="Who worked."),
        click.option("--program", "programs", required=True, multiple=True),
        click.option("--start", help="Such as 2026-03-02T10:00, in the ledger's zone, or with an offset."),
        click.option("--end"),
        click.option("--on", type=DAY, help="The day, when start and end are not known."),
        click.option("--seconds", type=int, help="The length, with --on."),
        click.option("--activity"),
        click.option("--contact", help="Who was contacted."),
        click.option("--note", help="What was done."),
        click.option("--documented/--not-documented", default=None),
        click.option("--patient-present/--patient-absent", default=None),
        click.option("--part-of-visit/--not-part-of-visit", default=None),
        click.option("--recorded-by", help="Who records it; the person who worked when absent."),
        click.option(
            "--allow-overlap", is_flag=True, help="Record it, flagged, although it overlaps the person's work."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@ledger.command("init")
@LEDGER
@click.option("--time-zone", default="America/New_York", show_default=True)
@click.option("--late-after-days", default=LATE_AFTER_DAYS, show_default=True, type=click.IntRange(0))
def init(ledger_file: Path, time_zone: str, late_after_days: int) -> None:
    """Make an empty ledger."""
    with create(ledger_file, time_zone=time_zone, late_after_days=late_after_days) as made:
        click.echo(f"{ledger_file.name}: ledger {made.origin.ledger_id}, days in {time_zone}")


@ledger.command("log")
@LEDGER
@_work_options
def log(ledger_file: Path, recorded_by: str | None, allow_overlap: bool, **cells: Any) -> None:
    """Record a stretch of work."""
    with Ledger(ledger_file) as opened:
        work = _work(cells, opened.origin)
        receipt = opened.log(work, recorded_by=recorded_by or work.by, allow_overlap=allow_overlap)
        _tell(receipt, opened.origin)


@ledger.command("replace")
@LEDGER
@click.argument("refers_to", metavar="ENTRY")
@click.option("--reason", required=True)
@_work_options
def replace_(
    ledger_file: Path, refers_to: str, reason: str, recorded_by: str | None, allow_overlap: bool, **cells: Any
) -> None:
    """Put other work in the place of ENTRY, which stays readable."""
    with Ledger(ledger_file) as opened:
        work = _work(cells, opened.origin)
        by = recorded_by or work.by
        _tell(
            opened.replace(refers_to, work, reason=reason, recorded_by=by, allow_overlap=allow_overlap), opened.origin
        )


@ledger.command("void")
@LEDGER
@click.argument("refers_to", metavar="ENTRY")
@click.option("--reason", required=True)
@click.option("--recorded-by", required=True)
@click.option("--id", "entry_id", help="The voiding's own id.")
def void(ledger_file: Path, refers_to: str, reason: str, recorded_by: str, entry_id: str | None) -> None:
    """Take ENTRY back; it stays readable and no longer counts."""
    with Ledger(ledger_file) as opened:
        receipt = opened.void(refers_to, entry_id=entry_id or str(uuid4()), reason=reason, recorded_by=recorded_by)
        _tell(receipt, opened.origin)


@ledger.command("import")
@LEDGER
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--recorded-by", required=True, help="Who imports.")
@click.option("--allow-overlap", is_flag=True, help="Record overlapping entries too, flagged.")
def import_(ledger_file: Path, folder: Path, recorded_by: str, allow_overlap: bool) -> None:
    """Take the time_entries table of FOLDER into the ledger; importing it again doubles nothing.

    A time log of another system comes into such a folder by `careledger import timelog`.
    """
    works, refused = _read_table(folder)
    new = there = 0
    with Ledger(ledger_file) as opened:
        for work in works:
            try:
                receipt = opened.log(work, recorded_by=recorded_by, allow_overlap=allow_overlap, imported=True)
                new, there = new + receipt.is_new, there + (not receipt.is_new)
            except EntryRefused as error:
                refused.append(str(error))
    for line in refused:
        click.echo(line, err=True)
    click.echo(f"{len(works)} entries read, {new} new, {there} already there, {len(refused)} refused")
    sys.exit(1 if refused else 0)


@ledger.command("anchor")
@LEDGER
@click.option("--out", required=True, type=FILE, help="Keep this file where the ledger's keeper cannot change it.")
@click.option(
    "--every-entry", is_flag=True, help="List every entry, so that what is rewritten or cut off can be named."
)
def anchor(ledger_file: Path, out: Path, every_entry: bool) -> None:
    """Write down how far the ledger has grown, to be kept elsewhere."""
    with Ledger(ledger_file) as opened:
        taken = anchor_of(opened, every_entry=every_entry)
    write_anchor(taken, out)
    click.echo(f"{out.name}: sequence {taken.sequence}, head {taken.hash[:16]}")


@ledger.command("verify")
@LEDGER
@click.option(
    "--anchor", "anchors", multiple=True, type=FILE, help="An anchor kept elsewhere; may be given several times."
)
def verify_(ledger_file: Path, anchors: tuple[Path, ...]) -> None:
    """Find and name every altered, deleted, moved, inserted or cut-off entry.

    Exit status: 0 sound, 1 not sound, 2 the file is no ledger.
    """
    found = verify(ledger_file, [read_anchor(path) for path in anchors])
    for line in found.lines():
        click.echo(line)
    sys.exit(0 if found.is_sound else 1)


@ledger.command("export")
@LEDGER
@click.option(
    "--out", required=True, type=FILE, help="time_entries.csv or time_entries.parquet in the folder of tables."
)
def export(ledger_file: Path, out: Path) -> None:
    """Write the entries that hold as the table that `close` reads."""
    if out.suffix not in (".csv", ".parquet"):
        raise InputError(Place("--out"), "neither .csv nor .parquet", "name the file time_entries.csv or .parquet")
    with Ledger(ledger_file) as opened:
        count = write_time_entries(opened.current(), out)
    click.echo(f"{out.name}: {count} entries")


@ledger.command("show")
@LEDGER
@click.option("--patient", help="Only this patient's work.")
@click.option("--all", "everything", is_flag=True, help="Also what was voided or replaced.")
def show(ledger_file: Path, patient: str | None, everything: bool) -> None:
    """List entries; late ones are marked."""
    with Ledger(ledger_file) as opened:
        corrected = {entry.refers_to: entry for entry in opened.entries() if entry.refers_to is not None}
        for entry in opened.entries() if everything else opened.current():
            if patient is None or (entry.work is not None and entry.work.patient_id == patient):
                by = corrected.get(entry.entry_id)
                click.echo(_line(entry, opened.origin) + (f"  {by.kind} by {by.entry_id}" if by else ""))


def _work(cells: dict[str, Any], origin: Origin) -> TimeEntry:
    start, end, on = cells.pop("start"), cells.pop("end"), cells.pop("on")
    cells["entry_id"] = cells["entry_id"] or str(uuid4())
    return TimeEntry(
        **{name: value for name, value in cells.items() if name not in ("start", "end", "on")},
        start_s=_instant(start, "--start", origin),
        end_s=_instant(end, "--end", origin),
        on=on.date() if on else None,
    )


def _instant(text: str | None, option: str, origin: Origin) -> int | None:
    if text is None:
        return None
    from careledger.facts.case_time import instant_s

    try:
        return instant_s(text, origin.time_zone)
    except ValueError:
        raise InputError(Place(option), "this is no day and time", "write it as 2026-03-02T10:00") from None


def _read_table(folder: Path) -> tuple[list[TimeEntry], list[str]]:
    """The folder's time entries, strictly read, and the rows refused."""
    from careledger.facts.schema import columns_of
    from careledger.facts.tables import open_folder
    from careledger.facts.working import working_database

    columns = [name for name, _ in columns_of("time_entries")]
    named = ", ".join(f'"{name}"' for name in columns)
    with working_database() as con:
        report = open_folder(con, folder)
        found = con.execute(f'SELECT {named} FROM time_entries ORDER BY start_s, "on", entry_id').fetchall()
    rows = [dict(zip(columns, cells, strict=True)) for cells in found]
    refused = [str(reject) for reject in report.rejects if reject.file.startswith("time_entries.")]
    return [TimeEntry(**{**row, "programs": tuple(str(row["programs"]).split())}) for row in rows], refused


def _tell(receipt: Receipt, origin: Origin) -> None:
    click.echo(_line(receipt.entry, origin) + ("" if receipt.is_new else "  (was there already)"))


def _line(entry: LedgerEntry, origin: Origin) -> str:
    marks = [flag for flag in entry.flags if flag != "late"]
    if "late" in entry.flags:
        marks.append(f"LATE by {days_late(entry, origin)} days")
    told = f"{entry.sequence:>6}  {entry.entry_id}  {entry.kind}"
    if entry.refers_to:
        told += f" {entry.refers_to}"
    if entry.work is not None:
        told += f"  {entry.work.patient_id}  {entry.work.by}  {_when(entry.work, origin)}"
    return "  ".join([told, f"recorded {_clock(entry.work_recorded_s(), origin)}", *marks])


def _when(work: TimeEntry, origin: Origin) -> str:
    if work.start_s is None or work.end_s is None:
        return f"{work.on or date.min} {work.seconds} s"
    return f"{_clock(work.start_s, origin)} to {_clock(work.end_s, origin)}"


def _clock(instant_s: int, origin: Origin) -> str:
    return datetime.fromtimestamp(instant_s, UTC).astimezone(ZoneInfo(origin.time_zone)).strftime("%Y-%m-%dT%H:%M:%S")
