"""``careledger import``: FHIR resources, time logs, tables and claims history into the folder of tables."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click


@click.group("import")
def import_group() -> None:
    """Bring FHIR resources, a time log, a table or claims history into the tables that `close` reads."""


@import_group.command("fhir")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder of tables.")
@click.option("--practice", help="Id of the practice the patients belong to, where the resources do not say.")
def fhir(path: Path, out: Path, practice: str | None) -> None:
    """Import FHIR R4 resources: NDJSON, bundles, gzipped or not, a file or a folder."""
    from careledger.fhir.importer import import_fhir

    report = import_fhir(path, out, practice_id=practice)
    _tell(report.lines())
    sys.exit(report.exit_status)


@import_group.command("fhir-server")
@click.argument("server")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder of tables.")
@click.option("--client-id", help="The id the server gave us; none for a server without sign-in.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Our private key, PEM.")
@click.option("--kid", help="Which of our published keys it is.")
@click.option("--algorithm", type=click.Choice(["RS384", "ES384"]), default="RS384", show_default=True)
@click.option("--scope", default="system/*.rs", show_default=True, help="What is asked for.")
@click.option("--group", help="Id of a Group whose patients are wanted; all patients when not given.")
@click.option("--practice", help="Id of the practice the patients belong to, where the resources do not say.")
@click.option("--everything", is_flag=True, help="Ask for all again, not only for what changed since the last import.")
@click.option("--wait-hours", type=float, default=6.0, show_default=True, help="How long to wait for the export.")
def fhir_server(
    server: str,
    out: Path,
    client_id: str | None,
    key: Path | None,
    kid: str | None,
    algorithm: str,
    scope: str,
    group: str | None,
    practice: str | None,
    everything: bool,
    wait_hours: float,
) -> None:
    """Import from a FHIR R4 server by bulk export. Run again it goes on, or brings what changed since."""
    from careledger.fhir.importer import import_fhir
    from careledger.fhir.server.bulk import BulkExport
    from careledger.fhir.server.login import Client, Session

    if (client_id is None) != (key is None):
        raise click.UsageError("--client-id and --key go together")
    client = Client(client_id, key.read_text(), kid, algorithm, scope) if client_id and key else None
    with Session(server, client) as session:
        export = BulkExport(
            session, out / ".fhir", patience_s=wait_hours * 3600, progress=lambda says: click.echo(says, err=True)
        )
        found = export.run(group=group, everything=everything)
    asked = f"changed since {found.since}" if found.since else "everything"
    counts = ", ".join(f"{n:,} {kind}" for kind, n in sorted(found.read.items())) or "nothing new"
    click.echo(f"{asked}: {counts}; {found.deleted:,} deleted")
    _tell([f"the server says: {line}" for line in found.complaints])
    report = import_fhir(export.mirror, out, practice_id=practice, whole=True)
    _tell(report.lines())
    sys.exit(max(report.exit_status, 1 if found.complaints else 0))


@import_group.command("timelog")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder of tables.")
@click.option("--map", "mapping", multiple=True, metavar="OURS=THEIRS", help="Which column of the file is ours.")
@click.option("--program", help="The program of every row, for logs without such a column.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Refuse entries after this day.")
def timelog(file: Path, out: Path, mapping: tuple[str, ...], program: str | None, as_of: datetime | None) -> None:
    """Import a time log of another system (CSV). Importing it again doubles nothing."""
    from careledger.facts.timelog import import_timelog

    columns = dict(_pair(text) for text in mapping)
    report = import_timelog(file, out, columns=columns, program=program, as_of=as_of.date() if as_of else None)
    _tell(report.lines())
    sys.exit(report.exit_status)


@import_group.command("table")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--table", required=True, help="A table of docs/tables.md, or roster: one row a patient with all beside.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder of tables.")
@click.option("--map", "mapping", multiple=True, metavar="OURS=THEIRS", help="Which column of the file is ours.")
@click.option("--us-days", is_flag=True, help="Days are written month/day/year.")
def table_(file: Path, table: str, out: Path, mapping: tuple[str, ...], us_days: bool) -> None:
    """Import a CSV of any system into a table. Importing it again doubles nothing; exit status 1 when a row has a fault."""
    from careledger.facts.table_import import import_table

    report = import_table(file, out, table, columns=dict(_pair(text) for text in mapping), us_days=us_days)
    _tell(report.lines())
    sys.exit(report.exit_status)


@import_group.command("history")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder of tables.")
@click.option("--add-patients", is_flag=True, help="Add patients that are not in the folder, from the files.")
def history(files: tuple[Path, ...], out: Path, add_patients: bool) -> None:
    """Import claims (837P) and remittances (835) of another system as history. Importing them again doubles nothing.

    Services that stand become rows of other_claims; OUT/history/lines.csv holds every service with its money, for
    `audit --claims`, and OUT/history/collected.csv its sums. Exit status 0 when everything was kept, 1 when something was
    left or refused, 2 when no file could be read.
    """
    from careledger.claims.history import import_history
    from careledger.policy import load_policy

    report = import_history(files, out, load_policy(), add_patients=add_patients)
    _tell(report.lines())
    sys.exit(report.exit_status)


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign:
        raise click.BadParameter("write --map OURS=THEIRS, such as --map by='Staff Name'")
    return ours, theirs


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)
