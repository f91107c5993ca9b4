"""``careledger tables``: the folder of tables, checked, written anew, and explained."""

from __future__ import annotations

import sys
from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def tables() -> None:
    """Check, export and explain the tables that `close` reads; `import table` brings one in."""


@tables.command("check")
@click.option("--data", required=True, type=FOLDER, help="Folder of tables.")
def check(data: Path) -> None:
    """Read every table as a close does and tell each fault; exit status 1 when a row cannot be used."""
    from careledger.facts.tables import open_folder
    from careledger.facts.working import working_database

    with working_database() as con:
        report = open_folder(con, data)
    _tell(report.lines())
    sys.exit(report.exit_status)


@tables.command("export")
@click.option("--data", required=True, type=FOLDER, help="Folder of tables.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@click.option("--format", "ending", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
def export(data: Path, out: Path, ending: str) -> None:
    """Write every table with all columns of docs/tables.md, as CSV or Parquet; rows that cannot be used are told and left."""
    from careledger.facts.table_import import export_tables

    report = export_tables(data, out, ending)
    _tell(report.lines())
    sys.exit(report.exit_status)


@tables.command("dictionary")
def dictionary() -> None:
    """Print what every table and column means (docs/tables.md)."""
    from careledger.facts.dictionary import pages

    click.echo(pages(), nl=False)


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)
