"""``careledger claims``: build claims of a closed month, check any 837P, read acknowledgements, set up a printer."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli import claims_denials, claims_follow, claims_store
from careledger.core.money import dollars
from careledger.core.month import Month

if TYPE_CHECKING:
    from careledger.claims.outbox import CheckedClaim
    from careledger.claims.x12.acknowledgement import Answer

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def claims() -> None:
    """Build, check and export claims; read acknowledgements."""


@claims.command()
@click.option("--decisions", required=True, type=FOLDER, help="The folder that 'careledger close' wrote.")
@click.option(
    "--data", required=True, type=FOLDER, help="The practice's tables, with claims.yaml and attestations.csv."
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder for the claims."
)
@click.option(
    "--store",
    "store_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the claims in this store, which sends each once; the folder then takes forms, proofs and held claims.",
)
@click.option("--config", "config_file", type=FILE, help="Settings, when not DATA/claims.yaml.")
@click.option("--month", "month_text", metavar="YYYY-MM", help="The service month, when decisions carry no days.")
@click.option("--sent-on", type=DAY, help="The day the claims leave; today when not given.")
@click.option("--control", default=1, show_default=True, help="Interchange control number of the first file.")
@click.option("--right", "right_pt", default=0.0, help="Move print to the right, in points.")
@click.option("--down", "down_pt", default=0.0, help="Move print down, in points.")
def build(
    decisions: Path,
    data: Path,
    out: Path,
    store_file: Path | None,
    config_file: Path | None,
    month_text: str | None,
    sent_on: datetime | None,
    control: int,
    right_pt: float,
    down_pt: float,
) -> None:
    """Make claims from the decisions of a closed month; exit status 1 when some are held."""
    from careledger.claims.config import ClaimsConfig, read_config
    from careledger.claims.form.pdf import Offset
    from careledger.claims.outbox import check_claims, decided_rows, read_attestations, write_outbox
    from careledger.policy import load_policy

    month = _month(month_text)
    file = config_file or data / "claims.yaml"
    config = read_config(file) if file.is_file() else ClaimsConfig()
    policy, now = load_policy(), sent_on or datetime.now()  # noqa: DTZ005 - the sender's local day
    decided = decided_rows(decisions / "decisions.parquet", month)
    checked = list(check_claims(decided, data, read_attestations(data), config, policy, now.date()))
    totals = write_outbox(
        out, checked, config, policy, now, control, Offset(right_pt, down_pt), with_wire=store_file is None
    )
    where = f"in {len(totals.files)} 837P files" if store_file is None else f"in {store_file}; send them with 'export'"
    click.echo(f"{totals.ready} claims ready, {dollars(totals.ready_cents)} charged, {where}")
    if store_file is not None:
        _keep(store_file, checked, now)
    click.echo(f"{totals.held} claims held, {dollars(totals.held_cents)}; reasons in {out / 'held.csv'}")
    for check, count in _by_check(checked):
        click.echo(f"  {count:>5}  {check}")
    if totals.held:
        sys.exit(1)


def _keep(store_file: Path, checked: list[CheckedClaim], at: datetime) -> None:
    """Put what was built into the store and say what was there before."""
    from careledger.claims.store import Store, put_claims

    with Store.open(store_file) as store:
        put = put_claims(store, [(row.claim, sorted({hold.check for hold in row.holds})) for row in checked], at)
    click.echo(f"store: {put.new} new, {put.updated} changed, {put.same} as before, {len(put.dropped)} no longer built")
    if put.sent:
        click.echo(f"store: {len(put.sent)} were sent before and are not sent again")
    for number in put.changed:
        click.echo(f"store: {number} was sent and would now be different: see 'careledger claims correct'")


def _month(text: str | None) -> Month | None:
    try:
        return None if text is None else Month.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None


def _by_check(checked: list[CheckedClaim]) -> list[tuple[str, int]]:
    from collections import Counter

    found = Counter(f"{hold.check} {hold.what}" for row in checked for hold in row.holds)
    return found.most_common()


@claims.command()
@click.argument("file", type=FILE)
@click.option("--as-of", type=DAY, help="Look at the file from this day; the day it was made when not given.")
@click.option("--structure-only", is_flag=True, help="Structure and envelope, without the numbered checks.")
def check(file: Path, as_of: datetime | None, structure_only: bool) -> None:
    """Check any 837P: structure, envelope, balances and the numbered checks.

    Exit status 0 clean, 1 findings (one line each), 2 when it cannot be read as an 837P.
    """
    from careledger.claims.x12.check_837p import FileCheck
    from careledger.policy import load_policy

    checking = FileCheck(load_policy(), as_of.date() if as_of else None, with_checks=not structure_only)
    count = 0
    with file.open("rb") as stream:
        for finding in checking.findings(stream):
            count += 1
            click.echo(str(finding))
    found = checking.summary
    held = f"{found.claims} claims, {found.lines} lines, {dollars(found.charges_cents)}"
    click.echo(f"{file.name}: {held}; {count} findings" if count else f"{file.name}: {held}; clean", err=True)
    if count:
        sys.exit(1)


@claims.command()
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Show the answers without changing any claim.")
@click.option(
    "--store",
    "store_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The claims store to change.",
)
def ack(file: Path, dry_run: bool, store_file: Path | None) -> None:
    """Read a TA1, 999 or 277CA: what was taken, what was rejected, why, and what to do.

    Exit status 0 when everything was taken, 1 rejections or findings, 2 when it cannot be read as an acknowledgement.
    """
    from careledger.claims.x12.findings import Finding
    from careledger.claims.x12.read_ack import read_acknowledgement

    if not dry_run and store_file is None:
        raise click.UsageError("name the --store whose claims are answered, or add --dry-run")
    bad = 0
    with file.open("rb") as stream:
        for step in read_acknowledgement(stream):
            bad += isinstance(step, Finding) or step.accepted is not True
            click.echo(str(step) if isinstance(step, Finding) else _answer(step))
    if store_file is not None and not dry_run:
        _take(store_file, file)
    if bad:
        sys.exit(1)


def _take(store_file: Path, file: Path) -> None:
    """Post the answers and say what they changed."""
    from careledger.claims.answers import post_answers
    from careledger.claims.store import Store

    with Store.open(store_file) as store:
        result = post_answers(store, file.read_bytes(), file.name, datetime.now())  # noqa: DTZ005 - local time
    if result.state == "before":
        click.echo("the same file was read before; nothing is changed")
        return
    click.echo(f"{result.taken} claims taken, {len(result.rejected)} returned to work")
    for strange in result.strange:
        click.echo(f"not ours: {strange}")


def _answer(answer: Answer) -> str:
    verdict = {True: "taken", False: "REJECTED", None: "note"}[answer.accepted]
    parts = [f"segment {answer.segment} {answer.level} {answer.ours}".rstrip(), f"{verdict}: {answer.says}"]
    if answer.points_to:
        parts.append(f"at {answer.points_to}")
    if answer.claim and answer.level in ("segment", "element", "line"):
        parts.append(f"claim {answer.claim}")
    if answer.payer_control:
        parts.append(f"payer's number {answer.payer_control}")
    return "; ".join((*parts, answer.do))


@claims.command("test-sheet")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--right", "right_pt", default=0.0, help="Move print to the right, in points.")
@click.option("--down", "down_pt", default=0.0, help="Move print down, in points.")
def test_sheet(out: Path, right_pt: float, down_pt: float) -> None:
    """Write a PDF that shows whether a printer meets the boxes of the pre-printed form."""
    from careledger.claims.form.pdf import Offset, printer_test_pdf

    printer_test_pdf(out, Offset(right_pt, down_pt))
    click.echo(f"print {out} on a red form at 100 %")


@claims.command("help")
@click.argument("check_id", metavar="CLM000")
def help_(check_id: str) -> None:
    """Show the help page of a numbered check."""
    from careledger.claims.checks import checks, help_page

    if check_id.upper() not in {known for known, _ in checks()}:
        raise click.BadParameter("there is no check of this number", param_hint="CLM000")
    click.echo(f"{check_id.upper()} {help_page(check_id)}")


for _command in (*claims_store.COMMANDS, *claims_follow.COMMANDS, *claims_denials.COMMANDS):
    claims.add_command(_command)
