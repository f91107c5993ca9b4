"""``careledger remit``: read a remittance and its balances."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.claims.model import Adjustment
    from careledger.claims.x12.remittance import ClaimPayment, PaymentEnd

_STATUS = {
    "1": "paid first", "2": "paid second", "3": "paid third", "4": "denied", "19": "paid first, sent on",
    "20": "paid second, sent on", "21": "paid third, sent on", "22": "taken back", "23": "not ours, sent on",
    "25": "predetermined",
}  # fmt: skip


@click.group()
def remit() -> None:
    """Read a remittance and its balances."""


@remit.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lines/--no-lines", default=True, help="Show the lines of each claim.")
def show(file: Path, lines: bool) -> None:
    """Show an 835: every claim with its reasons, every payment with its balance.

    Exit status 0 clean, 1 findings (one line each), 2 when it cannot be read as an 835.
    """
    from careledger.claims.x12.findings import Finding
    from careledger.claims.x12.read_835 import read_835
    from careledger.claims.x12.remittance import PaymentEnd

    count = 0
    with file.open("rb") as stream:
        for event in read_835(stream):
            if isinstance(event, Finding):
                count += 1
                click.echo(str(event))
            elif isinstance(event, PaymentEnd):
                _payment(event)
            else:
                _claim(event, lines)
    click.echo(f"{file.name}: {f'{count} findings' if count else 'clean, all balances hold'}", err=True)
    if count:
        sys.exit(1)


def _claim(claim: ClaimPayment, with_lines: bool) -> None:
    status = _STATUS.get(claim.status, f"status {claim.status}")
    share = "" if claim.patient_cents is None else f", patient {dollars(claim.patient_cents)}"
    click.echo(
        f"claim {claim.control_number}  {status}  charged {dollars(claim.charge_cents)}, paid {dollars(claim.paid_cents)}"
        f"{share}  payer's number {claim.payer_control}"
    )
    for row in claim.adjustments:
        click.echo(f"    {_reason(row)}")
    for line in claim.lines if with_lines else ():
        code = " ".join((line.code, *line.modifiers))
        click.echo(f"    {code}  charged {dollars(line.charge_cents)}, paid {dollars(line.paid_cents)}")
        for row in line.adjustments:
            click.echo(f"        {_reason(row)}")
        for remark in line.remarks:
            click.echo(f"        {_remark(remark)}")
    for remark in claim.remarks:
        click.echo(f"    {_remark(remark)}")
    if claim.sent_on_to:
        click.echo(f"    sent on to {claim.sent_on_to}")
    if claim.corrected_id:
        click.echo("    the payer corrects the member number")


def _reason(row: Adjustment) -> str:
    from careledger.claims.code_words import code_words

    words = code_words("reason", row.reason)
    return f"{row.group}-{row.reason} {dollars(row.amount_cents)}  {words.says}; {words.do}"


def _remark(code: str) -> str:
    from careledger.claims.code_words import code_words

    words = code_words("remark", code)
    return f"{code}  {words.says}; {words.do}"


def _payment(end: PaymentEnd) -> None:
    from careledger.claims.code_words import code_words

    payment = end.payment
    for row in end.provider_adjustments:
        words = code_words("provider", row.code)
        click.echo(f"provider level {row.code} {row.reference}  {dollars(row.amount_cents)}  {words.says}; {words.do}")
    on = f" on {payment.paid_on}" if payment.paid_on else ""
    click.echo(
        f"payment {payment.trace} by {payment.payer_name or payment.payer_id}{on}, {payment.method}: "
        f"{dollars(payment.amount_cents)}"
    )
    click.echo(
        f"    {end.claims} claims, charged {dollars(end.charged_cents)}, paid {dollars(end.paid_cents)}, "
        f"kept back at provider level {dollars(end.kept_cents)}"
    )
