"""The audit binder: one patient-month as a PDF, in the order Medicare contractors ask.

Source of the order: contractors' published checklists (First Coast, Noridian, NGS): beneficiary, eligibility, initiating
visit, consent, care plan and its delivery, time in and out with credentials, totals, supervision, signatures.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from careledger.core.decision import Finding
from careledger.core.money import dollars
from careledger.core.month import Month
from careledger.documents.collect import Dossier, Folder
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView

LATE_DAYS = 7
"""House limit: an entry recorded more than so many days after the work is marked late. It counts all the same."""
SHOWN_RECORDS = 6
DAY_S = 24 * 3600
_VERDICTS = {"bill": "Bill", "not_yet": "Not yet", "no": "No", "human_decides": "A person decides"}
_MARKS = {
    "met": "met",
    "note": "note",
    "not_yet": "missing",
    "unmet": "not met",
    "unknown": "not recorded",
    "judgement": "judgement",
}


def build_binder(dossier: Dossier, policy: Policy) -> bytes:
    """The binder of a patient's month as PDF; the same records give the same bytes."""
    content = json.dumps(contents(dossier, policy), ensure_ascii=False, sort_keys=True)
    template = resources.files("careledger.documents") / "templates" / "binder.typ"
    pdf = typst.compile(
        template.read_bytes(), sys_inputs={"content": content}, ignore_system_fonts=True, timestamp=0, pdf_tags=True
    )
    assert isinstance(pdf, bytes)
    return pdf


def write_binders(data: Path, out: Path, month: Month, patients: Iterable[str], policy: Policy) -> list[Path]:
    """Write a binder for each patient into a folder, each whole or not at all; returns the files."""
    out.mkdir(parents=True, exist_ok=True)
    folder = Folder(data)
    files = []
    for patient in patients:
        file = out / f"binder_{month}_{''.join(c if c.isalnum() or c in '-_' else '_' for c in patient)}.pdf"
        aside = file.with_name(f".{file.name}.part")
        aside.write_bytes(build_binder(folder.dossier(patient, month, policy), policy))
        aside.replace(file)
        files.append(file)
    return files


def contents(dossier: Dossier, policy: Policy) -> dict[str, Any]:
    """Everything the template prints, as plain text and lists; numbered citations and a hash for every part."""
    sources: list[str] = []
    view = policy.on(dossier.month.last_on, dossier.answer.payer)
    parts = {
        "beneficiary": _beneficiary(dossier),
        "eligibility": _eligibility(dossier),
        "initiating": _visits(dossier),
        "consents": _consents(dossier),
        "plan": _plan(dossier, view),
        "log": _log(dossier, view),
        "totals": list(_totals(dossier, view)),
        "supervision": _supervision(dossier),
        "decisions": [_decision(one, sources) for one in _all_decisions(dossier)],
        "missing": list(_missing(dossier)),
        "signatures": _signatures(dossier),
    }
    return {
        **parts,
        "month": str(dossier.month),
        "policy": policy.version,
        "sources": [_source(policy, id_) for id_ in sources],
        "manifest": list(_manifest(parts, dossier)),
    }


def _beneficiary(dossier: Dossier) -> dict[str, Any]:
    patient = dossier.records["patients"][0]
    coverage = next(iter(dossier.rows("coverage")), None)
    people = {person.person_id: person for person in dossier.records["people"]}
    billers = [people.get(month.biller) for month in dossier.answer.months]
    practice = next(
        (p for p in dossier.records["practices"] if billers and billers[0] and p.practice_id == billers[0].practice_id),
        None,
    )
    return {
        "id": patient.patient_id,
        "name": ", ".join(part for part in (patient.family_name, patient.given_name) if part) or "name not recorded",
        "born": _day(patient.born_on),
        "died": _day(patient.died_on) if patient.died_on else "",
        "member": (coverage.member_id if coverage else None) or "not recorded",
        "payer": dossier.answer.payer.replace("_", " "),
        "residence": (patient.residence or "not recorded").replace("_", " "),
        "practice": (practice.name or practice.practice_id) if practice else "not recorded",
        "zone": practice.time_zone if practice else "America/New_York",
        "practitioners": [_person(person) for person in billers if person],
        "lines": [
            f"{line.decision.code} × {line.decision.units}, {line.on.isoformat()}"
            + (f", {dollars(line.allowed_cents)} allowed" if line.allowed_cents is not None else "")
            for line in dossier.answer.billable
        ],
    }


