"""``careledger close``: decide every patient's month in a folder of tables."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from careledger.core.month import Month


@click.command()
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The service month.")
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking; entries after it are refused.")
@click.option("--audit/--no-audit", default=True, help="Check every row against the decision on its exact facts.")
def close(month_text: str, data: Path, out: Path, engine: str, as_of: date | None, audit: bool) -> None:
    """Decide every patient's month in a folder of tables (CSV or Parquet; docs/tables.md)."""
    raise NotImplementedError
