"""``careledger forecast``: the month in progress, and what is still within reach."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli.dates import month_of
from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.batch.forecast import Outlook

SHOWN = 40
FAULTS = 10


@click.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The month in progress.")
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of tables."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="CSV file for every program's outlook.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking; today when not given.")
def forecast(month: str, data: Path, out: Path | None, as_of: datetime | None) -> None:
    """For each patient: minutes so far, the next threshold, whether it is within reach, expected payment."""
    from careledger.batch.forecast import Outlook
    from careledger.batch.forecast import forecast as outlooks
    from careledger.core.sheets import Sheet
    from careledger.policy import load_policy

    day = as_of.date() if as_of else date.today()  # noqa: DTZ011 - the clinic's own calendar day
    found, report = outlooks(data, month_of(month, "--month"), load_policy(), day)
    if out is not None:
        with out.open("w", newline="") as stream:
            sheet = Sheet(stream)
            sheet.row(column.name for column in fields(Outlook))
            sheet.rows(astuple(one) for one in found)
    for reject in report.rejects[:FAULTS]:
        click.echo(str(reject), err=True)
    if len(report.rejects) > FAULTS:
        click.echo(f"... and {len(report.rejects) - FAULTS:,} more faults; `careledger close` lists them", err=True)
    for line in told(found, month, day):
        click.echo(line)
    if out is not None:
        click.echo(f"every program, with what else stands against the next code: {out}")
    sys.exit(report.exit_status)


def told(found: Sequence[Outlook], month: str, day: date) -> Iterator[str]:
    """The outlook in lines for people."""
    counts = Counter(one.reach for one in found if one.reach)
    yield f"{month} as of {day}: {len(found):,} programs of patients; next threshold " + (
        ", ".join(f"{reach}: {count:,}" for reach, count in counts.most_common()) or "none named"
    )
    yield ""
    yield f"{'patient':<12}{'practitioner':<16}{'program':<9}{'so far':>8}{'next':>8}{'missing':>9}{'a day':>8}  {'reach':<24}{'earned':>10}{'expected':>10}"
    for one in [one for one in found if one.next_code][:SHOWN]:
        yield (
            f"{one.patient:<12}{one.practitioner:<16}{one.program:<9}{_clock(one.counted_s):>8}{one.next_code:>8}"
            f"{_clock(one.missing_s):>9}{_clock(one.needed_s):>8}  {one.reach or '':<24}{_money(one.earned_cents):>10}{_money(one.expected_cents):>10}"
        )
    if sum(one.next_code is not None for one in found) > SHOWN:
        yield f"and {sum(one.next_code is not None for one in found) - SHOWN:,} more; --out FILE.csv writes all"


def _clock(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02d}"


def _money(cents: int | None) -> str:
    return "unknown" if cents is None else dollars(cents)
