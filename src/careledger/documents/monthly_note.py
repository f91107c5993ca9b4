"""The month's care-management note: what was done for the patient, by whom, for how long, and where the plan stands."""

from __future__ import annotations

from careledger.documents import sections_record, sections_time
from careledger.documents.binder import MONTHS
from careledger.documents.data import BinderData
from careledger.documents.manifest import attached, canonical, fingerprint, manifest_of
from careledger.documents.typeset import typeset
from careledger.documents.wording import NOT_RECORDED, day, who


def build_monthly_note(data: BinderData) -> bytes:
    """The note as PDF, for the patient's chart elsewhere; it says nothing of billing. Equal data give equal bytes."""
    sections = (sections_record.care_plan(data), sections_time.time_log(data))
    parts = attached(data, sections)
    practice = data.practice
    return typeset(
        "binder",
        {
            "title": "Care management note",
            "subtitle": f"{MONTHS[data.month.number - 1]} {data.month.year}",
            "practice": (practice.name if practice else None) or data.biller.practice_id or "",
            "head": {
                "patient": sections_record.patient_name(data),
                "patient_ids": f"born {day(data.patient.born_on)} · record {data.patient.patient_id}",
                "month": f"Service month {data.month}",
                "practitioner": f"{who(data.biller)} · NPI {data.biller.npi or NOT_RECORDED}",
            },
            "foot": f"Prepared {data.prepared_on} · note {fingerprint(manifest_of(parts))[:16]}",
            "cover": [],
            "sections": [{**section.as_json(), "fresh": False} for section in sections],
            "attached": canonical(parts),
        },
    )
