"""A clinic of its own for a test, on SQLite or PostgreSQL, and a claims store in a file."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.faults.hatchery import Child, Hatchery, Outcome
from tests.faults.places import DEADLINE_S, Fault
from tests.web.cast import NOON


@dataclass(slots=True)
class House:
    """A clinic that faults may befall.

    Attributes:
        url: its PostgreSQL; empty on SQLite.
        patient: key of the cast's patient.
        token: the nurse's API token.
    """

    hatchery: Hatchery
    data: Path
    url: str = ""
    patient: int = 0
    token: str = ""
    patience_s: float = 30

    @property
    def address(self) -> dict[str, str]:
        found = {"data": str(self.data), "patience_s": str(self.patience_s)}
        return {**found, "url": self.url} if self.url else found

    @property
    def later(self) -> datetime:
        """When a server that died at noon has been silent for long enough."""
        return NOON + timedelta(minutes=5)

    def start(self, act: str, *, faults: list[Fault] | None = None, at: datetime = NOON, **args: Any) -> Child:
        """Begin an act of the clinic."""
        return self.hatchery.start(f"acts:{act}", faults=faults, house=self.address, at=at, **args)

    def run(self, act: str, *, faults: list[Fault] | None = None, at: datetime = NOON, **args: Any) -> Outcome:
        """An act of the clinic, to its end."""
        return self.start(act, faults=faults, at=at, **args).outcome()

    def do(self, act: str, *, at: datetime = NOON, **args: Any) -> Any:
        """An act that nothing disturbs; what it returns."""
        done = self.run(act, at=at, **args)
        assert not done.raised, done.says
        assert not done.signal
        return done.returned

    def meet(self, folder: Path, act: str, at: Fault, /, *, other: str = "", second_at: datetime = NOON, **args: Any) -> list[Outcome]:  # fmt: skip
        """The same act in two processes at once, or another one beside it."""
        told = {"house": self.address, **args}
        second = {"act": f"acts:{other or act}", **told, "at": second_at}
        return meet(self.hatchery, folder, at, {"act": f"acts:{act}", **told, "at": NOON}, second)

    def fill(self) -> dict[str, str]:
        """Give every table a row; what stays empty, and why."""
        done = self.hatchery.run("filling:fill_all", house=self.address, at=NOON)
        assert not done.raised, done.says
        return done.returned  # type: ignore[no-any-return]

    def table_rows(self) -> dict[str, str]:
        """Every table as it stands in the database."""
        done = self.hatchery.run("filling:raw", house=self.address, at=NOON)
        assert not done.raised, done.says
        return done.returned  # type: ignore[no-any-return]

    def sound(self) -> dict[str, Any]:
        """What it holds, once every verifier has found nothing."""
        found: dict[str, Any] = self.do("state")
        assert found["faults"] == []
        assert found["store"]["wrong"] == []
        assert found["store"]["twice_sent"] == 0
        return found


GRACE_S = 0.4
"""How long the second of two is watched before the first goes on: it either ends, or waits for the first."""


def meet(hatchery: Hatchery, folder: Path, at: Fault, first: dict[str, Any], second: dict[str, Any]) -> list[Outcome]:
    """Two processes at once: the first is held at a place while the second does the same, then both go on."""
    folder.mkdir(exist_ok=True)
    one = hatchery.start(**{**first, "faults": [{**at, "do": "wait", "arg": str(folder)}]})
    until = time.monotonic() + DEADLINE_S
    while not (folder / "here").exists():
        assert time.monotonic() < until, "the first never came to its place"
        assert not one.ended_within(0.01), one.outcome()
    two = hatchery.start(**second)
    two.ended_within(GRACE_S)
    (folder / "go").touch()
    return [one.outcome(), two.outcome()]


def new_database(server: str, name: str, template: str = "") -> str:
    """A database of its own on a PostgreSQL, as a copy of another one if told so."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as con:
        con.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        con.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def drop_database(server: str, url: str) -> None:
    """Drop it."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as con:
        con.execute(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')


def copied(template: House, data: Path, server: str, number: int) -> House:
    """A house like the template's, of the test's own."""
    shutil.copytree(template.data, data, dirs_exist_ok=True)
    url = ""
    if template.url:
        named = urlsplit(template.url).path[1:]
        url = new_database(server, f"{named}_{number}", named)
    return House(template.hatchery, data, url, template.patient, template.token)
