"""``careledger oversight``: the director's log, what an act is for billing, measures, and improvement."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from careledger.core.errors import InputError, Place
from careledger.core.month import Month

if TYPE_CHECKING:
    from careledger.oversight.director.model import Agreement

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
MINUTE = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.group()
def oversight() -> None:
    """Steer a program: the director's log, acts of oversight, measures, improvement."""


@oversight.group()
def director() -> None:
    """The director's own log: administrative time under a contract, which never reaches a claim."""


@director.command()
@click.argument("agreement_file", type=FILE)
@click.option("--log", "log_file", required=True, type=NEW, help="The director's log; made when there is none.")
def agree(agreement_file: Path, log_file: Path) -> None:
    """Record an agreement (YAML: duties, rate, cap, approver, dates) before any work under it."""
    from careledger.oversight.director.store import DirectorLog

    agreement = _agreement(agreement_file)
    with DirectorLog.open(log_file) as log:
        log.agree(agreement)
    click.echo(
        f"agreement {agreement.agreement_id}: {agreement.starts_on} to {agreement.ends_on}, duties {', '.join(agreement.duties)}"
    )


@director.command("log")
@click.option("--log", "log_file", required=True, type=FILE, help="The director's log.")
@click.option("--agreement", required=True, help="Id of the agreement.")
@click.option("--duty", required=True, help="Id of a duty of the agreement.")
@click.option("--start", required=True, type=MINUTE, help="Start, YYYY-MM-DDTHH:MM by the practice's clock.")
@click.option("--stop", required=True, type=MINUTE, help="Stop, likewise.")
@click.option("--what", required=True, help="What was done; names no patient.")
@click.option("--zone", default="America/New_York", show_default=True, help="The practice's time zone.")
def log_work(log_file: Path, agreement: str, duty: str, start: datetime, stop: datetime, what: str, zone: str) -> None:
    """Log a stretch of administrative work."""
    from careledger.oversight.director.store import DirectorLog

    clock = ZoneInfo(zone)
    start_s, end_s = (int(when.replace(tzinfo=clock).timestamp()) for when in (start, stop))
    with DirectorLog.open(log_file) as log:
        number = log.log(agreement, duty, start_s, end_s, start.date(), what, int(datetime.now(UTC).timestamp()))
    click.echo(f"entry {number}: {(end_s - start_s) // 60} minutes on {start.date()} for {duty}")


@director.command()
@click.argument("entry", type=int)
@click.option("--log", "log_file", required=True, type=FILE, help="The director's log.")
@click.option("--why", required=True, help="Why the entry is wrong.")
def void(entry: int, log_file: Path, why: str) -> None:
    """Void an entry; log the right one anew."""
    from careledger.oversight.director.store import DirectorLog

    with DirectorLog.open(log_file) as log:
        number = log.void(entry, why, int(datetime.now(UTC).timestamp()))
    click.echo(f"entry {entry} is voided by {number}")


@director.command()
@click.option("--log", "log_file", required=True, type=FILE, help="The director's log.")
@click.option("--agreement", required=True, help="Id of the agreement.")
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The month.")
@click.option("--out", required=True, type=NEW, help="The PDF to write.")
@click.option(
    "--clinical",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of tables, to warn of overlap with clinical time.",
)
@click.option("--zone", default="America/New_York", show_default=True, help="The practice's time zone.")
@click.option(
    "--sign", metavar="WORDS", help="Approve the month with this signature; nothing can be logged into it afterwards."
)
def statement(
    log_file: Path, agreement: str, month_text: str, out: Path, clinical: Path | None, zone: str, sign: str | None
) -> None:
    """Write the monthly statement as PDF, with its warnings; exit status 1 when there are any."""
    from careledger.documents.director_statement import statement_pdf
    from careledger.oversight.director.model import Approval
    from careledger.oversight.director.statement import statement as state
    from careledger.oversight.director.store import DirectorLog
    from careledger.policy import load_policy

    month, today = _month(month_text), date.today()  # noqa: DTZ011 - the clinic's own calendar day
    view = load_policy().on(month.last_on)
    with DirectorLog.open(log_file) as log:
        told = state(log, agreement, month, view, _clinical(clinical, log.agreement(agreement).director))
        if sign:
            by = told.agreement.approver
            approval = Approval(
                month=str(month),
                approver=by,
                approved_on=today,
                minutes=told.minutes,
                amount_cents=told.amount_cents,
                signature=sign,
            )
            log.approve(agreement, approval)
            told = state(log, agreement, month, view, _clinical(clinical, told.agreement.director))
    out.write_bytes(statement_pdf(told, view, ZoneInfo(zone), today))
    click.echo(
        f"{month}: {told.minutes} minutes logged, {told.payable_minutes} payable, ${told.amount_cents / 100:,.2f}; written to {out}"
    )
    for warning in told.warnings:
        click.echo(f"  warning: {warning}")
    sys.exit(1 if told.warnings else 0)


