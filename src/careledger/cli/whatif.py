"""``careledger whatif``: close a past month again under other rules, fees, overlays or payers, and see the difference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli.dates import month_of
from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.batch.whatif import WhatIf


@click.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The service month that is closed again.")
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of tables."
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for both closes.")
@click.option("--rules-of", metavar="YYYY-MM", help="Whose month's rules stand in place of its own.")
@click.option("--fees-of", type=int, metavar="YEAR", help="The year whose fees price every line.")
@click.option(
    "--overlay", "overlays", multiple=True, help="An overlay that is off by default, such as a proposed rule."
)
@click.option(
    "--payer", "payers", multiple=True, metavar="FROM=TO", help="Another payer in place of one; *=TO for all not named."
)
@click.option(
    "--contract", "contracts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A contract overlay of the clinic's own.",
)  # fmt: skip
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking; today when not given.")
def whatif(
    month: str,
    data: Path,
    out: Path,
    rules_of: str | None,
    fees_of: int | None,
    overlays: tuple[str, ...],
    payers: tuple[str, ...],
    contracts: tuple[Path, ...],
    as_of: datetime | None,
) -> None:
    """Close a month again under a hypothesis and show the difference; nothing real changes."""
    from careledger.batch.whatif import what_if
    from careledger.policy.contract import policy_with
    from careledger.policy.hypothesis import Hypothesis

    mix = dict(_pair(text) for text in payers)
    supposed = Hypothesis(
        rules_of=month_of(rules_of, "--rules-of") if rules_of else None, fees_of=fees_of, overlays=overlays
    )
    if supposed == Hypothesis() and not mix:
        raise click.UsageError("nothing is supposed: name --rules-of, --fees-of, --overlay or --payer")
    day = as_of.date() if as_of else date.today()  # noqa: DTZ011 - the clinic's own calendar day
    found = what_if(data, out, month_of(month, "--month"), policy_with(contracts), supposed, mix, as_of=day)
    for line in told(found, out):
        click.echo(line)


def told(found: WhatIf, out: Path) -> Iterator[str]:
    """The difference in lines for people."""
    yield f"{found.month} {found.says}: {found.patients:,} patients change"
    yield ""
    yield f"{'code':<8}{'lines':>16}{'units':>16}{'allowed':>28}{'difference':>16}"
    for change in found.by_code:
        yield _row(change.code, _both(change.lines), _both(change.units), change.cents)
    yield _row("all", "", "", found.cents())
    if any(found.unpriced):
        yield f"lines whose worth is not known count nothing here: {found.unpriced[0]:,} as it is, {found.unpriced[1]:,} as supposed"
    yield ""
    yield f"every change: {out / 'changes.csv'}"


def _row(name: str, lines: str, units: str, cents: tuple[int, int]) -> str:
    allowed = f"{dollars(cents[0])} -> {dollars(cents[1])}"
    difference = cents[1] - cents[0]
    sign = "+" if difference > 0 else ""
    return f"{name:<8}{lines:>16}{units:>16}{allowed:>28}{sign + dollars(difference):>16}"


def _both(pair: tuple[int, int]) -> str:
    return f"{pair[0]:,}" if pair[0] == pair[1] else f"{pair[0]:,} -> {pair[1]:,}"


def _pair(text: str) -> tuple[str, str]:
    one, sign, other = text.partition("=")
    if not sign or not one or not other:
        raise click.BadParameter(f"{text!r} is not FROM=TO", param_hint="--payer")
    return one, other
