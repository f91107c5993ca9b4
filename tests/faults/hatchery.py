"""A process that has imported everything once and forks a child for each act: quick, and free of the test runner's threads.

The child does one act under the faults it was given and dies or answers; whoever asked learns how it ended.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.faults.places import DEADLINE_S, Fault


@dataclass(slots=True)
class Outcome:
    """How a child ended.

    Attributes:
        signal: what killed it; 0 when it ended by itself.
        fired: the faults that struck, unless the child was killed by one.
        raised: the kind of the exception it ended with, and whether it is one of our own, told in one line.
    """

    signal: int = 0
    status: int = 0
    returned: Any = None
    raised: str = ""
    is_ours: bool = False
    says: str = ""
    fired: list[str] = field(default_factory=list)

    @property
    def was_killed(self) -> bool:
        return self.signal == signal.SIGKILL


class Child:
    """A child that is at work."""

    def __init__(self, line: socket.socket) -> None:
        self._stream = line.makefile("r", encoding="utf-8")
        self.pid = int(json.loads(self._stream.readline())["pid"])

    def ended_within(self, seconds: float) -> bool:
        """Is it over, or will it be soon?"""
        return bool(select.select([self._stream], [], [], seconds)[0])

    def outcome(self) -> Outcome:
        """Wait for its end."""
        with self._stream:
            return Outcome(**json.loads(self._stream.readline()))

    def kill(self, with_signal: int = signal.SIGKILL) -> Outcome:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, with_signal)
        return self.outcome()


class Hatchery:
    """The tests' end of the process that forks."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        environment = {
            **os.environ, "CARELEDGER_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "tests.web.settings",
            "CARELEDGER_KEEPER": "yes", "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[2]), *sys.path)),
        }  # fmt: skip
        environment.pop("DATABASE_URL", None)
        self._log = (folder / "log").open("wb")
        command = [sys.executable, "-m", "tests.faults.hatchery", str(self.socket)]
        self._process = subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log)
        until = time.monotonic() + DEADLINE_S
        while not self.socket.exists():
            assert self._process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, "the hatchery does not come up"
            time.sleep(0.02)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def start(
        self,
        act: str,
        *,
        faults: list[Fault] | None = None,
        house: dict[str, str] | None = None,
        at: datetime | None = None,
        **args: Any,
    ) -> Child:
        """Begin an act ``module:function`` of this folder in a child of its own."""
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(self.socket))
        asked = {
            "act": act, "args": args, "faults": faults or [], "house": house, "at": None if at is None else at.isoformat(),
        }  # fmt: skip
        line.sendall(json.dumps(asked, default=str).encode() + b"\n")
        child = Child(line)
        line.close()
        return child

    def run(self, act: str, **more: Any) -> Outcome:
        """An act to its end."""
        return self.start(act, **more).outcome()


def main() -> None:
    """Import everything, then serve."""
    import django

    django.setup()
    _warm()
    path = sys.argv[1]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    listener.listen(64)
    os.rename(path + ".new", path)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getppid()
    listener.settimeout(2)
    while os.getppid() == parent:  # the tests' runner may be killed
        try:
            line, _ = listener.accept()
        except TimeoutError:
            continue
        line.setblocking(True)
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _attend(line)
            os._exit(0)
        line.close()


def _warm() -> None:
    """What every child would otherwise do again."""
    for name in ("urls", "keeping.backup", "work.actions", "billing.keeper", "revenue.jobs", "patients.loading"):
        importlib.import_module(f"careledger.web.{name}")
    for name in (
        "cli.import_",
        "cli.close",
        "cli.claims",
        "cli.ledger",
        "batch.close",
        "fhir.importer",
        "facts.timelog",
    ):
        importlib.import_module(f"careledger.{name}")
    for name in ("acts", "gunicorn.app.base", "gunicorn.workers.sync", "psycopg", "pyrage"):
        importlib.import_module(f"tests.faults.{name}" if name == "acts" else name)
    from careledger.policy import load_policy
    from careledger.web.billing.queries import policy

    load_policy()
    policy()


def _attend(line: socket.socket) -> None:
    """Have a child do what is asked, and tell how it ended."""
    stream = line.makefile("rw", encoding="utf-8")
    asked = json.loads(stream.readline())
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setsid()
        _act(asked, writer)
    os.close(writer)
    stream.write(json.dumps({"pid": child}) + "\n")
    stream.flush()
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    _, ended = os.waitpid(child, 0)
    outcome = json.loads(told) if told else {}
    outcome["signal"] = os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 0
    outcome["status"] = os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else 0
    with contextlib.suppress(BrokenPipeError):
        stream.write(json.dumps(outcome) + "\n")
        stream.flush()


def _act(asked: dict[str, Any], writer: int) -> None:
    """The child: one act, then its end."""
    from tests.faults.places import Places

    from careledger.core.errors import CareLedgerError

    told: dict[str, Any] = {}
    places = Places([fault for fault in asked["faults"] if fault["on"] != "step"])
    try:
        _move_in(asked)
        places.lay()
        module, _, name = asked["act"].partition(":")
        told["returned"] = getattr(importlib.import_module(f"tests.faults.{module}"), name)(**asked["args"])
    except SystemExit as ended:
        told["returned"] = ended.code
    except BaseException as error:
        told |= {"raised": type(error).__name__, "is_ours": isinstance(error, CareLedgerError)}
        told["says"] = str(error) if told["is_ours"] else traceback.format_exc()
    told["fired"] = places.fired
    os.write(writer, json.dumps(told, default=str).encode())
    os._exit(0)


def _move_in(asked: dict[str, Any]) -> None:
    """The clock, the clinic and the step that the act is to have."""
    from careledger.claims.store import steps

    if (at := asked["at"]) is not None:
        from django.utils import timezone

        moment = datetime.fromisoformat(at)
        timezone.now = lambda: moment
    for fault in asked["faults"]:
        if fault["on"] == "step":
            os.environ[steps.VARIABLE] = fault["match"]
            steps.restart()
    if asked["house"] is not None:
        _settle(asked["house"])


def _settle(house: dict[str, str]) -> None:
    """Point Django at the clinic's own folder and database."""
    from django.conf import settings
    from django.db import connections

    settings.DATA = Path(house["data"])
    os.environ["CARELEDGER_DATA"] = house["data"]
    if url := house.get("url"):
        import dj_database_url

        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
        found["OPTIONS"] = {"options": "-c jit=off"}
        os.environ["DATABASE_URL"], os.environ["FAULTS_STRAIGHT_URL"] = url, house.get("straight", url)
    else:
        found = {**settings.DATABASES["default"], "NAME": Path(house["data"], "clinic.sqlite3")}
        found["OPTIONS"] = {**found["OPTIONS"], "timeout": float(house.get("patience_s", 30))}
    connections.settings = connections.configure_settings({"default": found})
    settings.DATABASES = connections.settings
    with contextlib.suppress(AttributeError):
        del connections["default"]


if __name__ == "__main__":
    main()
