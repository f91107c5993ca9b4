"""From what was uploaded to a folder of tables, by the importers of the command line, with every fault and where it stands."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from django.utils import timezone

from careledger.core.errors import CareLedgerError, InputError, Place
from careledger.core.records import TABLES
from careledger.facts.mapped import ROSTER, ROSTER_COLUMNS, Mapped, map_csv
from careledger.facts.timelog import import_timelog
from careledger.fhir.importer import ImportReport, import_fhir
from careledger.web.intake.desk import ending, upload_of
from careledger.web.intake.guard import MAX_UNPACKED
from careledger.web.intake.models import Import
from careledger.web.tenancy.models import Person
from careledger.web.work.kinds import Tell

Fault = dict[str, str]
"""``where`` it stands, the ``field``, the ``problem`` and what is allowed (``mend``). Never a value."""


class Unreadable(CareLedgerError):
    """Nothing of a file can be used: what is wrong and what to do."""


@dataclass(slots=True)
class Brought:
    """What an upload became: sentences for people, faults, and which line of the file each row of a table came from.

    Attributes:
        called: (table, column) to what the column is called where its file was mapped, if that is another name.
    """

    lines: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    mapped: Mapped | None = None
    called: dict[tuple[str, str], str] = field(default_factory=dict)


def bring(row: Import, folder: Path, tell: Tell) -> Brought:
    """Fill an empty folder with the tables of an import.

    Raises:
        InputError: the file as a whole cannot be used. Unreadable: it holds nothing.
    """
    tell("reading", 0, 0)
    if row.kind == "fhir":
        return _fhir(row, import_fhir(upload_of(row), folder, practice_id=row.options.get("practice") or None))
    if row.kind == "server":
        from careledger.web.intake.server import fetch

        return _fhir(row, fetch(row, folder, tell))
    if row.kind == "timelog":
        return _timelog(row, folder)
    if row.kind == "folder":
        return _tables(row, folder)
    return _mapped(row, folder)


def _fhir(row: Import, report: ImportReport) -> Brought:
    if report.exit_status == 2:
        first = f" {_named(row, report.faults[0])}." if report.faults else ""
        raise Unreadable(f"no FHIR resource was found.{first} Export it again as NDJSON or as a bundle")
    lines = report.lines()
    told = lines[: len(lines) - len(report.faults)] if report.faults else lines
    return Brought(lines=told, faults=[_parted(_named(row, fault)) for fault in report.faults])


def _parted(text: str) -> Fault:
    where, _, rest = text.partition(": ")
    problem, _, mend = rest.rpartition("; ")
    return {"where": where, "field": "", "problem": problem or rest, "mend": mend if problem else ""}


def _timelog(row: Import, folder: Path) -> Brought:
    options = row.options
    report = import_timelog(
        upload_of(row), folder, columns=options.get("columns") or {}, program=options.get("program") or None,
        as_of=timezone.localdate(),
    )  # fmt: skip
    faults = [
        {"where": str(line), "field": name, "problem": problem, "mend": mend}
        for line, name, problem, mend in report.refused
    ]
    mapped = Mapped(rows=report.read, lines={"time_entries": list(report.line_of.values())})
    return Brought(lines=[f"{report.read:,} rows read"], faults=faults, mapped=mapped)


def _mapped(row: Import, folder: Path) -> Brought:
    options = row.options
    mapped = map_csv(
        upload_of(row), folder, options["table"], options.get("columns") or {}, us_days=bool(options.get("us_days")),
        constants=options.get("constants") or {}, known={"practitioner": _people_by_any_name(), "biller_id": _people_by_any_name()},
    )  # fmt: skip
    called = {place: ours for ours, place in ROSTER_COLUMNS.items()} if options["table"] == ROSTER else {}
    return Brought(lines=[f"{mapped.rows:,} rows read"], mapped=mapped, called=called)


def _people_by_any_name() -> dict[str, str]:
    """Other ways to name someone of the directory: the NPI, or the name where it is one person's."""
    found: dict[str, str] = {}
    doubled = set()
    for code, name, npi in Person.objects.values_list("code", "name", "npi"):
        for other in filter(None, (npi, (name or "").lower())):
            doubled |= {other} & found.keys()
            found[other] = code
    return {other: code for other, code in found.items() if other not in doubled}


def _tables(row: Import, folder: Path) -> Brought:
    """The tables of an archive; nothing else of it is unpacked, and no name of it becomes a path."""
    left = MAX_UNPACKED
    with zipfile.ZipFile(upload_of(row)) as archive:
        for entry in archive.infolist():
            name = PurePath(entry.filename).name
            table = name.removesuffix(".csv")
            if not name.endswith(".csv") or table not in TABLES:
                continue
            target = folder / f"{table}.csv"
            if target.exists():
                raise InputError(Place(row.file_name, None, table), "the table stands twice", "keep one file of it")
            left = _unpack(archive, entry, target, left)
    return Brought()


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    try:
        with archive.open(entry) as source, target.open("wb") as out:
            while chunk := source.read(1024 * 1024):
                left -= len(chunk)
                if left < 0:
                    raise Unreadable("the archive unpacks to more than 1 GB. Send it in parts")
                out.write(chunk)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError):
        raise Unreadable("the archive is cut or broken. Copy it again") from None
    return left


def _named(row: Import, text: str) -> str:
    """A fault by the name people know the file by."""
    return text.replace(f"upload{ending(row.file_name)}", row.file_name, 1) if row.file_name else text
