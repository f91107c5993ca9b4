"""Backing up and restoring under faults at every step: a backup is whole or not there, a restored clinic is the whole one."""

from __future__ import annotations

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
    TWICE,
    TWO_SERVERS,
    Case,
    inject,
)
from tests.faults.house import House
from tests.faults.places import call, file
from tests.web.cast import NOON

pytestmark = pytest.mark.xdist_group("faults-2")
AREA = "backing up and restoring"
TABLES, BACKUP = "careledger.web.keeping.tables", "careledger.web.keeping.backup"


@pytest.fixture(scope="module")
def backup(on_sqlite: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A backup of the clinic, its key, and what it holds."""
    folder = tmp_path_factory.mktemp("backup")
    public = on_sqlite.do("make_key", file=str(folder / "key"))
    on_sqlite.do("back_up", file=str(folder / "clinic"), public=public)
    return {
        "asked": {"file": str(folder / "clinic"), "key": str(folder / "key")},
        "public": public,
        "holds": on_sqlite.do("contents", folder=str(folder)),
    }


def restored(house: House, backup: dict[str, Any], tmp_path: Path) -> None:
    """The clinic holds what the backup held, its chains hold, its tables are guarded, and nothing plain lies about."""
    house.sound()
    assert house.do("contents", folder=str(tmp_path)) == backup["holds"]
    assert house.do("guarded") == []
    assert [one.name for one in house.data.rglob(".*") if one.name != ".lock"] == []


STEPS = {
    "restoring: before the files are put back": call(f"{BACKUP}:_put_back"),
    "restoring: a file is copied and has not its name": file(r"os.rename .*claims\.yaml\.part"),
    "restoring: between files and database": call(f"{TABLES}:_empty"),
    "restoring: before the first table's rows": call(f"{TABLES}:_read"),
    "restoring: between two tables' rows": call(f"{TABLES}:_read", nth=12),
    "restoring: before the rows' commit": call(f"{TABLES}:no_style"),
}
AFTER = {"restoring: after the rows' commit": call(f"{BACKUP}:load", "after")}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the call or file operation", STEPS | AFTER, on=BOTH), ids=str)  # fmt: skip
def test_killed(empty_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    assert empty_house.run("restore", **backup["asked"], faults=[{**case.value, "do": "kill"}]).was_killed
    if case.step in AFTER:
        assert "holds a clinic already" in empty_house.run("restore", **backup["asked"]).says
        empty_house.do("back_up", file=str(tmp_path / "next"), public=backup["public"])  # sweeps what the dead one left
    else:
        empty_house.do("restore", **backup["asked"])
    restored(empty_house, backup, tmp_path)


FILLING = {
    "restoring: before it is decrypted": call(f"{BACKUP}:decrypted"),
    **{step: place for step, place in STEPS.items() if "between" in step or "put back" in step},
}


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", FILLING, on="SQLite"), ids=str)  # fmt: skip
def test_full_disk(empty_sqlite_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    done = empty_sqlite_house.run("restore", **backup["asked"], faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised
    assert "cut" not in done.says or not done.is_ours, "a full disk is no cut backup"
    empty_sqlite_house.do("restore", **backup["asked"])
    restored(empty_sqlite_house, backup, tmp_path)


CUTTING = {step: place for step, place in STEPS.items() if "rows" in step}


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, "pg_terminate_backend at the call", CUTTING, on=ON_POSTGRES), ids=str)  # fmt: skip
def test_session_ended(empty_postgres_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    done = empty_postgres_house.run("restore", **backup["asked"], faults=[{**case.value, "do": "cut"}])
    assert done.fired == ["cut"]
    assert done.raised
    empty_postgres_house.do("restore", **backup["asked"])
    restored(empty_postgres_house, backup, tmp_path)


@pytest.mark.parametrize("case", inject(AREA, TWICE, "restored again", ["restoring: a clinic that was restored"], on=BOTH), ids=str)  # fmt: skip
def test_restored_again(empty_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    empty_house.do("restore", **backup["asked"])
    assert "holds a clinic already" in empty_house.run("restore", **backup["asked"]).says
    restored(empty_house, backup, tmp_path)


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "in two processes at once, one held", {"restoring: between two tables' rows": call(f"{TABLES}:_read", nth=12)}, on=BOTH), ids=str)  # fmt: skip
def test_restored_twice_at_once(empty_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    ended = empty_house.meet(tmp_path / "meet", "restore", case.value, **backup["asked"])
    assert any(not one.raised for one in ended), ended
    restored(empty_house, backup, tmp_path)


CUT = {"restoring: a backup cut in the middle": 0.5, "restoring: a backup without its last block": 0.999}


@pytest.mark.parametrize("case", inject(AREA, HALF, "the backup is cut before it is restored", CUT, on=BOTH), ids=str)
def test_a_cut_backup(empty_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    whole = Path(backup["asked"]["file"]).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * case.value)])
    done = empty_house.run("restore", file=str(tmp_path / "cut"), key=backup["asked"]["key"])
    assert done.is_ours
    assert "cannot be decrypted" in done.says
    empty_house.do("restore", **backup["asked"])
    restored(empty_house, backup, tmp_path)


@pytest.mark.parametrize("case", inject(AREA, CLOCK, "the server's clock set back a year", ["restoring: on a machine whose clock is behind"], on=BOTH), ids=str)  # fmt: skip
def test_on_a_machine_with_another_clock(
    empty_house: House, backup: dict[str, Any], tmp_path: Path, case: Case
) -> None:
    empty_house.do("restore", **backup["asked"], at=NOON.replace(year=2025))
    restored(empty_house, backup, tmp_path)
    empty_house.do("log", once="one")
    assert len(empty_house.sound()["entries"]) == 2


# Taking a backup.

TAKING = {
    "backing up: between two tables": call(f"{TABLES}:_write", nth=9),
    "backing up: before the files beside the database": call(f"{BACKUP}:_copy_files"),
    "backing up: before it is encrypted": file(r"open .*backup\.tar\.gz"),
    "backing up: before it takes its name": file(r"os.rename .*\.part"),
}


@pytest.mark.parametrize(
    "case", inject(AREA, KILLED, "SIGKILL at the call or file operation", TAKING, on=BOTH), ids=str
)
def test_killed_while_backing_up(house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    """No half of a backup has its name, and what the dead one left in the open goes with the next."""
    out = tmp_path / "out"
    out.mkdir()
    asked = {"file": str(out / "b"), "public": backup["public"]}
    assert house.run("back_up", **asked, faults=[{**case.value, "do": "kill"}]).was_killed
    assert not (out / "b").exists()
    house.do("back_up", **asked)
    assert [one.name for one in out.iterdir()] == ["b"]
    assert list(house.data.glob(".*")) == []
    house.sound()


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", TAKING, on="SQLite"), ids=str)  # fmt: skip
def test_full_disk_while_backing_up(sqlite_house: House, backup: dict[str, Any], tmp_path: Path, case: Case) -> None:
    out = tmp_path / "out"
    out.mkdir()
    asked = {"file": str(out / "b"), "public": backup["public"]}
    done = sqlite_house.run("back_up", **asked, faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    if done.raised:
        assert list(out.iterdir()) == []
        sqlite_house.do("back_up", **asked)
    assert [one.name for one in out.iterdir()] == ["b"]
    assert list(sqlite_house.data.glob(".*")) == []
    sqlite_house.sound()


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, "pg_terminate_backend of the reading session", {"backing up: between two tables": call(f"{TABLES}:_write", nth=9)}, on=ON_POSTGRES), ids=str)  # fmt: skip
def test_session_ended_while_backing_up(
    postgres_house: House, backup: dict[str, Any], tmp_path: Path, case: Case
) -> None:
    asked = {"file": str(tmp_path / "b"), "public": backup["public"]}
    done = postgres_house.run("back_up", **asked, faults=[{**case.value, "do": "cut_snapshot"}])
    assert done.fired == ["cut_snapshot"]
    assert done.raised
    assert not (tmp_path / "b").exists()
    postgres_house.do("back_up", **asked)
    postgres_house.sound()


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "time is logged while the backup is taken", {"backing up: between two tables": call(f"{TABLES}:_write", nth=9)}, on=BOTH), ids=str)  # fmt: skip
def test_work_goes_on_while_backing_up(
    house: House, empty_house: House, backup: dict[str, Any], tmp_path: Path, case: Case
) -> None:
    """The backup is of one moment: its chains hold though both ledger and log grew while it was taken."""
    folder = tmp_path / "meet"
    folder.mkdir()
    asked = {"file": str(tmp_path / "b"), "public": backup["public"]}
    taking = house.start("back_up", **asked, faults=[{**case.value, "do": "wait", "arg": str(folder)}])
    while not (folder / "here").exists():
        assert not taking.ended_within(0.02)
    house.do("log", once="one")
    (folder / "go").touch()
    assert not taking.outcome().raised
    empty_house.do("restore", file=str(tmp_path / "b"), key=backup["asked"]["key"])
    assert len(empty_house.sound()["entries"]) == 1
    assert len(house.sound()["entries"]) == 2


def test_every_table_there_is_comes_back_identical(
    sqlite_house: House, empty_house: House, backup: dict[str, Any], tmp_path: Path
) -> None:
    """A row in every table that any app has: a new table cannot be forgotten. The file's own rows are compared."""
    assert sqlite_house.fill() == {}
    before = sqlite_house.table_rows()
    assert [table for table, rows in before.items() if rows.startswith("0 ")] == []
    asked = {"file": str(tmp_path / "b"), "key": backup["asked"]["key"]}
    sqlite_house.do("back_up", file=asked["file"], public=backup["public"])
    empty_house.do("restore", **asked)
    assert empty_house.do("contents", folder=str(tmp_path)) == sqlite_house.do("contents", folder=str(tmp_path))
    if not empty_house.url:
        assert empty_house.table_rows() == before