@oversight.command()
@click.option(
    "--acts",
    type=FILE,
    help="CSV of acts: act_id, component, activity, by, kind, on, minutes, patient, part_of_visit, under_agency_plan.",
)
def components(acts: Path | None) -> None:
    """The five components with their templates; with --acts, what each logged act is for billing."""
    from careledger.oversight.components.classify import classify
    from careledger.oversight.components.classify import components as known
    from careledger.policy import load_policy

    if acts is None:
        for id_, one in known().items():
            click.echo(f"{id_}: {one['says']}")
            for line in one["template"]:
                click.echo(f"  - {line}")
        return
    policy = load_policy()
    for act in _acts(acts):
        found = classify(act, policy.on(act.on))
        click.echo(
            f"{act.act_id}: {found.is_for.replace('_', ' ')}, {found.minutes} minutes{f' for {found.patient}' if found.patient else ''}: {found.why} [{', '.join(found.cite)}]"
        )


def _acts(file: Path) -> Iterator[Any]:
    from careledger.oversight.components.classify import Act

    yes = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            try:
                yield Act(
                    act_id=row["act_id"], component=row["component"], activity=row["activity"], by=row["by"], kind=row["kind"],
                    on=date.fromisoformat(row["on"]), minutes=int(row["minutes"]), patient=row.get("patient") or None,
                    part_of_visit=yes.get((row.get("part_of_visit") or "no").lower(), False), under_agency_plan=yes.get((row.get("under_agency_plan") or "").lower()),
                )  # fmt: skip
            except (KeyError, ValueError, TypeError) as error:
                raise InputError(
                    Place(file.name, number),
                    f"the act cannot be read ({error})",
                    "see 'oversight components --help' for its columns",
                ) from None


def _agreement(file: Path) -> Agreement:
    from careledger.oversight.director.model import Agreement
    from careledger.policy.strict_yaml import load_path

    told = load_path(file).data
    try:
        return Agreement(**{**told, "terms": tuple(told.get("terms", ()))})
    except (TypeError, AttributeError) as error:
        what = str(error).rpartition("__init__() ")[2]
        raise InputError(
            Place(file.name),
            f"no agreement ({what})",
            "give agreement_id, director, practice, approver, dates, rate, cap, duties",
        ) from None


def _clinical(folder: Path | None, director_id: str) -> list[tuple[str, int, int]]:
    """The director's own clinical time, to warn of minutes paid twice; read only."""
    if folder is None:
        return []
    from careledger.facts.tables import open_folder
    from careledger.facts.working import working_database

    with working_database() as con:
        open_folder(con, folder)
        sql = 'SELECT entry_id, start_s, end_s FROM time_entries WHERE "by" = ? AND start_s IS NOT NULL'
        return con.execute(sql, [director_id]).fetchall()


def _month(words: str) -> Month:
    try:
        return Month.parse(words)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None


