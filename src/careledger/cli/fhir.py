"""``careledger fhir``: write back to the record system."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from careledger.core.errors import InputError
from careledger.core.month import Month

WRITTEN_BACK = ("consents", "goals", "care_plans", "time_entries")
KINDS = ("Consent", "Goal", "CarePlan", "Communication", "DocumentReference")


@click.group()
def fhir() -> None:
    """Exchange with a FHIR R4 server."""


@fhir.command()
@click.argument("server")
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="The folder of tables."
)
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The month whose work is sent.")
@click.option("--client-id", help="The id the server gave us; none for a server without sign-in.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Our private key, PEM.")
@click.option("--kid", help="Which of our published keys it is.")
@click.option("--algorithm", type=click.Choice(["RS384", "ES384"]), default="RS384", show_default=True)
@click.option("--scope", default="system/*.cruds", show_default=True, help="What is asked for.")
@click.option("--only", "kinds", multiple=True, type=click.Choice(KINDS), help="Kinds to send; all when not given.")
@click.option(
    "--prepared-on", type=click.DateTime(["%Y-%m-%d"]), help="The day printed; the month's end when not given."
)
def send(
    server: str,
    data: Path,
    month_text: str,
    client_id: str | None,
    key: Path | None,
    kid: str | None,
    algorithm: str,
    scope: str,
    kinds: tuple[str, ...],
    prepared_on: datetime | None,
) -> None:
    """Send consents, goals, care plans, conversations and the month's notes to the server they concern.

    Patients are those of the last `import fhir-server` into the folder. What has not changed is not sent again; what the
    server refuses is told, and the exit status is 1.
    """
    from careledger.claims.tables import rows
    from careledger.core.records import TABLES
    from careledger.documents import source
    from careledger.documents.monthly_note import build_monthly_note
    from careledger.fhir.server.bulk import MIRROR
    from careledger.fhir.server.login import Client, Session
    from careledger.fhir.server.outgoing import outgoing
    from careledger.fhir.server.send import Sender, known_at
    from careledger.policy import load_policy

    if (client_id is None) != (key is None):
        raise click.UsageError("--client-id and --key go together")
    try:
        month = Month.parse(month_text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None
    client = Client(client_id, key.read_text(), kid, algorithm, scope) if client_id and key else None
    on: date = prepared_on.date() if prepared_on else month.last_on
    known = known_at(data / ".fhir" / MIRROR)
    with source(data, load_policy()) as opened, Session(server, client) as session:

        def note(patient: str) -> bytes | None:
            try:
                return build_monthly_note(opened.binder_data(patient, month, prepared_on=on)[0])
            except InputError:
                return None

        records: dict[str, list[Any]] = {
            table: list(rows(data, table, TABLES[table], known.patients)) for table in WRITTEN_BACK
        }
        sender = Sender(session, data / ".fhir", progress=lambda says: click.echo(says, err=True))
        report = sender.send(outgoing(records, month, known, note, kinds or KINDS))
    for line in report.lines():
        click.echo(line)
    sys.exit(report.exit_status)
