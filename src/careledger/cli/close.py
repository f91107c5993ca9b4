"""``careledger close``: decide every patient's month in a folder of tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli.dates import month_of
from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.batch.close import CloseSummary


@click.command()
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The service month.")
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of tables."
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the answers.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking; today when not given.")
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="Where it runs."
)
@click.option(
    "--shards", type=click.IntRange(1), default=16, show_default=True, help="Parts of a close on Spark, at most."
)
@click.option("--master", default="local[*]", show_default=True, help="The Spark master.")
@click.option(
    "--contract", "contracts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A contract overlay of the clinic's own.",
)  # fmt: skip
@click.option("--audit/--no-audit", default=True, help="Check every row against the decision on its exact facts.")
def close(
    month_text: str,
    data: Path,
    out: Path,
    as_of: datetime | None,
    engine: str,
    shards: int,
    master: str,
    contracts: tuple[Path, ...],
    audit: bool,
) -> None:
    """Decide every patient's month in a folder of tables (CSV or Parquet; docs/tables.md).

    Exit status 0 when every row was used, 1 when rows were set aside, 2 when the folder cannot be used.
    """
    from careledger.batch.close import close_month
    from careledger.policy.contract import policy_with

    month, policy = month_of(month_text, "--month"), policy_with(contracts)
    if contracts and engine == "spark":
        raise click.UsageError("a close on Spark reads the package's own policy; close locally with a contract")
    day = as_of.date() if as_of else date.today()  # noqa: DTZ011 - the clinic's own calendar day
    with _bar() as progress:
        if engine == "spark":
            from careledger.batch.spark import close_on_spark

            summary = close_on_spark(
                data, out, month, policy, progress, as_of=day, self_audit=audit, shards=shards, master=master
            )
        else:
            summary = close_month(data, out, month, policy, progress, as_of=day, self_audit=audit)
    for line in told(summary):
        click.echo(line)
    sys.exit(summary.exit_status)


def told(summary: CloseSummary) -> Iterator[str]:
    """The close in lines for people."""
    yield from summary.report.lines()
    yield ""
    totals = summary.totals
    yield f"{summary.month}: {totals.get('patient_months', 0):,} patient-months, {summary.distinct:,} of them different"
    for code, found in sorted(totals.get("codes", {}).items()):
        yield f"  {code}  {', '.join(_counted(found))}"
    if summary.audit is not None:
        yield f"audit: {summary.audit.rows:,} rows decided again on their exact facts, {summary.audit.differ:,} differ"
    yield f"written to {summary.out} ({', '.join(f'{part} {seconds:.1f} s' for part, seconds in summary.seconds.items())})"


def _counted(found: dict[str, int]) -> Iterator[str]:
    """One code's verdicts in words, with what the billed ones are allowed."""
    if "bill" in found:
        yield f"{found['bill']:,} to bill ({found['units']:,} units, {dollars(found['allowed_cents'])})"
    for verdict, words in (("not_yet", "not yet"), ("human_decides", "for a person to decide"), ("no", "no")):
        if verdict in found:
            yield f"{found[verdict]:,} {words}"


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("close", total=None)
        yield lambda part, done, of: bar.update(task, description=part, completed=done, total=of or None)