@oversight.command()
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of tables."
)
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The month.")
@click.option(
    "--decisions",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that 'careledger close' wrote.",
)
@click.option("--claims-store", type=FILE, help="The claims store.")
@click.option(
    "--open", "opened", metavar="MEASURE", help="List the patients, goals or claims in a measure's numerator."
)
def measures(
    data: Path, month_text: str, decisions: Path | None, claims_store: Path | None, opened: str | None
) -> None:
    """The cockpit: funnel, retention, minutes, goals, gaps, equity and denials, each with definition and denominator."""
    from careledger.oversight.measures.compute import DISTANCE_SAYS, cockpit
    from careledger.policy import load_policy

    month = _month(month_text)
    told = cockpit(data, month, load_policy().on(month.last_on), decisions=decisions, claims=claims_store)
    if opened:
        found = [one for one in told.measured if one.measure.id == opened]
        if not found:
            raise click.BadParameter(
                f"known are {', '.join(one.measure.id for one in told.measured)}", param_hint="--open"
            )
        click.echo("\n".join(found[0].units))
        return
    group = ""
    for one in told.measured:
        if one.measure.group != group:
            group = one.measure.group
            click.echo(f"{group}")
        value = "nobody to divide by" if one.value is None else f"{one.value:5.1f}%"
        click.echo(f"  {one.measure.id:<16} {value}  {one.numerator:,} of {one.denominator:,}")
        click.echo(f"      {one.measure.says}")
        if one.published:
            click.echo(f"      published: {one.published}")
    for title, rows in (("minutes by staff", told.minutes_by_staff), ("minutes by activity", told.minutes_by_activity)):
        click.echo(title)
        for name, minutes, patients in rows:
            click.echo(f"  {name:<24} {minutes:>6,} minutes for {patients:,} patients")
    click.echo("enrolled of eligible, by group (small cells are hidden)")
    for cut in told.cuts:
        click.echo(
            f"  {cut.name:<12} {cut.stratum:<16} {'hidden' if cut.denominator is None else f'{cut.numerator:,} of {cut.denominator:,}'}"
        )
    if any(cut.name == "distance" for cut in told.cuts):
        click.echo(f"  {DISTANCE_SAYS}")
    click.echo("retention: worked on so many months after the first, or later, of patients followed so long")
    for point in told.retention:
        share = "nobody followed" if point.percent is None else f"{point.percent:5.1f}%"
        click.echo(f"  month {point.after:>2}  {share}  {point.stayed:,} of {point.followed:,}")
    if told.months is not None:
        mean = "nobody to divide by" if told.months.mean is None else f"{told.months.mean:.1f}"
        click.echo(f"months with work per patient in the last year: {mean}; published: {told.months.published}")
    if claims_store:
        _tell_money(claims_store, month)
    for id_, why in told.not_measured:
        click.echo(f"not measured: {id_} ({why})")
    if decisions is None or claims_store is None:
        click.echo("give --decisions, the folder of the close, and with it --claims-store, to measure what they hold")


def _tell_money(store: Path, month: Month) -> None:
    from careledger.oversight.measures.money import money

    click.echo("money by payer and code (collected of charged)")
    for one in money(store, month):
        share = "nothing charged" if one.collected_percent is None else f"{one.collected_percent:.1f}%"
        cents = (one.charged_cents, one.allowed_cents, one.collected_cents)
        charged, allowed, collected = (f"${amount / 100:,.2f}" for amount in cents)
        click.echo(
            f"  {one.payer:<18} {one.code}  {one.lines:,} lines, {charged} charged, {allowed} allowed, {collected} collected ({share}), {one.denied_lines:,} lines denied"
        )


@oversight.command()
@click.option("--aims", required=True, type=FILE, help="YAML of aims with points and plan-do-study-act cycles.")
@click.option("--out", required=True, type=NEW, help="The PDF to write.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of tables, to put the month's measures first.",
)
@click.option("--as-of", type=DAY, help="The day printed; today when not given.")
def board(aims: Path, out: Path, data: Path | None, as_of: datetime | None) -> None:
    """The monthly board report: aims with run charts, signs of special causes, and cycles of change."""
    from careledger.documents.board_report import board_pdf, read_chart
    from careledger.oversight.improvement.aims import read_aims
    from careledger.oversight.measures.compute import cockpit
    from careledger.policy import load_policy

    on = as_of.date() if as_of else date.today()  # noqa: DTZ011 - the day printed
    practice, found = read_aims(aims)
    month = Month.of(on)
    told = cockpit(data, month, load_policy().on(month.last_on)) if data else None
    out.write_bytes(board_pdf(practice, found, on, told))
    for aim in found:
        signs = [signal.says for signal in read_chart(aim)[2]] if len(aim.points) > 1 else []
        click.echo(
            f"{aim.aim_id}: {aim.points[-1][1] if aim.points else 'no point'}{aim.unit} against {aim.target:g}{aim.unit}; {'; '.join(signs) or 'nothing beyond chance'}"
        )
    click.echo(f"written to {out}")