def _eligibility(dossier: Dossier) -> list[list[str]]:
    """A row a diagnosis; one recorded often stands once, with its first day."""
    rows: dict[tuple[str, ...], list[str]] = {}
    active = (row for row in dossier.rows("conditions") if row.until is None or row.until >= dossier.month.first_on)
    for row in sorted(active, key=lambda row: (row.since or date.max, row.icd10)):
        basis = f" ({', '.join(row.chronic_basis)})" if row.chronic_basis else ""
        lasts = "not recorded" if row.expected_months is None else f"{row.expected_months} months or longer"
        told = (row.icd10, _yes(row.chronic) + basis, lasts, _yes(row.significant_risk))
        rows.setdefault(told, [*told, _day(row.since)])
    return list(rows.values())


def _visits(dossier: Dossier) -> list[list[str]]:
    seen = sorted((row for row in dossier.rows("visits") if row.on <= dossier.month.last_on), key=lambda row: row.on)
    return [
        [
            _day(row.on),
            row.code or "not recorded",
            row.practitioner,
            _yes(row.face_to_face),
            " ".join(row.discussed or ()) or "not recorded",
        ]
        for row in seen[-6:]
    ]


def _consents(dossier: Dossier) -> list[list[str]]:
    return [
        [
            row.program,
            _day(row.given_on),
            row.form or "not recorded",
            _yes(row.documented),
            row.practitioner or "not recorded",
            ", ".join(word.replace("_", " ") for word in row.covers or ()) or "not recorded",
            row.recorded_by or "not recorded",
            _day(row.revoked_on) if row.revoked_on else "",
        ]
        for row in dossier.rows("consents")
    ]


def _plan(dossier: Dossier, view: PolicyView) -> dict[str, Any]:
    plans = [
        row for row in dossier.rows("care_plans") if row.established_on and row.established_on <= dossier.month.last_on
    ]
    plan = max(plans, key=lambda row: row.established_on, default=None)
    goals = [
        [
            row.text,
            row.measure or "",
            row.target or "not recorded",
            _day(row.due_on),
            row.status or "",
            _day(row.reviewed_on),
        ]
        for row in dossier.rows("goals")
    ]
    if plan is None:
        return {"found": False, "goals": goals, "elements": []}
    named = view.words("ccm.care_plan.elements")
    has = set(named) if plan.elements == ("all",) else set(plan.elements or ())
    return {
        "found": True,
        "program": plan.program,
        "established": _day(plan.established_on),
        "reviewed": _day(plan.reviewed_on),
        "revised": _day(plan.revised_on),
        "signed": plan.signed_by or "not recorded",
        "copy": _day(plan.copy_given_on) + (f", {plan.delivered_by}" if plan.delivered_by else ""),
        "elements": [[element.replace("_", " "), "present" if element in has else "not recorded"] for element in named],
        "goals": goals,
    }


def _log(dossier: Dossier, view: PolicyView) -> list[list[str]]:
    zone = ZoneInfo(_beneficiary(dossier)["zone"])
    people = {person.person_id: person for person in dossier.records["people"]}
    rows = []
    for entry in sorted(dossier.rows("time_entries"), key=lambda row: (row.start_s or 0, str(row.on), row.entry_id)):
        start, end, day = _span(entry, zone)
        if Month.of(day) != dossier.month and (
            entry.end_s is None or Month.of(_local(entry.end_s, zone).date()) != dossier.month
        ):
            continue
        activity = view.activity(entry.activity)
        said = activity.says if activity else f"unknown wording: {entry.activity or 'none'}"
        rows.append(
            [
                day.isoformat(), start, end, _length(entry), _person(people[entry.by]) if entry.by in people else entry.by,
                " ".join(entry.programs), said, " · ".join(part for part in (entry.contact, entry.note) if part),
                _recorded(entry, zone), entry.entry_id,
            ]
        )  # fmt: skip
    return rows


def _totals(dossier: Dossier, view: PolicyView) -> Iterator[list[str]]:
    thresholds = {
        "ccm": f"{view.number('ccm.clinical_staff_time.first_unit_minutes')} staff or {view.number('ccm.practitioner_time.first_unit_minutes')} own",
        "cpo": f"{view.number('cpo.time.first_unit_minutes')} own",
    } if view.has("ccm.practitioner_time.first_unit_minutes") else {}  # fmt: skip
    for month in dossier.answer.months:
        for name, program in sorted(month.programs.items()):
            lost = ", ".join(
                f"{reason.replace('_', ' ')} {_clock(seconds)}"
                for reason, seconds in sorted(program.lost.items())
                if seconds
            )
            yield [month.biller, name, _clock(program.logged_s), _clock(program.staff_s), _clock(program.own_s),
                   _clock(program.team_s), thresholds.get(name, ""), lost or "none"]  # fmt: skip


