"""``careledger import``: FHIR resources and time logs into the folder of tables."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click


@click.group("import")
def import_group() -> None:
    """Bring FHIR resources or a time log into the tables that `close` reads."""


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


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign:
        raise click.BadParameter("write --map OURS=THEIRS, such as --map by='Staff Name'")
    return ours, theirs


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)
