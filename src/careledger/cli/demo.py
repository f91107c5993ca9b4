"""``careledger demo``: a synthetic clinic through every step, from its record system's export to claims and proof."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.cli.month_page import NOTHING_TO_DO
from careledger.core.month import Month

if TYPE_CHECKING:
    from careledger.claims.outbox import CheckedClaim, ClaimTotals
    from careledger.cli.month_page import MonthPage
    from careledger.policy import Policy
    from careledger.synthetic.files import ClinicFiles

_DAYS_AFTER_MONTH = 3
_PAGE_WIDTH = 118
_STEPS_SHOWN = 4
_NINE = time(9, 0)


@click.command()
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for everything.")
@click.option(
    "--month", "month_text", default="2026-10", show_default=True, metavar="YYYY-MM", help="The month to close."
)
@click.option("--seed", default=1, show_default=True, help="Equal seeds make equal clinics.")
@click.option("--patients", default=200, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--binders", default=30, show_default=True, type=click.IntRange(min=0), help="Audit binders to print at most."
)
def demo(out: Path, month_text: str, seed: int, patients: int, binders: int) -> None:
    """Make a synthetic clinic and close a month of it.

    Writes the clinic as a record system would hand it over, imports it, decides the month, builds claims and binders, and
    prints one page. Nobody in it is a real person.
    """
    from rich.console import Console

    from careledger.cli.month_page import show

    try:
        month = Month.parse(month_text)
        with Console(stderr=True).status("making the clinic") as status:
            page = run_demo(out, month, seed, patients, binders, status.update)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    with (out / "summary.txt").open("w", encoding="utf-8") as text:
        show(page, Console(file=text, width=_PAGE_WIDTH, color_system=None))
    show(page, Console(width=_PAGE_WIDTH))


def run_demo(
    out: Path, month: Month, seed: int, patients: int, binders: int, tell: Callable[[str], None] = lambda _: None
) -> MonthPage:
    """Every step of the demo; returns the page. ``tell`` hears which step is at work.

    Raises:
        ValueError: too few patients for the designed situations.
    """
    from careledger.batch.close import close_month
    from careledger.cli.month_page import month_page
    from careledger.documents import write_binders
    from careledger.fhir.writer import write_fhir
    from careledger.policy import load_policy
    from careledger.synthetic.files import write_clinic

    policy = load_policy()
    asked_on = month.last_on + timedelta(days=_DAYS_AFTER_MONTH)
    clinic = write_clinic(out / "clinic", seed, month, patients, write_fhir=write_fhir)
    tables, closed = out / "tables", out / "close"
    tell("importing")
    _import(clinic, tables)
    tell("deciding the month")
    close_month(tables, closed, month, policy, as_of=asked_on, self_audit=True)
    tell("building claims")
    claims = _claims(out, month, policy, asked_on)
    printed = write_binders(
        tables,
        out / "binders",
        month,
        policy,
        prepared_on=asked_on,
        decisions=closed,
        patients=_one_of_each(clinic, binders),
        progress=lambda name: tell(f"printing {name}"),
    )
    page = month_page(closed, month, policy.on(month.last_on))
    return dataclasses.replace(
        page,
        claims=tuple(_claim_lines(claims)),
        next_steps=tuple(_next_steps(page, claims.totals)),
        files=tuple(_files(out, claims.totals, len(printed))),
    )


def _one_of_each(clinic: ClinicFiles, count: int) -> list[str]:
    """A billed patient of each situation, then further ones, up to a number."""
    billed = [label for label in clinic.clinic.labels if label.bills]
    firsts = {label.situation: label.patient_id for label in reversed(billed)}
    rest = [label.patient_id for label in billed if label.patient_id not in firsts.values()]
    return [*sorted(firsts.values()), *rest][:count]


@dataclasses.dataclass(frozen=True, slots=True)
class _Claims:
    """Claims as they were checked, and what was written."""

    checked: tuple[CheckedClaim, ...]
    totals: ClaimTotals


def _claims(out: Path, month: Month, policy: Policy, sent_on: date) -> _Claims:
    """Build, check and write the month's claims; an earlier demo's folder makes room."""
    from careledger.claims.config import read_config
    from careledger.claims.outbox import check_claims, decided_rows, read_attestations, write_outbox

    tables, folder = out / "tables", out / "claims"
    if (folder / "totals.json").is_file():
        shutil.rmtree(folder)
    config = read_config(tables / "claims.yaml")
    decided = decided_rows(out / "close" / "decisions.parquet", month)
    checked = tuple(check_claims(decided, tables, read_attestations(tables), config, policy, sent_on))
    return _Claims(checked, write_outbox(folder, checked, config, policy, datetime.combine(sent_on, _NINE)))


def _import(clinic: ClinicFiles, tables: Path) -> None:
    """Fill the folder of tables as a clinic would: the export first, its own tables over it, then the time log."""
    from careledger.facts.timelog import import_timelog
    from careledger.fhir.importer import import_fhir

    import_fhir(clinic.fhir, tables)
    for file in sorted(clinic.tables.iterdir()):
        shutil.copy(file, tables / file.name)
    import_timelog(clinic.timelog, tables)


def _claim_lines(claims: _Claims) -> Iterator[str]:
    from careledger.core.money import dollars

    yield f"{claims.totals.ready} claims are ready: {dollars(claims.totals.ready_cents)} charged"
    if claims.totals.held:
        yield f"{claims.totals.held} claims are held:"
    reasons = Counter(f"{hold.check}: {hold.what}; {hold.mend}" for row in claims.checked for hold in row.holds)
    for reason, count in reasons.most_common():
        yield f"  {count} by {reason}"


def _next_steps(page: MonthPage, claims: ClaimTotals) -> Iterator[str]:
    """First what brings this month's money, then what saves the next month."""
    steps = [f"Send the {claims.ready} ready claims"]
    if claims.held:
        steps.append(f"Mend the {claims.held} held claims and build them again; nothing is sent twice")
    still_open = [reason for reason in page.reasons if reason.is_open]
    lost = [reason for reason in page.reasons if not reason.is_open and reason.next_step != NOTHING_TO_DO]
    for reason in (*still_open[:_STEPS_SHOWN], *lost[:_STEPS_SHOWN]):
        names = ", ".join(reason.patients[:4]) + (" ..." if len(reason.patients) > 4 else "")
        steps.append(f"{reason.next_step[:1].upper()}{reason.next_step[1:]}: {len(reason.patients)} ({names})")
    if page.nothing_recorded:
        steps.append(f"Look whether the {page.nothing_recorded} patients without any care recorded could be invited")
    return (f"{number}. {step}" for number, step in enumerate(steps, start=1))


def _files(out: Path, claims: ClaimTotals, binders: int) -> Iterator[tuple[str, str]]:
    yield str(out / "clinic"), "what the record system and the time log handed over; labels.csv says who is who"
    yield str(out / "tables"), "the imported tables"
    yield str(out / "close"), "decisions, proofs, worklist, facts"
    for name in claims.files:
        yield str(out / "claims" / name), "claims as X12 837P"
    yield str(out / "claims" / "cms1500.pdf"), "claims for pre-printed CMS-1500"
    yield str(out / "claims" / "proof.pdf"), "every claim to read, held ones with the reason"
    yield str(out / "claims" / "held.csv"), "held claims and what to do"
    yield str(out / "binders"), f"{binders} audit binders; `careledger binder` prints any other"
    yield str(out / "summary.txt"), "this page"
    yield "make serve", "opens the clinic application in a browser, http://127.0.0.1:8000, with a login for every role"
