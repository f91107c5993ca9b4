"""``careledger claims denials`` and ``appeal``: denied lines as work, and the letter that asks again."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli.claims_store import FILE, STORE, now
from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.claims.denials import Denial

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
DATA = click.option("--data", type=FOLDER, help="The practice's tables, to look for the cause in.")


@click.command()
@STORE
@DATA
@click.option("--end", "work_id", type=int, metavar="NUMBER", help="End this denial.")
@click.option("--how", help="appealed, corrected, written_off, billed_patient or agreed.")
@click.option("--by", default="", help="Who ends it.")
@click.option("--because", default="", help="Why.")
def denials(store_file: Path, data: Path | None, work_id: int | None, how: str | None, by: str, because: str) -> None:
    """Show denied lines, the most urgent first: usual cause, what our records say, what to do, by when."""
    from careledger.claims.denials import denials as open_denials
    from careledger.claims.denials import end_denial
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    if work_id is not None and not (how and by and because):
        raise click.UsageError("a denial is ended with --how, --by and --because")
    count = cents = 0
    with Store.open(store_file, must_exist=True) as store:
        if work_id is not None and how:
            end_denial(store, work_id, how, by, because, now())
            click.echo(f"denial {work_id} is ended: {how}")
            return
        for found in open_denials(store, load_policy(), data):
            count, cents = count + 1, cents + found.amount_cents
            _show(found)
    click.echo(f"{count} lines denied, {dollars(cents)}" if count else "no denial is open")
    if count:
        sys.exit(1)


def _show(found: Denial) -> None:
    line = found.line
    due = f"by {found.due_on}" if found.due_on else "no day known: see the contract"
    click.echo(
        f"{found.work_id}  claim {found.claim.control_number} line {found.line_no}  {line.code} {line.since}  "
        f"{dollars(found.amount_cents)}  {' '.join(found.codes)}  {due}"
    )
    click.echo(f"    usually: {found.usual_cause}")
    for words in found.official:
        click.echo(f"    official: {words}")
    for words in found.found:
        click.echo(f"    our records: {words}")
    click.echo(f"    to do: {found.fix}" + ("; an appeal letter can be printed" if found.can_appeal != "no" else ""))


@click.command()
@click.argument("work_id", type=int, metavar="NUMBER")
@STORE
@click.option("--data", type=FOLDER, help="The practice's tables: the month's decision is then quoted with its proof.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
@click.option("--say", multiple=True, help="A sentence of your own; may be given several times.")
@click.option("--written-on", type=click.DateTime(["%Y-%m-%d"]), help="The day on the letter; today when not given.")
def appeal(
    work_id: int, store_file: Path, data: Path | None, out: Path, say: tuple[str, ...], written_on: datetime | None
) -> None:
    """Print the letter that asks a payer to look at a denial again."""
    from careledger.claims.denials import denial
    from careledger.claims.store import Store
    from careledger.core.month import Month
    from careledger.documents import source
    from careledger.documents.appeal import build_appeal
    from careledger.policy import load_policy

    policy, on = load_policy(), (written_on or now()).date()
    with Store.open(store_file, must_exist=True) as store:
        found = denial(store, policy, work_id, data)
    binder = None
    if data is not None:
        claim = found.claim
        with source(data, policy, None) as opened:
            month = Month.parse(claim.month)
            binder = opened.binder_data(claim.patient_id, month, prepared_on=on, biller=claim.practitioner_id)[0]
    made = build_appeal(found, policy, on, binder, say)
    aside = out.with_name(f".{out.name}.part")
    aside.write_bytes(made)
    aside.replace(out)
    click.echo(f"{out}: {len(made):,} bytes; enclose the month's binder and the remittance")


@click.command("code-list")
@click.argument("kind", type=click.Choice(["reason", "remark"]))
@click.argument("file", type=FILE)
@STORE
def code_list(kind: str, file: Path, store_file: Path) -> None:
    """Load an official code list (CSV or tab-separated) that you hold a licence for."""
    from careledger.claims.denials.official import load_official
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        count = load_official(store, kind, file)
    click.echo(f"{count} {kind} codes are shown beside our own words")


@click.command("measures")
@STORE
@click.option("--since", default="", metavar="YYYY-MM-DD", help="First day of service.")
@click.option("--until", default="9999", metavar="YYYY-MM-DD", help="Last day of service.")
def measures_(store_file: Path, since: str, until: str) -> None:
    """Show charges, allowed, paid and given up by payer and code, and the rates that follow."""
    from careledger.claims.measures import measures
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        seen = measures(store, now().date(), since, until)
    heads = ("payer", "code", "lines", "charged", "allowed", "paid", "given up", "denied")
    click.echo("{:<12} {:<6} {:>7} {:>14} {:>14} {:>14} {:>12} {:>7}".format(*heads))
    for row in seen.rows:
        money = (dollars(cents) for cents in (row.charged_cents, row.allowed_cents, row.paid_cents))
        shown = " ".join(f"{text:>14}" for text in money)
        given = dollars(row.adjusted_cents)
        click.echo(f"{row.payer:<12} {row.code:<6} {row.lines:>7,} {shown} {given:>12} {row.denied_lines:>7,}")
    for name, rate in (
        ("collected of what was allowed", seen.collection_rate),
        ("accepted at first pass", seen.first_pass),
        ("lines denied of those decided", seen.denial_rate),
    ):
        click.echo(f"{name}: {'nothing to count' if rate is None else f'{rate:.1%}'}")
    days = "nothing to count" if seen.days_in_receivables is None else f"{seen.days_in_receivables:.0f}"
    click.echo(f"days in receivables: {days}")
    for check, count, cents in seen.by_check:
        click.echo(f"denied where {check or 'no check of ours'} could have looked: {count} lines, {dollars(cents)}")


COMMANDS = (measures_, denials, appeal, code_list)
