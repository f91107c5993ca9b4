"""Fixtures of the fault tests: the hatchery, a clinic on either database, a claims store whose claims have left."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.claims.clinic import sent
from tests.faults.hatchery import Hatchery
from tests.faults.house import House, copied, drop_database, new_database

ROOT = Path(__file__).parents[2]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def hatchery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    """The process that forks a child for each act."""
    found = Hatchery(tmp_path_factory.mktemp("h"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL: the one that DATABASE_URL names, else one of these tests' own."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    if not any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")):
        pytest.skip("PostgreSQL is not installed; scripts/on_postgres installs it")
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        env = {**os.environ, "CARELEDGER_TEST_PORT": str(free.getsockname()[1])}
    script = str(ROOT / "scripts" / "postgres")
    started = subprocess.run([script, "start", str(folder)], env=env, capture_output=True, text=True, check=False)
    if started.returncode:
        pytest.skip(f"PostgreSQL does not start here: {started.stderr.strip()[-200:]}")
    yield started.stdout.strip()
    subprocess.run([script, "stop", str(folder)], env=env, capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def bare_on_sqlite(hatchery: Hatchery, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A migrated database that holds nothing."""
    house = House(hatchery, tmp_path_factory.mktemp("bare"))
    house.do("migrate")
    return house


@pytest.fixture(scope="session")
def bare_on_postgres(hatchery: Hatchery, server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same on PostgreSQL."""
    house = House(hatchery, tmp_path_factory.mktemp("bare"), new_database(server, f"faults_bare_{os.getpid()}"))
    house.do("migrate")
    yield house
    drop_database(server, house.url)


def _filled(house: House) -> House:
    made = house.do("make_clinic")
    house.patient, house.token = made["patient"], made["token"]
    return house


@pytest.fixture(scope="session")
def on_sqlite(bare_on_sqlite: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The clinic that houses on SQLite are copies of."""
    return _filled(copied(bare_on_sqlite, tmp_path_factory.mktemp("sqlite"), "", 0))


@pytest.fixture(scope="session")
def on_postgres(bare_on_postgres: House, server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The clinic that houses on PostgreSQL are copies of."""
    house = _filled(copied(bare_on_postgres, tmp_path_factory.mktemp("postgres"), server, 0))
    yield house
    drop_database(server, house.url)


def _house(request: pytest.FixtureRequest, data: Path, kind: str, prefix: str = "") -> Iterator[House]:
    template: House = request.getfixturevalue(f"{prefix}on_{kind}")
    at = request.getfixturevalue("server") if kind == "postgres" else ""
    found = copied(template, data, at, next(_numbers))
    yield found
    if found.url:
        drop_database(at, found.url)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A clinic of the test's own, once on each database."""
    yield from _house(request, tmp_path / "house", request.param)


@pytest.fixture
def sqlite_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A clinic of the test's own on SQLite."""
    yield from _house(request, tmp_path / "house", "sqlite")


@pytest.fixture
def postgres_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A clinic of the test's own on PostgreSQL."""
    yield from _house(request, tmp_path / "house", "postgres")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An empty clinic, once on each database."""
    yield from _house(request, tmp_path / "empty", request.param, "bare_")


@pytest.fixture
def empty_sqlite_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An empty clinic on SQLite."""
    yield from _house(request, tmp_path / "empty", "sqlite", "bare_")


@pytest.fixture
def empty_postgres_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An empty clinic on PostgreSQL."""
    yield from _house(request, tmp_path / "empty", "postgres", "bare_")


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    """A claims store whose claims have left."""
    for store in sent(tmp_path):
        return store.path
    raise AssertionError
