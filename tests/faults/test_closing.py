"""Closing a month, in the clinic and over a folder of tables, under faults at every step."""

from __future__ import annotations

import csv
import hashlib
import shutil
from datetime import datetime, timedelta
from pathlib import Path

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
from tests.faults.proxy import cutting_proxy
from tests.web.cast import NOON, ZONE

from careledger.core.month import Month
from careledger.facts.timelog import import_timelog
from careledger.fhir.importer import import_fhir
from careledger.fhir.writer import write_fhir
from careledger.synthetic.files import write_clinic

pytestmark = pytest.mark.xdist_group("faults-1")
AREA = "closing a month"
STEPS = {
    "before standings are written": sql('INSERT INTO "billing_standing"'),
    "after standings are written": sql('INSERT INTO "billing_standing"', "after"),
    "after the month's row": sql('INSERT INTO "revenue_closedmonth"', "after"),
    "after the audit event": sql('INSERT INTO "audit_auditevent"', "after"),
    "before the commit": sql("^COMMIT$"),
}
COMMITTED = {"after the commit": sql("^COMMIT$", "after")}
SEEN = sql('FROM "revenue_closedmonth"', "after")


def closed_once(house: House) -> None:
    """October is closed by one row with one event."""
    found = house.sound()
    assert found["closed"] == [["2026-10", True]]
    assert found["audit"]["month.closed"] == 1


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the statement", STEPS | COMMITTED, on=BOTH), ids=str)
def test_killed(house: House, case: Case) -> None:
    assert house.run("close_month", faults=[{**case.value, "do": "kill"}]).was_killed
    assert len(house.sound()["closed"]) == (case.step in COMMITTED)
    assert house.do("close_month") == 1
    closed_once(house)


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the statement on", STEPS, on=ON_SQLITE), ids=str)  # fmt: skip
def test_full_disk(sqlite_house: House, case: Case) -> None:
    done = sqlite_house.run("close_month", faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised
    assert sqlite_house.sound()["closed"] == []
    sqlite_house.do("close_month")
    closed_once(sqlite_house)


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, "pg_terminate_backend at the statement", STEPS, on=ON_POSTGRES), ids=str)  # fmt: skip
def test_session_ended(postgres_house: House, case: Case) -> None:
    done = postgres_house.run("close_month", faults=[{**case.value, "do": "cut"}])
    assert done.fired == ["cut"]
    assert done.raised
    assert postgres_house.sound()["closed"] == []
    postgres_house.do("close_month")
    closed_once(postgres_house)


@pytest.mark.parametrize(
    "case",
    inject(
        AREA,
        NO_DATABASE,
        "a proxy cuts the line at COMMIT",
        ["the commit is done, its answer never comes"],
        on=ON_POSTGRES,
    ),
    ids=str,
)
def test_line_cut_at_the_commit(postgres_house: House, case: Case) -> None:
    postgres_house.do("keep")
    straight, postgres_house.url = postgres_house.url, ""
    with cutting_proxy(straight, before=False) as url:
        postgres_house.url = url
        assert postgres_house.run("close_month").raised == "OperationalError"
    postgres_house.url = straight
    closed_once(postgres_house)
    postgres_house.do("close_month")
    closed_once(postgres_house)


@pytest.mark.parametrize("case", inject(AREA, TWICE, "in two processes at once", ["after it was seen to be open"], on=BOTH), ids=str)  # fmt: skip
def test_twice_at_once(house: House, case: Case, tmp_path: Path) -> None:
    ended = house.meet(tmp_path / "meet", "close_month", SEEN)
    assert [one.raised for one in ended] == ["", ""]
    closed_once(house)


@pytest.mark.parametrize(
    "case",
    inject(
        AREA,
        TWO_SERVERS,
        "one closes while another logs time for the month",
        {"before the commit": sql("^COMMIT$")},
        on=BOTH,
    ),
    ids=str,
)
def test_time_arrives_while_the_month_closes(house: House, case: Case, tmp_path: Path) -> None:
    ended = house.meet(tmp_path / "meet", "close_month", case.value, other="log_october")
    assert [one.raised for one in ended] == ["", ""]
    closed_once(house)
    assert "late-october" in house.sound()["current"]


READING = {"closing": "close_month", "filing a job": "file_job"}


@pytest.mark.parametrize(
    "case",
    inject(AREA, TWO_SERVERS, "another server is writing an audit event", {f"{what}: while a chart is read": act for what, act in READING.items()}, on=BOTH),
    ids=str,
)  # fmt: skip
def test_a_chart_is_read_meanwhile(house: House, case: Case, tmp_path: Path) -> None:
    """Neither waits for the other in a circle, which PostgreSQL would break by ending one."""
    ended = house.meet(tmp_path / "meet", "read_chart", sql('INSERT INTO "audit_auditevent"'), other=case.value)
    assert [one.says for one in ended] == ["", ""]
    assert house.sound()["audit"]["chart.read"] == 1


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "keepers of two servers", ["deciding the same months"], on=BOTH), ids=str)  # fmt: skip
def test_two_keepers(house: House, case: Case, tmp_path: Path) -> None:
    ended = house.meet(tmp_path / "meet", "keep", sql('INSERT INTO "billing_standing"', "after"))
    assert [one.raised for one in ended] == ["", ""]
    assert house.do("keep") == 0
    house.sound()


CLOCKS = {
    "before the month is over": (datetime(2026, 10, 31, 23, 59, tzinfo=ZONE), True),
    "between review and close": (NOON - timedelta(hours=2), False),
}


