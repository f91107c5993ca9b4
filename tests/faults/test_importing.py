"""Importing time logs, FHIR resources and tables under faults at every step: every row once, all tables of one moment."""

from __future__ import annotations

import csv
import gzip
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.faults.catalogue import (
    BOTH,
    CLOCK,
    FULL,
    HALF,
    KILLED,
    NO_DATABASE,
    ON_POSTGRES,
    ON_SQLITE,
    TWICE,
    TWO_SERVERS,
    Case,
    inject,
)
from tests.faults.hatchery import Hatchery
from tests.faults.house import House, meet
from tests.faults.places import call, file, sql
from tests.web.cast import NOON

from careledger.core.month import Month
from careledger.core.records import Condition, Coverage, Patient, Person
from careledger.facts.tables import open_folder
from careledger.fhir.writer import write_fhir

pytestmark = pytest.mark.xdist_group("faults-2")
AREA = "importing"
PEOPLE = 12


@pytest.fixture(scope="module")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record system's export: some patients with conditions and coverage."""
    folder = tmp_path_factory.mktemp("fhir")
    write_fhir(_records(), folder)
    return folder


def _records() -> dict[str, list[Any]]:
    ids = [f"f{number}" for number in range(PEOPLE)]
    return {
        "people": [Person(person_id="dr-f", kind="physician", name="Dana Fox", npi="1932102084")],
        "patients": [
            Patient(patient_id=id_, born_on=date(1948, 5, 6), family_name="Fox", given_name=id_) for id_ in ids
        ],
        "coverage": [Coverage(patient_id=id_, payer="medicare_ffs", since=date(2020, 1, 1)) for id_ in ids],
        "conditions": [Condition(patient_id=id_, icd10=code) for id_ in ids for code in ("I10", "E11.9")],
    }


def log_file(path: Path, first: int = 0, count: int = 20) -> Path:
    """A time log of another system."""
    with path.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("Log ID", "Patient", "Staff", "Program", "Start", "End", "Notes"))
        for number in range(first, first + count):
            clock = f"2026-10-{1 + number // 8:02d}T{9 + number % 8:02d}"
            writer.writerow((f"l{number}", "p1", "rn-1", "ccm", f"{clock}:00", f"{clock}:20", "Called; talked."))
    return path


def tables(folder: Path) -> dict[str, bytes]:
    """What a reader of the folder finds: every table, after it was opened as a close opens it."""
    import duckdb

    if (folder / "patients.csv").exists() or (folder / ".change.json").exists():
        with duckdb.connect(config={"threads": 1}) as con:
            open_folder(con, folder)
    return {one.name: one.read_bytes() for one in sorted(folder.glob("*.csv"))}