def _supervision(dossier: Dossier) -> list[list[str]]:
    workers = {row.by for row in dossier.rows("time_entries")}
    return [
        [
            _person(person),
            person.kind,
            person.supervision,
            person.employment or "not recorded",
            person.practice_id or "not recorded",
        ]
        for person in dossier.records["people"]
        if person.person_id in workers
    ]


def _all_decisions(dossier: Dossier) -> Iterator[tuple[str, str, str, tuple[Finding, ...], str]]:
    for line in dossier.answer.billable:
        yield line.decision.code, line.decision.practitioner, "bill", line.decision.because, ""
    for item in dossier.answer.refused:
        yield item.code, item.practitioner, item.verdict, item.because, item.next_step or ""


def _decision(one: tuple[str, str, str, tuple[Finding, ...], str], sources: list[str]) -> dict[str, Any]:
    code, practitioner, verdict, because, step = one
    return {
        "code": code,
        "practitioner": practitioner,
        "verdict": _VERDICTS[verdict],
        "next": step,
        "because": [
            [
                _MARKS[finding.outcome],
                finding.says,
                " ".join(f"[{_number(id_, sources)}]" for id_ in finding.cite),
                _named(finding.records),
            ]
            for finding in because
        ],
    }


def _named(records: tuple[str, ...]) -> str:
    """The first records of a finding; the manifest names all."""
    more = f" and {len(records) - SHOWN_RECORDS} more" if len(records) > SHOWN_RECORDS else ""
    return " ".join(records[:SHOWN_RECORDS]) + more


def _number(id_: str, sources: list[str]) -> int:
    if id_ not in sources:
        sources.append(id_)
    return sources.index(id_) + 1


def _missing(dossier: Dossier) -> Iterator[list[str]]:
    told = set()
    for item in dossier.answer.refused:
        for finding in item.because:
            if finding.outcome in ("unknown", "not_yet", "unmet") and finding.says not in told:
                told.add(finding.says)
                yield [item.code, finding.says, finding.next_step or ""]
    for finding in dossier.answer.warnings:
        yield ["heed", finding.says, finding.next_step or ""]


def _signatures(dossier: Dossier) -> list[list[str]]:
    named = {row.by for row in dossier.rows("time_entries")} | {month.biller for month in dossier.answer.months}
    named |= {row.signed_by for row in dossier.rows("care_plans") if row.signed_by}
    return [
        [person.name or person.person_id, person.credential or person.kind, person.npi or "", person.person_id]
        for person in dossier.records["people"]
        if person.person_id in named
    ]


def _manifest(parts: dict[str, Any], dossier: Dossier) -> Iterator[list[str]]:
    for name, part in parts.items():
        yield [f"part {name}", _hash(part)]
    for table in sorted(dossier.records):
        for number, row in enumerate(dossier.rows(table)):
            if hasattr(row, "patient_id"):
                yield [f"{table}[{number}]", _hash(asdict(row))]


def _source(policy: Policy, id_: str) -> list[str]:
    source = policy.source(id_)
    return [source.title, source.issuer, source.url or ""]


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()


def _person(person: Any) -> str:
    return " ".join(part for part in (person.name or person.person_id, person.credential) if part)


def _span(entry: Any, zone: ZoneInfo) -> tuple[str, str, date]:
    if entry.start_s is None:
        return "not recorded", "not recorded", entry.on
    start, end = _local(entry.start_s, zone), _local(entry.end_s, zone)
    return start.strftime("%H:%M:%S"), end.strftime("%H:%M:%S"), start.date()


def _local(seconds: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def _length(entry: Any) -> str:
    return _clock(entry.seconds if entry.start_s is None else entry.end_s - entry.start_s)


def _recorded(entry: Any, zone: ZoneInfo) -> str:
    if entry.recorded_s is None:
        return "not recorded"
    told = _local(entry.recorded_s, zone).strftime("%Y-%m-%d %H:%M")
    late = entry.end_s is not None and entry.recorded_s - entry.end_s > LATE_DAYS * DAY_S
    return f"{told} LATE" if late else told


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min" + (f" {rest} s" if rest else "")


def _day(day: date | None) -> str:
    return "not recorded" if day is None else day.isoformat()


def _yes(flag: bool | None) -> str:
    return {True: "yes", False: "no", None: "not recorded"}[flag]
