"""``careledger binder``: print the audit binder of a patient's month."""

from __future__ import annotations

from pathlib import Path

import click

from careledger.core.month import Month


@click.command()
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of tables."
)
@click.option("--patient", required=True, help="Id of the patient.")
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The service month.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
def binder(data: Path, patient: str, month_text: str, out: Path) -> None:
    """Write the audit binder of one patient's month as PDF, in the order contractors ask."""
    from careledger.documents.binder import build_binder
    from careledger.documents.collect import Folder
    from careledger.policy import load_policy

    try:
        month = Month.parse(month_text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None
    policy = load_policy()
    pdf = build_binder(Folder(data).dossier(patient, month, policy), policy)
    aside = out.with_name(f".{out.name}.part")
    aside.write_bytes(pdf)
    aside.replace(out)
    click.echo(f"{out}: {len(pdf):,} bytes")
