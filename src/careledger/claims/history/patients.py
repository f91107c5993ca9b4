"""Whose history it is: patients of the folder by member number, else by name and day of birth; added only when asked for."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from careledger.claims.history.events import Event, Person
from careledger.facts.table_text import table_text

_PAYERS = {"MB": "medicare_ffs", "16": "medicare_advantage", "MC": "medicaid"}
"""Claim filing indicator to payer kind; others are commercial. Source: X12 data element 1032, as on the claim."""
_SEXES = {"F": "female", "M": "male", "U": "unknown"}
Row = dict[str, str]


class Patients:
    """The folder's patients, and those that an import adds."""

    def __init__(self, folder: Path, *, add: bool) -> None:
        self.add, self.added = add, list[str]()
        self._tables = {name: read_rows(folder, name) for name in ("patients", "coverage", "people", "practices")}
        self._ids = {row["patient_id"] for row in self._tables["patients"]}
        self._by_number = _unique(self._tables["coverage"], lambda row: row.get("member_id", ""))
        self._by_name = _unique(self._tables["patients"], _named)
        self._people = {row["npi"]: row["person_id"] for row in self._tables["people"] if row.get("npi")}
        self._practices = {row["npi"]: row["practice_id"] for row in self._tables["practices"] if row.get("npi")}
        self._by_claim: dict[tuple[str, str], str] = {}

    def find(self, person: Person, events: Sequence[Event]) -> str:
        """The patient's id; empty when nobody, or not one alone, fits."""
        found = self._by_number.get(person.member_id, "") if person.member_id else ""
        found = found or next((self._by_claim.get((one.group, one.claim), "") for one in events), "")
        if not found and person.born_on:
            found = self._by_name.get(_key(person.family_name, person.given_name, person.born_on), "")
        if not found and self.add and person.member_id:
            found = self._new(person)
        if found not in self._ids:
            return ""
        self.remember(found, events)
        return found

    def remember(self, patient: str, events: Sequence[Event]) -> None:
        """A remittance may name a patient by another number; the claim it answers says who it is."""
        self._by_claim.update({(one.group, one.claim): patient for one in events})

    def practitioner(self, npi: str) -> str:
        """The practitioner's id in the folder; their NPI where the folder does not know them."""
        return self._people.get(npi, npi)

    def practice(self, npi: str) -> str:
        """The practice's id in the folder; its NPI where the folder does not know it."""
        return self._practices.get(npi, npi)

    def texts(self) -> Mapping[str, str]:
        """The tables that changed, by file name."""
        if not self.added:
            return {}
        return {
            "patients.csv": table_text("patients", self._tables["patients"]),
            "coverage.csv": table_text("coverage", self._tables["coverage"]),
        }

    @property
    def gone(self) -> tuple[str, ...]:
        """Parquet files whose tables stand in CSV now."""
        return ("patients.parquet", "coverage.parquet") if self.added else ()

    def _new(self, person: Person) -> str:
        id_ = f"h-{hashlib.sha256(person.member_id.encode()).hexdigest()[:12]}"
        if id_ not in self._ids:
            self._ids.add(id_)
            self.added.append(id_)
            self._tables["patients"].append(
                {
                    "patient_id": id_, "born_on": person.born_on, "family_name": person.family_name,
                    "given_name": person.given_name, "sex": _SEXES.get(person.sex, ""),
                }
            )  # fmt: skip
            payer = _PAYERS.get(person.filing, "commercial" if person.filing else "")
            if payer:
                self._tables["coverage"].append({"patient_id": id_, "payer": payer, "member_id": person.member_id})
        self._by_number[person.member_id] = id_
        return id_


def _unique(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, str]:
    """Key to the one patient who has it; a key that several have names nobody."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if name := key(row):
            found.setdefault(name, set()).add(row["patient_id"])
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _named(row: Row) -> str:
    born = row.get("born_on", "")
    return _key(row.get("family_name", ""), row.get("given_name", ""), born) if born else ""


def _key(family: str, given: str, born_on: str) -> str:
    return f"{family.strip().lower()}|{given.strip().lower()}|{born_on}" if family else ""


def read_rows(folder: Path, table: str) -> list[Row]:
    """A table's rows as text, from CSV or Parquet."""
    if (file := folder / f"{table}.csv").exists():
        with file.open(encoding="utf-8-sig", newline="") as text:
            return [{name: value or "" for name, value in row.items()} for row in csv.DictReader(text)]
    if (file := folder / f"{table}.parquet").exists():
        import pyarrow.parquet

        rows = pyarrow.parquet.read_table(file).to_pylist()
        return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    return []