LOGGING = {
    "time log: before it is written aside": file(r"open .*\.time_entries\.csv\.part"),
    "time log: before the note of the change": file(r"os.rename .*\.change\.json\.part"),
    "time log: before it takes its name": file(r"os.rename .*\.time_entries\.csv\.part"),
    "time log: before the note is removed": file(r"os.remove .*\.change\.json"),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the file operation", LOGGING), ids=str)
def test_killed_while_a_log_comes_in(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    out = tmp_path / "out"
    first, second = log_file(tmp_path / "a.csv"), log_file(tmp_path / "b.csv", 20)
    assert hatchery.run("acts:import_log", file=str(first), out=str(out)).returned["new"] == 20
    asked = {"file": str(second), "out": str(out)}
    assert hatchery.run("acts:import_log", **asked, faults=[{**case.value, "do": "kill"}]).was_killed
    assert len((out / "time_entries.csv").read_text().splitlines()) in (21, 41)
    assert not hatchery.run("acts:import_log", **asked).raised
    _forty_once(out)


def _forty_once(out: Path) -> None:
    with (out / "time_entries.csv").open() as text:
        ids = [row["entry_id"] for row in csv.DictReader(text)]
    assert sorted(ids) == sorted(f"l{number}" for number in range(40))
    assert [one.name for one in out.iterdir() if one.suffix == ".part" or one.name == ".change.json"] == []


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", dict([*LOGGING.items()][:2])), ids=str)  # fmt: skip
def test_full_disk_while_a_log_comes_in(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    out = tmp_path / "out"
    first, second = log_file(tmp_path / "a.csv"), log_file(tmp_path / "b.csv", 20)
    hatchery.run("acts:import_log", file=str(first), out=str(out))
    before = (out / "time_entries.csv").read_bytes()
    told = ["import", "timelog", str(second), "--out", str(out)]
    fault = {"on": "file", "match": r"open .*\.time_entries\.csv\.part", "when": "before", "nth": 1, "do": "full"}
    done = hatchery.run("acts:cli", told=told, faults=[{**case.value, "do": "full"} if "note" in case.step else fault])
    assert done.fired == ["full"]
    if "note" not in case.step:
        assert done.returned == 2, "one clear line and exit status 2"
        assert (out / "time_entries.csv").read_bytes() == before
    assert not hatchery.run("acts:import_log", file=str(second), out=str(out)).raised
    _forty_once(out)


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the same file in two processes at once", ["time log: read, not yet written"]), ids=str)  # fmt: skip
def test_one_log_twice_at_once(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    out, log = tmp_path / "out", log_file(tmp_path / "a.csv", 0, 40)
    act = {"act": "acts:import_log", "file": str(log), "out": str(out)}
    ended = meet(hatchery, tmp_path / "meet", call("careledger.facts.timelog:_write"), act, act)
    assert sorted(one.returned["new"] for one in ended) == [0, 40]
    _forty_once(out)


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "two processes held so that they meet", ["time log: another log into the same folder"]), ids=str)  # fmt: skip
def test_two_logs_at_once(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    out = tmp_path / "out"
    act = {"act": "acts:import_log", "out": str(out)}
    first, second = ({**act, "file": str(log_file(tmp_path / f"{at}.csv", at, 20))} for at in (0, 20))
    ended = meet(hatchery, tmp_path / "meet", call("careledger.facts.timelog:_write"), first, second)
    assert [one.returned["new"] for one in ended] == [20, 20]
    _forty_once(out)


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before it is imported", ["time log: cut within a row"]), ids=str)  # fmt: skip
def test_a_cut_log(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    """What a cut row holds is not taken for work; the whole file then brings it, and the rest once."""
    out, whole = tmp_path / "out", log_file(tmp_path / "a.csv", 0, 40)
    cut = tmp_path / "cut.csv"
    text = whole.read_text()
    cut.write_text(text[: text.index("l30") + 22])
    done = hatchery.run("acts:import_log", file=str(cut), out=str(out))
    assert done.is_ours or done.returned["faults"] == 1, done
    assert not hatchery.run("acts:import_log", file=str(whole), out=str(out)).raised
    _forty_once(out)


FHIR = {
    "FHIR: before the first table is written aside": file(r"open .*\.csv\.part"),
    "FHIR: between two tables written aside": file(r"open .*\.csv\.part", nth=3),
    "FHIR: before the note of the change": file(r"os.rename .*\.change\.json\.part"),
    "FHIR: before the first table takes its name": file(r"os.rename .*\.csv\.part"),
    "FHIR: between two tables that take their names": file(r"os.rename .*\.csv\.part", nth=3),
    "FHIR: before the note is removed": file(r"os.remove .*\.change\.json"),
}


@pytest.fixture(scope="module")
def undisturbed(hatchery: Hatchery, fhir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of an import that nothing disturbs."""
    out = tmp_path_factory.mktemp("whole")
    assert not hatchery.run("acts:import_resources", path=str(fhir), out=str(out)).raised
    return tables(out)


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the file operation", FHIR), ids=str)
def test_killed_while_resources_come_in(
    hatchery: Hatchery, fhir: Path, undisturbed: dict[str, bytes], tmp_path: Path, case: Case
) -> None:
    """A reader finds all tables of the import or none; imported again, each row stands once."""
    asked = {"path": str(fhir), "out": str(tmp_path / "out")}
    assert hatchery.run("acts:import_resources", **asked, faults=[{**case.value, "do": "kill"}]).was_killed
    assert tables(tmp_path / "out") in ({}, undisturbed)
    assert not hatchery.run("acts:import_resources", **asked).raised
    assert tables(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", dict([*FHIR.items()][:3])), ids=str)  # fmt: skip
def test_full_disk_while_resources_come_in(
    hatchery: Hatchery, fhir: Path, undisturbed: dict[str, bytes], tmp_path: Path, case: Case
) -> None:
    asked = {"path": str(fhir), "out": str(tmp_path / "out")}
    done = hatchery.run("acts:import_resources", **asked, faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert tables(tmp_path / "out") in ({}, undisturbed)
    assert not hatchery.run("acts:import_resources", **asked).raised
    assert tables(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the same export in two processes at once", ["FHIR: read, not yet written"]), ids=str)  # fmt: skip
def test_resources_twice_at_once(
    hatchery: Hatchery, fhir: Path, undisturbed: dict[str, bytes], tmp_path: Path, case: Case
) -> None:
    act = {"act": "acts:import_resources", "path": str(fhir), "out": str(tmp_path / "out")}
    ended = meet(hatchery, tmp_path / "meet", call("careledger.fhir.importer:_merge"), act, act)
    assert [one.says for one in ended] == ["", ""]
    assert tables(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "two processes held so that they meet", ["FHIR: a time log into the same folder"]), ids=str)  # fmt: skip
def test_resources_and_a_log_at_once(
    hatchery: Hatchery, fhir: Path, undisturbed: dict[str, bytes], tmp_path: Path, case: Case
) -> None:
    out = str(tmp_path / "out")
    first = {"act": "acts:import_resources", "path": str(fhir), "out": out}
    second = {"act": "acts:import_log", "file": str(log_file(tmp_path / "a.csv", 0, 40)), "out": out}
    ended = meet(hatchery, tmp_path / "meet", call("careledger.fhir.importer:_merge"), first, second)
    assert [one.says for one in ended] == ["", ""]
    _forty_once(tmp_path / "out")
    assert {name: one for name, one in tables(tmp_path / "out").items() if name != "time_entries.csv"} == undisturbed


def _cut_line(fhir: Path, to: Path) -> None:
    shutil.copytree(fhir, to)
    one = next(to.glob("*Condition*"))
    one.write_bytes(one.read_bytes()[:-30])


def _cut_gzip(fhir: Path, to: Path) -> None:
    to.mkdir()
    whole = b"".join(one.read_bytes() for one in sorted(fhir.glob("*.ndjson")))
    (to / "all.ndjson.gz").write_bytes(gzip.compress(whole)[:-40])


def _cut_zip(fhir: Path, to: Path) -> None:
    to.mkdir()
    with zipfile.ZipFile(to / "all.zip", "w") as archive:
        for one in sorted(fhir.glob("*.ndjson")):
            archive.write(one, one.name)
    (to / "all.zip").write_bytes((to / "all.zip").read_bytes()[:-60])


def _nothing(fhir: Path, to: Path) -> None:
    to.mkdir()
    (to / "all.ndjson").write_bytes(b"")


CUT: dict[str, Callable[[Path, Path], None]] = {
    "FHIR: NDJSON cut within a line": _cut_line,
    "FHIR: gzip cut before its end": _cut_gzip,
    "FHIR: zip cut within its directory": _cut_zip,
    "FHIR: nothing of it arrived": _nothing,
}


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before it is imported", CUT), ids=str)
def test_a_cut_export(
    hatchery: Hatchery, fhir: Path, undisturbed: dict[str, bytes], tmp_path: Path, case: Case
) -> None:
    """The cut is told; the whole export then gives what it gives by itself."""
    case.value(fhir, tmp_path / "cut")
    out = tmp_path / "out"
    done = hatchery.run("acts:import_resources", path=str(tmp_path / "cut"), out=str(out))
    assert done.returned["faults"] or not done.returned["kept"], done
    assert not hatchery.run("acts:import_resources", path=str(fhir), out=str(out)).raised
    found = tables(out)
    assert {name: sorted(one.splitlines()) for name, one in found.items()} == {
        name: sorted(one.splitlines()) for name, one in undisturbed.items()
    }


# In the clinic.


@pytest.fixture
def folder(hatchery: Hatchery, fhir: Path, tmp_path: Path) -> Path:
    """Tables of twelve patients with a time log."""
    out = tmp_path / "tables"
    hatchery.run("acts:import_resources", path=str(fhir), out=str(out))
    log = log_file(tmp_path / "log.csv", 0, 40)
    log.write_text(log.read_text().replace("p1,rn-1", "f1,dr-f"))
    hatchery.run("acts:import_log", file=str(log), out=str(out))
    return out


LOADING = {
    "clinic: before the patients' rows": sql('INSERT INTO "patients_patient"'),
    "clinic: after the conditions' rows": sql('INSERT INTO "patients_condition"', "after"),
    "clinic: after the time entries' rows": sql('INSERT INTO "timers_timeentry"', "after"),
    "clinic: before the commit": sql("^COMMIT$"),
}
COMMITTED = {"clinic: after the commit": sql("^COMMIT$", "after")}


def loaded_once(house: House) -> None:
    found = house.sound()
    assert found["patients"] == 1 + PEOPLE
    assert len(found["entries"]) == 41


@pytest.mark.parametrize(
    "case", inject(AREA, KILLED, "SIGKILL at the statement", LOADING | COMMITTED, on=BOTH), ids=str
)
def test_killed_while_tables_are_loaded(house: House, folder: Path, case: Case) -> None:
    assert house.run("load_tables", folder=str(folder), faults=[{**case.value, "do": "kill"}]).was_killed
    assert house.sound()["patients"] == (1 + PEOPLE if case.step in COMMITTED else 1)
    house.do("load_tables", folder=str(folder))
    loaded_once(house)


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the statement on", LOADING, on=ON_SQLITE), ids=str)  # fmt: skip
def test_full_disk_while_tables_are_loaded(sqlite_house: House, folder: Path, case: Case) -> None:
    done = sqlite_house.run("load_tables", folder=str(folder), faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised
    assert sqlite_house.sound()["patients"] == 1
    sqlite_house.do("load_tables", folder=str(folder))
    loaded_once(sqlite_house)


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, "pg_terminate_backend at the statement", LOADING, on=ON_POSTGRES), ids=str)  # fmt: skip
def test_session_ended_while_tables_are_loaded(postgres_house: House, folder: Path, case: Case) -> None:
    done = postgres_house.run("load_tables", folder=str(folder), faults=[{**case.value, "do": "cut"}])
    assert done.fired == ["cut"]
    assert done.raised
    assert postgres_house.sound()["patients"] == 1
    postgres_house.do("load_tables", folder=str(folder))
    loaded_once(postgres_house)


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the same tables in two processes at once", {"clinic: after the patients were seen to be new": sql('FROM "patients_patient"', "after")}, on=BOTH), ids=str)  # fmt: skip
def test_tables_twice_at_once(house: House, folder: Path, tmp_path: Path, case: Case) -> None:
    ended = house.meet(tmp_path / "meet", "load_tables", case.value, folder=str(folder))
    assert [one.says for one in ended] == ["", ""]
    loaded_once(house)


@pytest.mark.parametrize("case", inject(AREA, CLOCK, "the server's clock set back a month", ["clinic: between two imports"], on=BOTH), ids=str)  # fmt: skip
def test_the_clock_is_set_back(house: House, folder: Path, case: Case) -> None:
    """Entries that now lie in the future are imported work like before: nothing is lost or doubled."""
    house.do("load_tables", folder=str(folder))
    house.do("load_tables", folder=str(folder), at=NOON.replace(month=9))
    loaded_once(house)
    assert Month.of(NOON.date()) == Month(2026, 11)


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before it is imported", ["clinic: a table cut within quotation marks"], on=BOTH), ids=str)  # fmt: skip
def test_a_cut_table(house: House, folder: Path, tmp_path: Path, case: Case) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(folder, cut)
    with (cut / "conditions.csv").open("a") as text:
        text.write('f1,"I1')
    assert house.run("load_tables", folder=str(cut)).raised == "InputError"
    assert house.sound()["patients"] == 1
    house.do("load_tables", folder=str(folder))
    loaded_once(house)


PAGES = {
    "page: before the first row": sql('INSERT INTO "patients_patient"'),
    "page: before the import is marked written": sql('UPDATE "intake_import"', nth=1),
    "page: written, before the job's end": call("careledger.web.work.actions:_end"),
}


@pytest.fixture
def taken(house: House, folder: Path, tmp_path: Path) -> House:
    """A clinic in which an administrator uploaded the tables and looked at them, and asked to have them written."""
    shutil.make_archive(str(tmp_path / "tables"), "zip", folder)
    house.do("take_tables", archive=str(tmp_path / "tables.zip"))
    house.do("do_jobs")
    house.do("write_tables")
    return house


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL of the server's worker", PAGES, on=BOTH), ids=str)
def test_the_worker_is_killed_while_it_writes(taken: House, case: Case) -> None:
    assert taken.run("do_jobs", faults=[{**case.value, "do": "kill"}]).was_killed
    taken.sound()
    assert taken.do("do_jobs", at=taken.later) == 1
    loaded_once(taken)
    assert taken.sound()["audit"]["import.written"] == 1


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "a second worker takes the job of one that is silent, not dead", {"page: before the commit": sql('UPDATE "intake_import"', "after")}, on=BOTH), ids=str)  # fmt: skip
def test_a_silent_worker_and_another(taken: House, tmp_path: Path, case: Case) -> None:
    ended = taken.meet(tmp_path / "meet", "do_jobs", case.value, second_at=taken.later)
    assert [one.raised for one in ended] == ["", ""], ended
    loaded_once(taken)
    assert taken.sound()["audit"]["import.written"] == 1


@pytest.mark.parametrize("case", inject(AREA, TWICE, "pressed twice at once", ["page: asked to be written"], on=BOTH), ids=str)  # fmt: skip
def test_pressed_twice(house: House, folder: Path, tmp_path: Path, case: Case) -> None:
    shutil.make_archive(str(tmp_path / "tables"), "zip", folder)
    house.do("take_tables", archive=str(tmp_path / "tables.zip"))
    house.do("do_jobs")
    ended = house.meet(tmp_path / "meet", "write_tables", sql('INSERT INTO "work_job"'))
    assert [one.says for one in ended] == ["", ""]
    assert house.do("do_jobs") == 1
    loaded_once(house)
