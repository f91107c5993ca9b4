"""``careledger audit``: the auditors' own queries over claims of any system, offline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from careledger.oversight.radar.check import Check
    from careledger.oversight.radar.run import Radar

_SHOWN = 3


@click.command()
@click.option(
    "--claims",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="CSV (also .gz) or 837P of any system, or a folder of our tables.",
)
@click.option(
    "--records",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of tables with consents, plans, staff and the time log.",
)
@click.option(
    "--credentials",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of person_id, credential, since, until.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for findings and the worksheet.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking; today when not given.")
def audit(
    claims: Path, records: Path | None, credentials: Path | None, out: Path | None, as_of: datetime | None
) -> None:
    """Look at claims and logs as an auditor would: doubles, overlaps, missing papers, minutes that look invented.

    Exit status 0 when nothing was found, 1 when something was, 2 when a file cannot be used.
    """
    from careledger.facts.working import working_database
    from careledger.oversight.radar.run import scan
    from careledger.oversight.radar.sheets import Clock, write_sheets
    from careledger.policy import load_policy

    today = as_of.date() if as_of else date.today()  # noqa: DTZ011 - the clinic's own calendar day
    policy = load_policy()
    with working_database() as con:
        radar = scan(con, claims, policy, today, records=records, credentials=credentials)
        clock = Clock.on(policy, today)
        for line in told(radar):
            click.echo(line)
        if any(finding.refund_rows for finding in radar.findings):
            click.echo(f"\nclock: {clock.words(today)}")
        if out is not None:
            counts = write_sheets(con, radar, out, clock, today)
            click.echo(f"written to {out}: {', '.join(f'{name} ({count:,} rows)' for name, count in counts.items())}")
    sys.exit(1 if radar.findings else 0)


def told(radar: Radar) -> Iterator[str]:
    """The radar in lines for people: what was read, what is wrong with the file, what was found, what was not asked."""
    read = radar.read
    yield f"{read.source}: {read.lines:,} claim lines"
    if read.columns:
        yield f"columns read: {', '.join(f'{ours} = {theirs}' for ours, theirs in read.columns.items())}"
    yield from (f"  file: {fault}" for fault in read.faults)
    yield from (
        f"  record: {line}" for line in radar.record_lines if "set aside" in line or ":" in line.split(" ")[0][:-1]
    )
    yield ""
    for check in radar.asked:
        yield from _found(radar, check)
    clean = [check.id for check in radar.asked if not radar.count(check.id)]
    if clean:
        yield f"nothing found: {', '.join(clean)}"
    for why in dict.fromkeys(why for _, why in radar.not_asked):
        yield f"not asked: {', '.join(check.id for check, one in radar.not_asked if one == why)} ({why})"


def _found(radar: Radar, check: Check) -> Iterator[str]:
    found = [finding for finding in radar.findings if finding.check == check.id]
    if not found:
        return
    yield f"{check.severity.upper():<6} {len(found):>7,}  {check.asks}  [{check.id}; {found[0].rule}; {found[0].cite}]"
    for finding in found[:_SHOWN]:
        who = " / ".join(part for part in (finding.patient, finding.who) if part)
        yield f"                  {finding.period}  {who}: {finding.detail} ({finding.evidence})"
    if len(found) > _SHOWN:
        yield f"                  ... and {len(found) - _SHOWN:,} more; --out writes them all"
    yield f"                  do: {check.mend}"
