"""Claims that stand in no CSV: an 837P of any system, or a folder of our own tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careledger.core.errors import InputError, Place
from careledger.oversight.radar.reading import LINE_COLUMNS, ClaimsRead, line_faults

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.claims.model import Claim
    from careledger.policy import Policy

_VOID = "8"


def read_837_claims(con: DuckDBPyConnection, file: Path, policy: Policy, today: date) -> ClaimsRead:
    """Read the claims of an 837P into the table ``lines``; patients get ids that tell nothing of their member number.

    Raises:
        InputError: the file holds no claim that can be read.
    """
    rows = [row for claim in _claims(file, policy) for row in _rows_of(claim)]
    if not rows:
        raise InputError(Place(file.name), "no claim was found", "give an 837P with at least one claim")
    return _loaded(con, file.name, [(number, *row) for number, row in enumerate(rows, 1)], today)


def read_table_claims(con: DuckDBPyConnection, source: str, today: date) -> ClaimsRead:
    """Take the services already billed and the lines proposed from tables that stand in the connection."""
    con.execute(
        """
        CREATE TABLE lines AS SELECT row_number() OVER () AS row_no, * FROM (
            SELECT 'other_claims' AS claim_id, NULL::VARCHAR AS line_no, o.patient_id, o.practitioner,
                coalesce(o.practice_id, p.practice_id) AS practice, coalesce(o.specialty, p.specialty) AS specialty,
                upper(o.code) AS code, '' AS modifiers, o."on" AS on_day, o.units, NULL::BIGINT AS charged_cents,
                NULL::BIGINT AS paid_cents, NULL::DATE AS died_on, false AS is_void
            FROM other_claims o LEFT JOIN people p ON p.person_id = o.practitioner
            UNION ALL BY NAME
            SELECT 'proposed_lines' AS claim_id, NULL::VARCHAR AS line_no, l.patient_id, l.practitioner, p.practice_id AS practice,
                p.specialty, upper(l.code) AS code, '' AS modifiers, l."on" AS on_day, coalesce(l.units, 1) AS units,
                NULL::BIGINT AS charged_cents, NULL::BIGINT AS paid_cents, NULL::DATE AS died_on, false AS is_void
            FROM proposed_lines l LEFT JOIN people p ON p.person_id = l.practitioner)"""
    )
    count = (con.execute("SELECT COUNT(*) FROM lines").fetchone() or (0,))[0]
    return ClaimsRead(source, lines=int(count), faults=line_faults(con, today))


def _loaded(con: DuckDBPyConnection, source: str, rows: list[tuple[Any, ...]], today: date) -> ClaimsRead:
    con.execute(f"CREATE TABLE lines ({', '.join(f'{name} {type_}' for name, type_ in LINE_COLUMNS)})")
    cells = ", ".join(f"UNNEST(?::{type_}[])" for _, type_ in LINE_COLUMNS)
    con.execute(f"INSERT INTO lines SELECT {cells}", [list(column) for column in zip(*rows, strict=True)])
    return ClaimsRead(source, lines=len(rows), faults=line_faults(con, today))


def _claims(file: Path, policy: Policy) -> Iterator[Claim]:
    from careledger.claims.x12.check_837p import FileCheck

    with file.open("rb") as stream:
        yield from FileCheck(policy, with_checks=False).claims(stream)


def _rows_of(claim: Claim) -> Iterator[tuple[Any, ...]]:
    """One row a line; the rendering practitioner of the line, else of the claim."""
    patient = _unnamed(claim.treated.member_id or claim.insured.member_id, claim.control_number)
    for place, line in enumerate(claim.lines, 1):
        rendering = line.rendering or claim.rendered_by
        practice = claim.billing.npi or claim.billing.tax_id
        yield (
            claim.control_number, str(place), patient, rendering.npi or None, practice or None, rendering.taxonomy or None,
            line.code.upper(), " ".join(line.modifiers), line.until or line.since, int(line.units), line.charge_cents, None,
            None, claim.frequency == _VOID,
        )  # fmt: skip


def _unnamed(member_id: str, control_number: str) -> str:
    """An id that is the same for the same member and tells nobody who it is."""
    return f"m-{hashlib.sha256((member_id or control_number).encode()).hexdigest()[:12]}"
