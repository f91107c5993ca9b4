"""The records of single patients, from a folder of tables, decided by the same functions as a close."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from careledger.core.errors import InputError, Place
from careledger.core.month import Month, day_start_s
from careledger.core.records import TABLES, Person, Practice, TimeEntry
from careledger.documents.data import Attestation, BinderData, ClosedLine
from careledger.documents.shares import shares_of
from careledger.engine.billers import decide_patient, relations
from careledger.facts import CaseFacts, case_facts
from careledger.facts.schema import columns_of
from careledger.facts.tables import open_folder
from careledger.facts.working import working_database
from careledger.ledger import Anchor
from careledger.policy import Policy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAY_S = 24 * 3600
_WHOLE = ("practices", "people")
Records = dict[str, list[Any]]


class Source:
    """An open folder of tables, and what the close of a month decided on them."""

    def __init__(self, con: DuckDBPyConnection, folder: Path, decisions: Path | None, policy: Policy) -> None:
        self.con, self.folder, self.policy = con, folder, policy
        self.decisions = None if decisions is None else _decisions_file(decisions)

    def binder_data(
        self, patient: str, month: Month, *, prepared_on: date, biller: str | None = None, ledger: Anchor | None = None
    ) -> list[BinderData]:
        """What the binders of a patient's month are made from, one for each practitioner (or the one named)."""
        records = self.records(patient, month)
        found = []
        for facts, decision in self._decided(records, month, prepared_on):
            case, month_facts = facts, decision[0]
            if biller in (None, month_facts.biller):
                zone = _zone(records, month_facts.biller)
                found.append(
                    BinderData(
                        facts=month_facts,
                        decision=decision[1],
                        evidence=case.evidence,
                        records=_printed(records, patient, month_facts.biller),
                        names=_names(records),
                        policy=self.policy,
                        shares=shares_of(month_facts, records, self.policy, zone),
                        closed=self._closed(patient, month_facts.biller),
                        attestation=_attestation(self.folder, patient, month_facts.biller, month),
                        ledger=ledger,
                        prepared_on=prepared_on,
                    )
                )
        if not found:
            mend = "name a practitioner of the patient's panel"
            raise InputError(Place(str(self.folder), field="panel"), f"no row for patient {patient}", mend)
        return found

    def records(self, patient: str, month: Month) -> Records:
        """The patient's records, with what the same people logged at the time for others."""
        records: Records = {table: self._rows(table, patient) for table in TABLES}
        if not records["patients"]:
            mend = "name a patient of the patients table"
            raise InputError(Place(str(self.folder), field="patients"), f"no patient {patient}", mend)
        records["time_entries"] += self._meanwhile(records["time_entries"], patient, month)
        return records

    def billed_patients(self) -> list[str]:
        """Patients for whom the close decided that something is billed."""
        if self.decisions is None:
            return []
        sql = "SELECT DISTINCT patient FROM read_parquet(?) WHERE verdict = 'bill' ORDER BY 1"
        return [str(row[0]) for row in self.con.execute(sql, [str(self.decisions)]).fetchall()]

    def _decided(self, records: Records, month: Month, as_of: date) -> Iterator[tuple[CaseFacts, tuple[Any, Any]]]:
        cases = {case.month.biller: case for case in case_facts(records, month, self.policy, as_of=as_of)}
        if not cases:
            return
        first = next(iter(cases.values())).month
        payer = first.plan if first.plan is not None and first.plan in self.policy.payers else first.payer
        decided = decide_patient(
            [case.month for case in cases.values()],
            self.policy.on(month.last_on, payer),
            relations(records["people"]),
            evidence={biller: case.evidence for biller, case in cases.items()},
            asked=[code for row in records["panel"] for code in row.asked],
            proposed=records["proposed_lines"],
        )
        for pair in decided:
            yield cases[pair[0].biller], pair

    def _rows(self, table: str, patient: str) -> list[Any]:
        names = ", ".join(f'"{name}"' for name, _ in columns_of(table))
        sql = f"SELECT {names} FROM {table}"
        if table in _WHOLE:
            return _records(table, self.con.execute(sql).fetchall())
        return _records(table, self.con.execute(f"{sql} WHERE patient_id = ?", [patient]).fetchall())

    def _meanwhile(self, own: list[TimeEntry], patient: str, month: Month) -> list[Any]:
        """Entries for other patients that share time with the month's own, by the same people."""
        first_s, last_s = _around(month)
        own = [row for row in own if row.start_s is not None and first_s < row.start_s < last_s]
        if not own:
            return []
        names = ", ".join(f'e."{name}"' for name, _ in columns_of("time_entries"))
        start_s, end_s = min(row.start_s or 0 for row in own), max(row.end_s or 0 for row in own)
        sql = f'SELECT {names} FROM time_entries e WHERE e.patient_id <> ? AND e.start_s < ? AND e.end_s > ? AND list_contains(?, e."by")'
        who = sorted({row.by for row in own})
        return _records("time_entries", self.con.execute(sql, [patient, end_s, start_s - DAY_S, who]).fetchall())

    def _closed(self, patient: str, biller: str) -> tuple[ClosedLine, ...]:
        if self.decisions is None:
            return ()
        sql = "SELECT code, verdict, units, date_of_service FROM read_parquet(?) WHERE patient = ? AND practitioner = ? ORDER BY 1"
        rows = self.con.execute(sql, [str(self.decisions), patient, biller]).fetchall()
        return tuple(
            ClosedLine(code=code, verdict=verdict, units=units or 0, on=on) for code, verdict, units, on in rows
        )


