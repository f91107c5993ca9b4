"""Fingerprints of what a binder was made from, so that an exchanged page or an altered record shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from careledger.documents.blocks import Block, Column, Section, facts, heading, note, table
from careledger.documents.data import BinderData
from careledger.documents.wording import NOT_RECORDED, moment

_KEYS = {
    "people": "person_id",
    "practices": "practice_id",
    "patients": "patient_id",
    "time_entries": "entry_id",
    "goals": "goal_id",
}


def canonical(value: Any) -> str:
    """The text whose SHA-256 is printed: JSON in ASCII, keys sorted, no spaces, unknown values left out of records."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def record_cells(record: Any) -> dict[str, Any]:
    """A record as it is fingerprinted."""
    return {name: _cell(value) for name, value in asdict(record).items() if value is not None}


def attached(data: BinderData, sections: Sequence[Section]) -> dict[str, Any]:
    """What is attached to the PDF: the data of every section and every record."""
    return {
        "sections": {section.id: section.as_json() for section in sections},
        "records": {name: record_cells(record) for name, record in named_records(data)},
    }


def named_records(data: BinderData) -> Iterator[tuple[str, Any]]:
    """Every record with its name: the id, or the table and its place as evidence names it."""
    for table_name, rows in data.records.items():
        for place, row in enumerate(rows):
            key = _KEYS.get(table_name)
            yield f"{table_name}[{getattr(row, key) if key else place}]", row


def manifest_of(parts: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Fingerprints of attached parts."""
    return {kind: {name: fingerprint(value) for name, value in found.items()} for kind, found in parts.items()}


def manifest_section(data: BinderData, parts: Mapping[str, Any]) -> Section:
    """The manifest as it is printed."""
    prints = manifest_of(parts)
    head = data.ledger
    pairs = [
        ("Whole binder", fingerprint(prints)),
        ("Policy version", data.policy.version),
        (
            "Time ledger",
            NOT_RECORDED
            if head is None
            else f"{head.ledger_id}, sequence {head.sequence}, anchored {moment(head.anchored_s, data.zone)}",
        ),
        ("Ledger head", NOT_RECORDED if head is None else head.hash),
    ]
    return Section(
        "manifest",
        "Hash manifest",
        (
            note(
                "Each line is the SHA-256 of the canonical JSON (ASCII, sorted keys, no spaces) of a section's or record's "
                "data. The data themselves are attached to this PDF as binder-data.json. The whole binder is the SHA-256 of this list."
            ),
            facts(pairs),
            *_printed("Sections", prints["sections"]),
            *_printed("Records", prints["records"]),
        ),
    )


def _printed(title: str, prints: Mapping[str, str]) -> tuple[Block, Block]:
    columns = [Column("Data", 1.15), Column("SHA-256", 2.35, mono=True)]
    return heading(title), table(columns, [[name, hash_] for name, hash_ in prints.items()])


def _cell(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
