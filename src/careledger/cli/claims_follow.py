"""``careledger claims``: where claims stand, and what a person does about one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careledger.cli.claims_store import BECAUSE, BY, FILE, STORE, now
from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.claims.follow import Check
    from careledger.claims.status import History

_ACCOUNTS = {
    "receivable": "still owed", "charges": "charged", "cash": "paid by payers", "patient_cash": "paid by patients when served",
    "contractual": "given up by contract", "sequestration": "withheld by sequestration", "unapplied": "paid, waiting for a match",
    "payment_adjustment": "quality program", "suspense": "unexplained, released by a person", "clearing": "in transit",
    "provider.WO": "kept back for overpayments", "provider.L6": "interest", "provider.FB": "carried forward",
}  # fmt: skip


@click.command()
@click.argument("number", required=False, metavar="[CONTROL_NUMBER]")
@STORE
def status(number: str | None, store_file: Path) -> None:
    """Show where the claims stand: by state, by money, what waits for a person; or the life of one claim."""
    from careledger.claims.status import history
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        if number is None:
            _overview(store)
            return
        found = history(store, number)
    if found is None:
        raise click.BadParameter("there is no claim of this number", param_hint="CONTROL_NUMBER")
    _history(found)


def _overview(store: Any) -> None:
    from careledger.claims.status import STATES, open_work, overview

    seen = overview(store)
    click.echo("Claims")
    for state, count, cents in seen.states:
        click.echo(f"  {count:>8,}  {dollars(cents):>16}  {STATES[state]}")
    click.echo("Money")
    for account, cents in seen.accounts.items():
        if cents:
            shown = -cents if account in ("charges", "unapplied", "provider.L6") else cents
            click.echo(f"  {'':>8}  {dollars(shown):>16}  {_ACCOUNTS.get(account, account)}")
    click.echo(f"  {'':>8}  {'':>16}  {'the books do NOT balance' if seen.faults else 'the books balance'}")
    for batch, file, made in seen.silent:
        click.echo(f"Batch {batch} ({file}, {made}) has no answer yet: ask the receiver when it is a day old")
    if seen.quarantined:
        click.echo(f"{seen.quarantined} files are put aside: see 'careledger claims quarantine'")
    click.echo("Work" if seen.work else "No work waits")
    for kind, count, cents in seen.work:
        click.echo(f"  {count:>8,}  {dollars(cents):>16}  {kind}")
    for row in open_work(store)[:20]:
        if row["kind"] != "denied":
            where = row["claim_id"] or (f"payment {row['payment_id']}.{row['seq']}" if row["seq"] else "")
            click.echo(f"  {row['kind']} {where}: {row['says']}; {row['todo']}")


def _history(found: History) -> None:
    claim, left = found.claim, found.share
    click.echo(
        f"{claim['claim_id']}  {claim['state']}, frequency {claim['frequency']}, payer {claim['payer_number']}, "
        f"{claim['month']}, {dollars(claim['charge_cents'])}"
    )
    for row in found.lines:
        code = " ".join((row["code"], row["modifiers"])).strip()
        click.echo(f"  line {row['line_no']}  {code}  {row['since']} to {row['until']}  {dollars(row['charge_cents'])}")
    if claim["held_by"]:
        click.echo(f"  held by {claim['held_by']}: see 'careledger claims help CLM000'")
    for row in found.batches:
        click.echo(f"  sent {row['created_at'][:10]} in {row['file_name']}, {row['answer'] or 'no answer yet'}")
    for row in found.answers:
        word = {1: "taken", 0: "REJECTED"}.get(row["accepted"], "note")
        at = f" at {row['points_to']}" if row["points_to"] else ""
        click.echo(f"  {row['received_at'][:10]} {row['name']}: {word} {row['codes']}: {row['says']}{at}")
    for row in found.payments:
        by = f" by {row['payer_name']}" if row["payer_name"] else ""
        click.echo(f"  {row['paid_on']} {row['trace']}{by}: status {row['status']}, paid {dollars(row['paid_cents'])}")
    for row in found.work:
        done = f" (ended: {row['ended_how']})" if row["ended_at"] else f" by {row['due_on']}" if row["due_on"] else ""
        click.echo(f"  {row['kind']} {row['codes']}: {row['says']}; {row['todo']}{done}")
    waiting = f", waiting for {left.next_payer}" if left.next_payer else ""
    click.echo(f"  open: patient {dollars(left.patient_cents)}, payers {dollars(left.payer_cents)}{waiting}")
    if len(found.chain) > 1:
        click.echo(f"  chain: {' '.join(found.chain)}")


def _check() -> Check:
    """The numbered checks, as for a claim that is built."""
    from careledger.claims.checks import Context, holds
    from careledger.claims.model import Claim
    from careledger.policy import load_policy

    policy, today = load_policy(), now().date()

    def check(claim: Claim) -> list[str]:
        return sorted({hold.check for hold in holds(claim, Context(policy=policy, sent_on=today))})

    return check


def _made(number: str, held: str) -> None:
    if held:
        click.echo(f"{number} is made and held by {held}: see 'careledger claims help CLM000'")
        sys.exit(1)
    click.echo(f"{number} is ready; it leaves with the next 'careledger claims export'")


def _held_by(store: Any, number: str) -> str:
    row = store.row("SELECT held_by FROM claim WHERE claim_id = ?", (number,))
    return str(row["held_by"])


@click.command("void")
@click.argument("number", metavar="CONTROL_NUMBER")
@STORE
@click.option("--payer-control", default="", help="The payer's own number, when no answer has brought it.")
def void_(number: str, store_file: Path, payer_control: str) -> None:
    """Take a claim back from its payer (frequency 8)."""
    from careledger.claims.follow import void
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        made = void(store, number, now(), payer_control)
    _made(made.control_number, "")


@click.command("correct")
@click.argument("number", metavar="CONTROL_NUMBER")
@STORE
@click.option("--payer-control", default="", help="The payer's own number, when no answer has brought it.")
def correct_(number: str, store_file: Path, payer_control: str) -> None:
    """Replace a claim (frequency 7) by what the last build made of it; exit status 1 when a check holds it."""
    from careledger.claims.follow import correct
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        made = correct(store, number, now(), payer_control, _check())
        held = _held_by(store, made.control_number)
    _made(made.control_number, held)


@click.command("secondary")
@click.argument("number", metavar="CONTROL_NUMBER")
@STORE
@click.option("--config", "config_file", required=True, type=FILE, help="claims.yaml with the next payer.")
@click.option("--payer", "payer_id", required=True, help="The next payer's name in claims.yaml.")
@click.option("--member-id", required=True, help="The patient's number with the next payer.")
@click.option("--tertiary", is_flag=True, help="The third payer, not the second.")
def secondary_(number: str, store_file: Path, config_file: Path, payer_id: str, member_id: str, tertiary: bool) -> None:
    """Ask the next payer for what the first one left, with the first one's decision on every line."""
    from dataclasses import replace

    from careledger.claims.config import read_config
    from careledger.claims.follow import secondary
    from careledger.claims.store import Store, load_claim

    known = read_config(config_file).payers.get(payer_id)
    if known is None:
        raise click.BadParameter("claims.yaml does not have this payer", param_hint="--payer")
    with Store.open(store_file, must_exist=True) as store:
        first = load_claim(store, number)
        if first is None:
            raise click.BadParameter("there is no claim of this number", param_hint="CONTROL_NUMBER")
        insured = replace(first.insured, member_id=member_id, group_number="", group_name="")
        rank = "T" if tertiary else "S"
        made = secondary(store, number, known.payer, insured, now(), rank, _check())  # type: ignore[arg-type]
        held = _held_by(store, made.control_number)
    _made(made.control_number, held)


@click.command("resend")
@click.argument("number", metavar="CONTROL_NUMBER")
@STORE
@BY
@BECAUSE
def resend_(number: str, store_file: Path, by: str, because: str) -> None:
    """Make a rejected claim ready again as it is."""
    from careledger.claims.answers import resend
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        if not resend(store, number, now(), by, because):
            raise click.BadParameter("no rejected claim has this number", param_hint="CONTROL_NUMBER")
    _made(number, "")


@click.command("match")
@click.argument("waiting", metavar="PAYMENT.PLACE")
@click.argument("number", metavar="CONTROL_NUMBER")
@STORE
@BY
def match_(waiting: str, number: str, store_file: Path, by: str) -> None:
    """Give a payment that waits to a claim."""
    from careledger.claims.posting.assign import assign
    from careledger.claims.store import Store

    with Store.open(store_file, must_exist=True) as store:
        cents = assign(store, waiting, number, now(), by)
    click.echo(f"{dollars(cents)} of {waiting} are posted to {number}")


COMMANDS = (status, void_, correct_, secondary_, resend_, match_)
