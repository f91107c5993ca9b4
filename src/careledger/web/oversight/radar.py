"""Running the radar over the clinic's own claims and logs, and the work on what it finds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import InputError, Place
from careledger.facts.working import working_database
from careledger.oversight.radar.check import Finding
from careledger.oversight.radar.run import Radar, scan_tables
from careledger.oversight.radar.sheets import Clock
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.oversight.models import FindingWork, RadarFinding, RadarRun
from careledger.web.oversight.models.radar import STEPS
from careledger.web.oversight.tables import claims_file, load, sent_lines

OPEN = ("open", "inquiry")


def scanned(today: date) -> Radar:
    """Every question of the radar, asked of the organisation's tables and the claims it sent."""
    with working_database() as con:
        load(con)
        file = claims_file()
        if file is not None:
            sent_lines(con, file)
        return scan_tables(con, "the clinic's own claims and logs", policy(), today)


@transaction.atomic
def run(*, acting_user: Membership | None) -> RadarRun:
    """Ask everything, and keep what was found: a finding seen before keeps its clock and its work."""
    today = timezone.localdate()
    told = scanned(today)
    row: RadarRun = RadarRun.objects.create(
        at=timezone.now(), lines=told.read.lines, found=len(told.findings), by=acting_user,
        asked={check.id: told.count(check.id) for check in told.asked},
        not_asked={check.id: why for check, why in told.not_asked},
    )  # fmt: skip
    _keep(row, told.findings, today)
    record(acting_user=acting_user, action="radar.ran", target=row, after={"found": row.found})
    return row


def _keep(run_row: RadarRun, findings: Iterable[Finding], today: date) -> None:
    by_key = {key_of(one): one for one in findings}
    known = RadarFinding.objects.filter(key__in=by_key)
    seen = set(known.values_list("key", flat=True))
    known.update(last_run=run_row)
    due = today + timedelta(days=Clock.on(policy(), today).days)
    RadarFinding.objects.bulk_create(
        [_row(key, one, run_row, today, due) for key, one in by_key.items() if key not in seen], batch_size=500
    )


def _row(key: str, one: Finding, run_row: RadarRun, today: date, due: date) -> RadarFinding:
    return RadarFinding(
        key=key, check_id=one.check, severity=one.severity, patient_code=one.patient, who=one.who[:200], period=one.period[:40],
        evidence=one.evidence, detail=one.detail, rule=one.rule, cite=one.cite[:300], mend=one.mend,
        refund_lines=len(one.refund_rows), identified_on=today, return_by=due if one.refund_rows else None, last_run=run_row,
    )  # fmt: skip


def key_of(one: Finding) -> str:
    """What makes a finding the same in another run: its question, whom and when it is about, and its evidence."""
    parts = (one.check, one.patient, one.who, one.period, one.evidence)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@transaction.atomic
def work(*, acting_user: Membership, finding: RadarFinding, step: str, note: str) -> None:
    """Say what was done about a finding; every step stays, with who and when."""
    if step not in dict(STEPS):
        raise InputError(Place("finding", field="step"), "no such step", f"use {', '.join(dict(STEPS))}")
    if not note.strip():
        raise InputError(Place("finding", field="note"), "the note is missing", "say what was done and why")
    FindingWork.objects.create(finding=finding, step=step, note=note.strip(), by=acting_user, at=timezone.now())
    before, finding.step = finding.step, step
    finding.save(update_fields=["step"])
    record(
        acting_user=acting_user, action="finding.worked", target=finding, before={"step": before}, after={"step": step}
    )


def worksheet_rows(found: Iterable[Any]) -> Iterable[tuple[Any, ...]]:
    """The worksheet for corrections and refunds, one row a finding."""
    for one in found:
        yield (
            one.pk, one.severity, one.check_id, one.patient_code, one.who, one.period, one.evidence, one.detail, one.rule, one.cite,
            one.mend, one.refund_lines, one.identified_on, one.return_by, one.get_step_display(),
        )  # fmt: skip