@pytest.mark.parametrize("case", inject(AREA, CLOCK, "the server's clock set back", CLOCKS, on=BOTH), ids=str)
def test_the_clock_is_set_back(house: House, case: Case) -> None:
    moment, is_refused = case.value
    house.do("keep")
    assert house.run("close_month", at=moment).raised == ("ClosingRefused" if is_refused else "")
    house.do("close_month")
    closed_once(house)


# Over a folder of tables.


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic clinic's tables for October."""
    folder = tmp_path_factory.mktemp("clinic")
    files = write_clinic(folder, 1, Month(2026, 10), 119, write_fhir=write_fhir)
    import_fhir(files.fhir, folder / "imported")
    for one in sorted(files.tables.iterdir()):
        shutil.copy(one, folder / "imported" / one.name)
    import_timelog(files.timelog, folder / "imported")
    for one in (folder / "imported").glob("*.csv"):
        _keep_some(one)
    return folder / "imported"


def _keep_some(table: Path) -> None:
    """The rows of some patients, so that a close takes a moment."""
    with table.open(newline="") as text:
        rows = list(csv.DictReader(text))
    if rows and "patient_id" in rows[0]:
        ids = {f"p{number:04d}" for number in range(1, 9)}
        with table.open("w", newline="") as text:
            writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row["patient_id"] in ids)


def prints(out: Path) -> dict[str, str]:
    """The fingerprint of every file of a close."""
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def undisturbed(hatchery: Hatchery, data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a close leaves that nothing disturbs."""
    out = tmp_path_factory.mktemp("close") / "out"
    done = hatchery.run("acts:close_folder", data=str(data), out=str(out))
    assert not done.raised, done.says
    return prints(out)


COPY = "careledger.batch.outputs:_copy"
FOLDER = {
    "folder: after the tables are read": call("careledger.batch.close:open_folder", "after"),
    "folder: after the first file is written": call(COPY, "after"),
    "folder: before the last file is written": call(COPY, nth=7),
    "folder: before the summary": file(r"open .*summary\.json"),
    "folder: before it takes the place of the earlier close": call("careledger.batch.close:swapped"),
    "folder: after it took the place of the earlier close": call("careledger.batch.close:swapped", "after"),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the call or file operation", FOLDER), ids=str)
def test_folder_killed(hatchery: Hatchery, data: Path, undisturbed: dict[str, str], tmp_path: Path, case: Case) -> None:
    """An earlier close stands until the new one is whole; repeated, the outcome is the undisturbed one."""
    out = _earlier(tmp_path)
    asked = {"data": str(data), "out": str(out)}
    assert hatchery.run("acts:close_folder", **asked, faults=[{**case.value, "do": "kill"}]).was_killed
    assert prints(out) in (prints(_earlier(tmp_path / "again")), undisturbed)
    assert not hatchery.run("acts:close_folder", **asked).raised
    assert prints(out) == undisturbed
    assert [one.name for one in tmp_path.iterdir() if one.is_dir() and one.name.startswith(".")] == []


def _earlier(folder: Path) -> Path:
    """An earlier close."""
    (folder / "out").mkdir(parents=True)
    (folder / "out" / "summary.json").write_text("{}")
    return folder / "out"


FILLED = {step: place for step, place in FOLDER.items() if "place of" not in step}


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", FILLED), ids=str)
def test_folder_full_disk(
    hatchery: Hatchery, data: Path, undisturbed: dict[str, str], tmp_path: Path, case: Case
) -> None:
    out = _earlier(tmp_path)
    asked = {"data": str(data), "out": str(out)}
    done = hatchery.run("acts:close_folder", **asked, faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised
    assert prints(out) == prints(_earlier(tmp_path / "again"))
    assert not hatchery.run("acts:close_folder", **asked).raised
    assert prints(out) == undisturbed


@pytest.mark.parametrize("case", inject(AREA, TWICE, "two closes into one folder at once", ["folder: before it takes its place"]), ids=str)  # fmt: skip
def test_folder_twice_at_once(
    hatchery: Hatchery, data: Path, undisturbed: dict[str, str], tmp_path: Path, case: Case
) -> None:
    act = {"act": "acts:close_folder", "data": str(data), "out": str(tmp_path / "out")}
    ended = meet(hatchery, tmp_path / "meet", call("careledger.batch.close:swapped"), act, act)
    assert all(one.is_ours for one in ended if one.raised), ended
    assert any(not one.raised for one in ended)
    assert prints(tmp_path / "out") == undisturbed


CUT = {
    "folder: a table cut within a row": ("conditions.csv", 0),
    "folder: a table cut within quotation marks": ("time_entries.csv", None),
    "folder: a Parquet table cut": ("patients.parquet", -50),
}


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before the close reads it", CUT), ids=str)
def test_folder_with_a_cut_table(hatchery: Hatchery, data: Path, tmp_path: Path, case: Case) -> None:
    """A cut table is told, never read as a whole one; an earlier close stays."""
    tables, out = tmp_path / "tables", _earlier(tmp_path)
    shutil.copytree(data, tables)
    name, keep = case.value
    if name.endswith(".parquet"):
        import pyarrow.csv
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.csv.read_csv(tables / "patients.csv"), tables / name)
        (tables / "patients.csv").unlink()
    content = (tables / name).read_bytes()
    if keep is None:
        content, keep = content + b'x,x,x,"cut', len(content) + 10
    if keep == 0:
        keep = content.index(b",", content[:-1].rindex(b"\n"))
    (tables / name).write_bytes(content[:keep])
    done = hatchery.run("acts:cli", told=["close", "--month", "2026-10", "--data", str(tables), "--out", str(out), "--no-audit"])  # fmt: skip
    assert done.returned == 2
    assert prints(out) == prints(_earlier(tmp_path / "again"))