@contextmanager
def source(folder: Path, policy: Policy, decisions: Path | None = None) -> Iterator[Source]:
    """Open a folder of tables, and the folder a close wrote, for binders.

    Raises:
        InputError: the folder, or a file of it, cannot be used.
    """
    with working_database() as con:
        open_folder(con, folder)
        yield Source(con, folder, decisions, policy)


def _decisions_file(folder: Path) -> Path:
    file = folder / "decisions.parquet"
    if not file.is_file():
        raise InputError(Place(str(folder)), "no decisions.parquet", "name the folder that `careledger close` wrote")
    return file


def _records(table: str, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Records of a table's class from rows with its columns."""
    kind = TABLES[table]
    fields = kind.__dataclass_fields__  # type: ignore[attr-defined]
    names = list(fields)
    texts = {name: str(field.type).startswith("tuple[") for name, field in fields.items()}
    optional = {name: "None" in str(field.type) for name, field in fields.items()}
    found = []
    for row in rows:
        cells = {}
        for name, value in zip(names, row, strict=True):
            if texts[name] and not (value is None and optional[name]):
                cells[name] = tuple((value or "").split())
            elif value is not None:
                cells[name] = value
        found.append(kind(**cells))
    return found


def _printed(records: Records, patient: str, biller: str) -> Records:
    """The records to print: the patient's own entries, and of people and practices those who are named in them."""
    entries = [row for row in records["time_entries"] if row.patient_id == patient]
    kept = {**records, "time_entries": entries}
    words = {
        value
        for rows in kept.values()
        for row in rows
        if not isinstance(row, Person | Practice)
        for value in _texts(row)
    }
    people = [row for row in records["people"] if row.person_id in words | {biller}]
    groups = {row.practice_id for row in people}
    return {**kept, "people": people, "practices": [row for row in records["practices"] if row.practice_id in groups]}


def _names(records: Records) -> dict[str, str]:
    """Records as evidence names them, by their place, to the names that the manifest prints."""
    keys = {"people": "person_id", "practices": "practice_id", "patients": "patient_id"}
    return {
        f"{table}[{place}]": f"{table}[{getattr(row, key)}]"
        for table, key in keys.items()
        for place, row in enumerate(records[table])
    }


def _texts(row: Any) -> Iterator[str]:
    names = ("by", "biller_id", "practitioner", "signed_by", "recorded_by", "plan_signed_by", "visit_by", "contact_by")
    return (value for name in names if isinstance(value := getattr(row, name, None), str))


def _zone(records: Records, biller: str) -> ZoneInfo:
    person = next(row for row in records["people"] if row.person_id == biller)
    practice = next((row for row in records["practices"] if row.practice_id == person.practice_id), None)
    return ZoneInfo(practice.time_zone if practice else "America/New_York")


def _around(month: Month) -> tuple[int, int]:
    utc = ZoneInfo("UTC")
    return day_start_s(month.first_on, utc) - 2 * DAY_S, day_start_s(month.next().first_on, utc) + 2 * DAY_S


def _attestation(folder: Path, patient: str, biller: str, month: Month) -> Attestation | None:
    """The practitioner's word for the patient's month, or for all of the month, from ``attestations.csv``."""
    file = folder / "attestations.csv"
    if not file.is_file():
        return None
    with file.open(encoding="utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            is_meant = row.get("practitioner") == biller and row.get("month") == str(month)
            if is_meant and row.get("patient") in (None, "", patient) and row.get("signed_on"):
                signed_on = date.fromisoformat(str(row["signed_on"]))
                return Attestation(signed_by=row.get("signed_by") or biller, signed_on=signed_on)
    return None
