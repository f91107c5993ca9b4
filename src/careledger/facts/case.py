"""The case document: everything known about one patient in one service month, read into records.

Every error of a document is reported, each with file, line, key and what is allowed; no value of the document is repeated,
because a case is health information. A key that is absent is unknown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from careledger.core.codes import hcpcs_problem, icd10_problem, npi_problem
from careledger.core.errors import CareLedgerError, CaseError, Place
from careledger.core.month import Month
from careledger.core.records import (
    MDM_LEVELS,
    PAYER_KINDS,
    SETTINGS,
    AgencyEpisode,
    Behavioral,
    CarePlan,
    Condition,
    Consent,
    Coverage,
    DecisionMaking,
    Device,
    Discharge,
    Enrolment,
    ExtraPlanning,
    OtherClaim,
    Panel,
    Patient,
    Person,
    Practice,
    ProposedLine,
    Stay,
    TimeEntry,
    Visit,
)  # fmt: skip
from careledger.facts.case_time import time_entry
from careledger.policy.strict_yaml import Document, kind_of, load, load_path, path_text

PATIENT_ID = "patient"
"""The one patient of a case; the document names no one."""

KeyPath = tuple[str | int, ...]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class CaseErrors(CareLedgerError):
    """Everything that is wrong with a case document, one line each."""

    def __init__(self, errors: list[CaseError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: what is asked, and the records that stand for it (table name to rows, as in ``core.records.TABLES``)."""

    id: str | None
    month: Month
    billers: tuple[str, ...]
    payer: str
    plan: str | None = None
    setting: str | None = None
    locality: str | None = None
    asked: tuple[str, ...] = ()
    elects: tuple[str, ...] = ()
    proposed: tuple[ProposedLine, ...] = ()
    records: Mapping[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A list (or single mapping) of the document that becomes rows of a table."""

    table: str
    record: type
    renamed: Mapping[str, str] = field(default_factory=dict)
    single: bool = False

    def keys(self) -> dict[str, Field[Any]]:
        """Key of the document to the record's field."""
        back = {name: key for key, name in self.renamed.items()}
        return {
            back.get(column.name, column.name): column for column in fields(self.record) if column.name != "patient_id"
        }


SECTIONS: Mapping[str, Section] = {
    "people": Section("people", Person, {"id": "person_id", "group": "practice_id"}),
    "consents": Section("consents", Consent),
    "visits": Section("visits", Visit),
    "care_plans": Section("care_plans", CarePlan),
    "stays": Section("stays", Stay),
    "agency_episodes": Section("agency_episodes", AgencyEpisode),
    "discharges": Section("discharges", Discharge, {"from": "from_"}),
    "devices": Section("devices", Device),
    "behavioral": Section("behavioral", Behavioral, single=True),
    "extra_planning": Section("extra_planning", ExtraPlanning, single=True),
    "other_claims": Section("other_claims", OtherClaim, {"group": "practice_id"}),
    "started": Section("enrolments", Enrolment, {"on": "started_on"}),
    "proposed": Section("proposed_lines", ProposedLine),
}
_CONDITIONS = Section("conditions", Condition)
_COVERAGE_KEYS = ("part_b", "qmb")
_PANEL_KEYS = ("established", "last_seen_on")
_APCM_KEYS = ("able_to_furnish_all", "quality_reporting")
TOP_KEYS = (
    "id", "month", "payer", "setting", "locality", "time_zone", "biller", "plan", "asked", "elects", "patient", "time",
    "access_24_7", "certified_ehr", "prefers", "mdm", "apcm", "primary_care_focal_point", *SECTIONS,
)  # fmt: skip
_CODE_KEYS = ("code", "icd10", "asked", "elects", "diagnoses", "agency_npi", "npi")
_SHAPES: Mapping[str, Callable[[str], str | None]] = {
    "code": hcpcs_problem,
    "icd10": icd10_problem,
    "agency_npi": npi_problem,
    "npi": npi_problem,
}
_PEOPLE_KEYS = ("practitioner", "by", "signed_by", "plan_signed_by", "visit_by", "contact_by", "biller")


def read_cases(path: Path) -> list[Case]:
    """The cases of a YAML or JSON file, in order; CaseErrors with every fault when it is malformed."""
    return cases_of(load_path(path))


def cases_of_text(text: str, file: str = "case") -> list[Case]:
    """The cases of a YAML or JSON text; see ``read_cases``."""
    return cases_of(load(text, file))


def cases_of(document: Document, payers: Collection[str] | None = None) -> list[Case]:
    """The cases of a document already read: one case, or a list of them under ``cases``.

    Args:
        payers: ids that policy knows; a case of another payer is refused. Not looked at when None.
    """
    data = document.data
    errors: list[CaseError] = []
    if isinstance(data, dict) and "cases" in data:
        rows = data["cases"]
        if not isinstance(rows, list) or not rows or len(data) > 1:
            raise CaseError(
                document.place(("cases",)), f"{kind_of(rows)} is no list of cases", "write 'cases:' alone, with a list"
            )
        found = [_Reader(document, ("cases", place), errors).case(row) for place, row in enumerate(rows)]
    else:
        found = [_Reader(document, (), errors).case(data)]
    cases = [case for case in found if case is not None]
    for case in cases if payers is not None else []:
        errors += _unknown_payer(case, payers or (), document, ("cases", found.index(case)) if "cases" in data else ())
    if errors:
        raise CaseErrors(errors)
    return cases


def _unknown_payer(case: Case, known: Collection[str], document: Document, at: KeyPath) -> list[CaseError]:
    if case.payer in known:
        return []
    place = document.place((*at, "payer"))
    near = difflib.get_close_matches(case.payer, list(known), 1)
    mend = f"{f'did you mean {near[0]}? ' if near else ''}write one of {', '.join(sorted(known))}"
    return [CaseError(Place(place.file, place.line, path_text((*at, "payer"))), "no payer has this id", mend)]


class _Reader:
    """Reads one case; faults are collected and reading goes on."""

    def __init__(self, document: Document, at: KeyPath, errors: list[CaseError]) -> None:
        self.document = document
        self.at = at
        self.errors = errors

    def refuse(self, path: KeyPath, problem: str, mend: str) -> None:
        whole = (*self.at, *path)
        place = self.document.place(whole)
        self.errors.append(CaseError(Place(place.file, place.line, path_text(whole)), problem, mend))

    def case(self, data: Any) -> Case | None:
        """The case, or None when a required key is unusable (the fault is then among the errors)."""
        if not isinstance(data, dict):
            self.refuse((), f"{kind_of(data)} is no case", "a case is a mapping; see docs/case_format.md")
            return None
        self._known(data, TOP_KEYS, ())
        month = self._month(data)
        billers = self._billers(data)
        payer = self._text(data, "payer", required=f"one of {', '.join(PAYER_KINDS)}, or the id of a payer overlay")
        setting = self._choice(data, "setting", SETTINGS)
        records = self._records(data, billers, payer or "", setting)
        self._people_known(data, records)
        if month is None or payer is None or not billers:
            return None
        return Case(
            id=self._id(data),
            month=month,
            billers=billers,
            payer=payer,
            plan=self._text(data, "plan"),
            setting=setting,
            locality=self._text(data, "locality"),
            asked=self._codes(data, "asked"),
            elects=self._codes(data, "elects"),
            proposed=tuple(records.get("proposed_lines", ())),
            records=records,
        )

    # the top of the document

    def _known(self, data: Mapping[str, Any], allowed: Any, path: KeyPath) -> None:
        for key in data:
            if key not in allowed:
                near = difflib.get_close_matches(str(key), list(allowed), 1)
                mend = f"did you mean {near[0]}?" if near else f"known keys are {', '.join(allowed)}"
                self.refuse((*path, key), "unknown key", mend)

    def _id(self, data: Mapping[str, Any]) -> str | None:
        found = data.get("id")
        if isinstance(found, dict | list):
            self.refuse(("id",), f"{kind_of(found)} is no id", "write a text")
            return None
        return None if found is None else str(found)

    def _month(self, data: Mapping[str, Any]) -> Month | None:
        found = data.get("month")
        try:
            return Month.parse(found if isinstance(found, str) else "")
        except ValueError:
            problem = "the service month is missing" if found is None else "this is no month"
            self.refuse(("month",), problem, 'write it as "YYYY-MM", in quotes')
            return None

    def _billers(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        found = data.get("biller")
        rows = found if isinstance(found, list) else [found]
        if not rows or not all(isinstance(row, str) and row for row in rows):
            self.refuse(
                ("biller",), "who would bill is missing or no text", "name a person of `people`, or a list of them"
            )
            return ()
        return tuple(dict.fromkeys(rows))

    def _text(self, data: Mapping[str, Any], key: str, required: str = "") -> str | None:
        found = data.get(key)
        if found is None and not required:
            return None
        if isinstance(found, str) and found.strip():
            return found
        problem = f"{key} is missing" if found is None else f"{kind_of(found)} stands where a text is due"
        self.refuse((key,), problem, f"write {required or 'a text'}")
        return None

    def _choice(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str | None:
        found = self._text(data, key)
        if found is not None and found not in allowed:
            self.refuse((key,), "this is not allowed here", f"write one of {', '.join(allowed)}")
            return None
        return found

    def _codes(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        found = data.get(key)
        if found is None:
            return ()
        if not isinstance(found, list):
            self.refuse((key,), f"{kind_of(found)} is no list", 'write a list of quoted codes such as ["99490"]')
            return ()
        return tuple(code for place, code in enumerate(found) if self._code(code, (key, place), hcpcs_problem))

    def _code(self, code: object, path: KeyPath, problem_of: Callable[[str], str | None]) -> bool:
        if not isinstance(code, str):
            self.refuse(path, f"{kind_of(code)} stands where a code is due", 'write codes in quotes, such as "99490"')
            return False
        problem = problem_of(code)
        if problem:
            self.refuse(path, "this is no such code", problem)
        return problem is None

    # the records

    def _records(
        self, data: Mapping[str, Any], billers: tuple[str, ...], payer: str, setting: str | None
    ) -> dict[str, list[Any]]:
        records: dict[str, list[Any]] = {}
        for key, section in SECTIONS.items():
            if data.get(key) is not None:
                records[section.table] = list(self._section(data[key], section, (key,)))
        patient = self._mapping(data, "patient")
        records["patients"] = self._patient(patient)
        records["conditions"] = list(
            self._section(patient.get("conditions") or [], _CONDITIONS, ("patient", "conditions"))
        )
        records["coverage"] = [self._coverage(data, patient, payer)]
        records["practices"] = self._practices(data, records.get("people", []), setting)
        records["panel"] = [self._panel(data, patient, biller, setting) for biller in billers]
        records["decision_making"] = list(self._mdm(data))
        zones = {row.practice_id: row.time_zone for row in records["practices"]}
        records["time_entries"] = list(self._time(data, zones, records.get("people", [])))
        return {table: rows for table, rows in records.items() if rows}

    def _section(self, value: Any, section: Section, path: KeyPath) -> Iterator[Any]:
        rows = [value] if section.single and isinstance(value, dict) else value
        if not isinstance(rows, list):
            self.refuse(path, f"{kind_of(value)} stands where a list is due", "write a list of mappings")
            return
        for place, row in enumerate(rows):
            at = path if section.single and isinstance(value, dict) else (*path, place)
            found = self._record(row, section, at)
            if found is not None:
                yield found

    def _record(self, row: Any, section: Section, path: KeyPath) -> Any:
        if not isinstance(row, dict):
            self.refuse(path, f"{kind_of(row)} stands where a mapping is due", "write {key: value, ...}")
            return None
        keys = section.keys()
        self._known(row, tuple(keys), path)
        values: dict[str, Any] = {"patient_id": PATIENT_ID} if "patient_id" in _names(section.record) else {}
        before = len(self.errors)
        for key, column in keys.items():
            if row.get(key) is not None:
                values[column.name] = self._value(row[key], key, column, (*path, key))
            elif column.default is MISSING:
                self.refuse((*path, key), "this key is missing", f"write {_kind_due(column)}")
        if len(self.errors) > before:
            return None
        self._in_order(values, path)
        return section.record(**values)

    def _value(self, value: Any, key: str, column: Field[Any], path: KeyPath) -> Any:
        type_ = str(column.type).removesuffix(" | None")
        if key in _CODE_KEYS and type_ == "str":
            return value if self._code(value, path, _SHAPES[key]) else None
        if type_.startswith("tuple"):
            return self._words(value, key, column, path)
        if type_ == "bool" and isinstance(value, bool):
            return value
        if type_ == "int" and isinstance(value, int) and not isinstance(value, bool):
            if value >= 0:
                return value
            self.refuse(path, "a negative number", "write zero or more")
            return None
        if type_ == "date" and (day := as_day(value)) is not None:
            return day
        if type_ == "str" and isinstance(value, str):
            allowed = column.metadata["one_of"]
            if not allowed or value in allowed:
                return value
            near = difflib.get_close_matches(value, allowed, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            self.refuse(path, "this is not allowed here", f"{hint}write one of {', '.join(allowed)}")
            return None
        self.refuse(path, f"{kind_of(value)} stands where {_kind_due(column)} is due", f"write {_kind_due(column)}")
        return None

    def _words(self, value: Any, key: str, column: Field[Any], path: KeyPath) -> tuple[str, ...] | None:
        rows = [value] if isinstance(value, str | date) else value
        if not isinstance(rows, list) or not all(isinstance(row, str | date) for row in rows):
            mend = 'write a list of quoted codes such as ["E11.22"]' if key in _CODE_KEYS else "write a list of words"
            self.refuse(path, f"{kind_of(value)} stands where a list of words is due", mend)
            return None
        words = tuple(str(row) for row in rows)
        allowed = column.metadata["one_of"]
        for place, word in enumerate(words):
            if allowed and word not in allowed:
                self.refuse((*path, place), "this is not allowed here", f"write one of {', '.join(allowed)}")
            if not word or " " in word:
                self.refuse((*path, place), "an id is one word", "write it without spaces")
            if key == "diagnoses":
                self._code(word, (*path, place), icd10_problem)
        return words

    def _in_order(self, values: Mapping[str, Any], path: KeyPath) -> None:
        for first, last in (("since", "until"), ("period_since", "period_until"), ("given_on", "revoked_on")):
            if values.get(first) and values.get(last) and values[last] < values[first]:
                self.refuse((*path, last), f"{last} is before {first}", "correct one of the two days")

    def _mapping(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = data.get(key)
        if found is None or isinstance(found, dict):
            return found or {}
        self.refuse((key,), f"{kind_of(found)} stands where a mapping is due", "write {key: value, ...}")
        return {}

    def _fields(self, row: Mapping[str, Any], record: type, keys: tuple[str, ...], path: KeyPath) -> dict[str, Any]:
        columns = {column.name: column for column in fields(record)}
        return {key: self._value(row[key], key, columns[key], (*path, key)) for key in keys if row.get(key) is not None}

    def _patient(self, patient: Mapping[str, Any]) -> list[Patient]:
        own = tuple(name for name in _names(Patient) if name != "patient_id")
        self._known(patient, (*own, *_COVERAGE_KEYS, *_PANEL_KEYS, "conditions"), ("patient",))
        values = self._fields(patient, Patient, own, ("patient",))
        if values.get("born_on") and values.get("died_on") and values["died_on"] < values["born_on"]:
            self.refuse(
                ("patient", "died_on"), "the day of death is before the day of birth", "correct one of the two days"
            )
        return [Patient(patient_id=PATIENT_ID, **values)]

    def _coverage(self, data: Mapping[str, Any], patient: Mapping[str, Any], payer: str) -> Coverage:
        values = self._fields(patient, Coverage, _COVERAGE_KEYS, ("patient",))
        plan = data.get("plan")
        return Coverage(patient_id=PATIENT_ID, payer=payer, plan=plan if isinstance(plan, str) else None, **values)

    def _panel(self, data: Mapping[str, Any], patient: Mapping[str, Any], biller: str, setting: str | None) -> Panel:
        apcm = self._mapping(data, "apcm")
        self._known(apcm, _APCM_KEYS, ("apcm",))
        values = self._fields(patient, Panel, _PANEL_KEYS, ("patient",))
        values |= self._fields(apcm, Panel, _APCM_KEYS, ("apcm",))
        values |= self._fields(data, Panel, ("primary_care_focal_point",), ())
        asked, elects = (_texts(data.get(key)) for key in ("asked", "elects"))
        return Panel(patient_id=PATIENT_ID, biller_id=biller, setting=setting, asked=asked, elects=elects, **values)

    def _practices(self, data: Mapping[str, Any], people: list[Person], setting: str | None) -> list[Practice]:
        values = self._fields(data, Practice, ("time_zone", "locality", "access_24_7", "certified_ehr", "prefers"), ())
        if setting is not None:
            values["setting"] = setting
        groups = dict.fromkeys(person.practice_id for person in people if person.practice_id)
        return [Practice(practice_id=group, **values) for group in groups]

    def _mdm(self, data: Mapping[str, Any]) -> Iterator[DecisionMaking]:
        for person, level in self._mapping(data, "mdm").items():
            if level not in MDM_LEVELS:
                self.refuse(
                    ("mdm", person), "this is no level of decision-making", f"write one of {', '.join(MDM_LEVELS)}"
                )
                continue
            month = data.get("month")
            yield DecisionMaking(patient_id=PATIENT_ID, practitioner=person, month=str(month), level=level)

    def _time(
        self, data: Mapping[str, Any], zones: Mapping[str | None, str], people: list[Person]
    ) -> Iterator[TimeEntry]:
        rows = data.get("time")
        if rows is None:
            return
        if not isinstance(rows, list):
            self.refuse(("time",), f"{kind_of(rows)} stands where a list is due", "write a list of mappings")
            return
        zone_of = {person.person_id: zones.get(person.practice_id, "America/New_York") for person in people}
        for place, row in enumerate(rows):
            found = time_entry(
                row, f"time/{place + 1}", PATIENT_ID, zone_of, lambda p, *a, at=place: self.refuse(("time", at, *p), *a)
            )
            if found is not None:
                yield found

    def _people_known(self, data: Mapping[str, Any], records: Mapping[str, list[Any]]) -> None:
        people = records.get("people", [])
        known = {person.person_id for person in people}
        seen: set[str] = set()
        for place, person in enumerate(people):
            if person.person_id in seen:
                self.refuse(("people", place, "id"), "two people have this id", "give each person an id of their own")
            seen.add(person.person_id)
        for path, name in _names_used(data):
            if name not in known:
                self.refuse(
                    path, "nobody of this id stands under people", "add the person to `people`, or correct the id"
                )


def _names_used(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every mention of a person, with its place; people of other claims may be strangers."""
    billers = data.get("biller")
    for biller in billers if isinstance(billers, list) else [billers]:
        if isinstance(biller, str):
            yield ("biller",), biller
    for person in data.get("mdm") or {} if isinstance(data.get("mdm"), dict) else {}:
        yield ("mdm", person), person
    for key in ("time", "visits", "proposed", "extra_planning"):
        rows = data.get(key)
        for place, row in enumerate(rows if isinstance(rows, list) else [rows]):
            at: KeyPath = (key, place) if isinstance(rows, list) else (key,)
            for name in _PEOPLE_KEYS:
                if isinstance(row, dict) and isinstance(row.get(name), str):
                    yield (*at, name), row[name]


def as_day(value: Any) -> date | None:
    """A day, or the text of one (JSON has no days); None when it is neither."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def _texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; faults in it are told where the list itself is read."""
    return tuple(code for code in value if isinstance(code, str)) if isinstance(value, list) else ()


def _names(record: type) -> tuple[str, ...]:
    return tuple(column.name for column in fields(record))


def _kind_due(column: Field[Any]) -> str:
    type_ = str(column.type).removesuffix(" | None")
    words = {"str": "a text", "bool": "true or false", "int": "a whole number", "date": "a day such as 2026-03-31"}
    if column.metadata["one_of"]:
        return f"one of {', '.join(column.metadata['one_of'])}"
    return words.get(type_, "a list of words")
