"""The audit binder: one PDF for a patient's month and practitioner, in the order in which reviewers ask."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from careledger.core.month import Month
from careledger.documents import sections_decision, sections_record, sections_time
from careledger.documents.blocks import Section
from careledger.documents.data import BinderData
from careledger.documents.gather import source
from careledger.documents.manifest import attached, canonical, fingerprint, manifest_of, manifest_section
from careledger.documents.missing import gaps
from careledger.documents.typeset import typeset
from careledger.documents.wording import NOT_RECORDED, day, who
from careledger.ledger import Anchor
from careledger.policy import Policy

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
Progress = Callable[[str], None]
_FRESH = ("eligibility", "consent", "time_log", "decision", "signatures", "manifest")


def build_binder(data: BinderData) -> bytes:
    """The binder as PDF; equal data give equal bytes."""
    sections = sections_of(data)
    parts = attached(data, sections)
    named = f"{MONTHS[data.month.number - 1]} {data.month.year}"
    practice = data.practice
    return typeset(
        "binder",
        {
            "title": "Audit binder",
            "subtitle": f"Care management in {named}",
            "practice": (practice.name if practice else None) or data.biller.practice_id or "",
            "head": {
                "patient": sections_record.patient_name(data),
                "patient_ids": f"{sections_record.member_id(data)} · born {day(data.patient.born_on)} · record {data.patient.patient_id}",
                "month": f"Service month {data.month}",
                "practitioner": f"{who(data.biller)} · NPI {data.biller.npi or NOT_RECORDED}",
            },
            "foot": f"Prepared {data.prepared_on} · binder {fingerprint(manifest_of(parts))[:16]}",
            "cover": sections_record.cover(data, len(gaps(data))),
            "sections": [_placed(section) for section in (*sections, manifest_section(data, parts))],
            "attached": canonical(parts),
        },
    )


def sections_of(data: BinderData) -> tuple[Section, ...]:
    """Every section but the manifest, in the order in which reviewers ask."""
    told = (
        sections_record.eligibility(data),
        sections_record.initiating_visit(data),
        sections_record.consent(data),
        sections_record.care_plan(data),
        sections_time.time_log(data),
        sections_time.totals(data),
        sections_time.supervision(data),
        sections_decision.decision(data),
        sections_decision.signatures(data),
    )
    printed = json.dumps([section.as_json() for section in told])
    return (*told, sections_decision.abbreviations(data, printed), sections_decision.missing_items(gaps(data)))


def _placed(section: Section) -> dict[str, Any]:
    """A section as it is printed; some start a page of their own."""
    return {**section.as_json(), "fresh": section.id in _FRESH}


def write_binders(
    folder: Path,
    out: Path,
    month: Month,
    policy: Policy,
    *,
    prepared_on: date,
    decisions: Path | None = None,
    patients: Iterable[str] | None = None,
    biller: str | None = None,
    ledger: Anchor | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the binders of patients into a folder, one PDF for each practitioner of the patient's panel.

    Args:
        folder: the practice's tables.
        out: the folder to write into; made when it does not exist.
        month: the service month.
        policy: all of policy.
        prepared_on: the day printed, and the day of asking.
        decisions: the folder that a close wrote; differences from it are told on the page of missing items.
        patients: their ids; those for whom the close bills something when None.
        biller: only this practitioner's binders.
        ledger: the time ledger's anchor.
        progress: told the name of each file written.

    Returns:
        The files written.
    """
    out.mkdir(parents=True, exist_ok=True)
    written = []
    with source(folder, policy, decisions) as opened:
        for patient in opened.billed_patients() if patients is None else patients:
            for data in opened.binder_data(patient, month, prepared_on=prepared_on, biller=biller, ledger=ledger):
                path = out / file_name(data)
                write_binder(data, path)
                written.append(path)
                if progress is not None:
                    progress(path.name)
    return written


def write_binder(data: BinderData, path: Path) -> None:
    """Write one binder, whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.write_bytes(build_binder(data))
    aside.replace(path)


def file_name(data: BinderData) -> str:
    """``binder_2026-10_p-0001_dr-a.pdf``; ids alone, signs that no file name takes put aside."""
    names = (re.sub(r"[^A-Za-z0-9_-]", "_", name) for name in (data.patient.patient_id, data.facts.biller))
    return f"binder_{data.month}_{'_'.join(names)}.pdf"
