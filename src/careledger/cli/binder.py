"""``careledger binder``: print the audit binder of a patient's month."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from careledger.core.errors import InputError, Place
from careledger.core.month import Month

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--data", required=True, type=FOLDER, help="Folder of tables.")
@click.option("--decisions", type=FOLDER, help="The folder that `close` wrote; differences from it are told.")
@click.option("--patient", required=True, help="Id of the patient.")
@click.option("--month", "month_text", required=True, metavar="YYYY-MM")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
@click.option("--biller", help="The practitioner, when several have the patient on their panel.")
@click.option("--ledger-anchor", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--prepared-on", type=click.DateTime(["%Y-%m-%d"]), help="The day printed; today when not given.")
def binder(
    data: Path,
    decisions: Path | None,
    patient: str,
    month_text: str,
    out: Path,
    biller: str | None,
    ledger_anchor: Path | None,
    prepared_on: datetime | None,
) -> None:
    """Print the audit binder of a patient's month as PDF, in the order in which reviewers ask."""
    from careledger.documents import source, write_binder
    from careledger.ledger import read_anchor
    from careledger.policy import load_policy

    try:
        month = Month.parse(month_text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None
    day = prepared_on.date() if prepared_on else date.today()  # noqa: DTZ011 - the clinic's own calendar day
    anchor = read_anchor(ledger_anchor) if ledger_anchor else None
    with source(data, load_policy(), decisions) as opened:
        found = opened.binder_data(patient, month, prepared_on=day, biller=biller, ledger=anchor)
        if len(found) > 1:
            names = ", ".join(one.facts.biller for one in found)
            raise InputError(Place("--biller"), "several practitioners have the patient", f"name one of {names}")
        write_binder(found[0], out)
    click.echo(f"{out}: {out.stat().st_size:,} bytes")
