"""Places in a running act at which a fault strikes: around an SQL statement, a commit, a file operation or a call.

Used inside a child of the hatchery only. Nothing of the product knows of it: statements are seen through Django's execute
wrapper and a watching SQLite connection, files through Python's audit events, calls by wrapping the named function.
"""

from __future__ import annotations

import importlib
import os
import re
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Fault = dict[str, Any]
"""``on`` sql, file or call; ``match`` a pattern; ``when`` before or after; ``nth`` which time; ``do`` what; ``arg`` for it."""

DEADLINE_S = 60.0


class Places:
    """The faults that wait for their place."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = [{"when": "before", "nth": 1, **fault} for fault in faults]
        self.fired: list[str] = []
        self._seen = [0] * len(faults)
        self._busy = False

    def lay(self) -> None:
        """Watch everything that a fault asks for."""
        asked = {fault["on"] for fault in self.faults}
        if "sql" in asked:
            _watch_django(self)
            _watch_sqlite(self)
        if "file" in asked:
            sys.addaudithook(self._audited)
        for fault in self.faults:
            if fault["on"] == "call":
                _wrap(fault["match"], self)

    def reached(self, on: str, what: str, when: str) -> None:
        """Something is about to happen, or has."""
        if self._busy:
            return
        for place, fault in enumerate(self.faults):
            if fault["on"] == on and fault["when"] == when and re.search(fault["match"], what):
                self._seen[place] += 1
                if self._seen[place] == fault["nth"]:
                    self._strike(fault)

    def _strike(self, fault: Fault) -> None:
        self._busy = True
        try:
            self.fired.append(fault["do"])
            _DO[fault["do"]](fault.get("arg"))
        finally:
            self._busy = False

    def _audited(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"):
            named = " ".join(_word(one) for one in args)
            self.reached("file", f"{event} {named}", "before")


def _word(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, (str, bytes, os.PathLike)) else str(value)


def _watch_django(places: Places) -> None:
    from django.db import connection
    from django.db.backends.base.base import BaseDatabaseWrapper

    def seen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        places.reached("sql", sql, "before")
        found = execute(sql, params, many, context)
        places.reached("sql", sql, "after")
        return found

    connection.execute_wrappers.append(seen)
    own = BaseDatabaseWrapper._commit

    def commit(self: Any) -> None:
        places.reached("sql", "COMMIT", "before")
        own(self)
        places.reached("sql", "COMMIT", "after")

    BaseDatabaseWrapper._commit = commit  # type: ignore[method-assign]


def _watch_sqlite(places: Places) -> None:
    """Connections of the ledger's and the claims store's own; Django opens its own in another way."""

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> Any:
            places.reached("sql", sql, "before")
            found = super().execute(sql, *args)
            places.reached("sql", sql, "after")
            return found

        def executemany(self, sql: str, *args: Any) -> Any:
            places.reached("sql", sql, "before")
            found = super().executemany(sql, *args)
            places.reached("sql", sql, "after")
            return found

    own = sqlite3.connect
    sqlite3.connect = lambda *args, **more: own(*args, **{"factory": Watched, **more})  # type: ignore[assignment]


def _wrap(dotted: str, places: Places) -> None:
    """Wrap ``module:function`` or ``module:Class.method``."""
    module, _, path = dotted.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    own: Callable[..., Any] = getattr(owner, name)
    if getattr(own, "watched", None) is not None:
        return

    def wrapped(*args: Any, **more: Any) -> Any:
        places.reached("call", dotted, "before")
        found = own(*args, **more)
        places.reached("call", dotted, "after")
        return found

    wrapped.watched = dotted  # type: ignore[attr-defined]
    setattr(owner, name, wrapped)


def _kill(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _full(_: Any) -> None:
    """From now on the kernel refuses to write to any file of this process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what is said goes to a terminal, not to a file of the full disk
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _cut(_: Any) -> None:
    """PostgreSQL ends this process's session, and has ended it."""
    _end_session("default")


def _cut_snapshot(_: Any) -> None:
    """PostgreSQL ends the session by which a backup reads."""
    _end_session("snapshot")


def _end_session(alias: str) -> None:
    import psycopg
    from django.db import connections

    pid = connections[alias].connection.info.backend_pid
    with psycopg.connect(connection_string(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 20000)", [pid])


def connection_string() -> str:
    """Where the child's PostgreSQL is, by the road that no proxy stands in."""
    return os.environ["FAULTS_STRAIGHT_URL"]


def _wait(folder: Any) -> None:
    """Say that the place is reached, and stay there until told to go on."""
    Path(folder, "here").touch()
    until = time.monotonic() + DEADLINE_S
    while not Path(folder, "go").exists():
        if time.monotonic() > until:
            raise TimeoutError("nobody let the act go on")
        time.sleep(0.005)


def _impatient(_: Any) -> None:
    """Waiting for a claims store that another process holds takes no time."""
    from careledger.claims.store import database

    database._BUSY_S = 0.05


_DO: dict[str, Callable[[Any], None]] = {
    "kill": _kill, "full": _full, "cut": _cut, "cut_snapshot": _cut_snapshot, "wait": _wait, "impatient": _impatient,
}  # fmt: skip


def sql(match: str, when: str = "before", nth: int = 1) -> Fault:
    """Around a statement."""
    return {"on": "sql", "match": match, "when": when, "nth": nth}


def file(match: str, nth: int = 1) -> Fault:
    """Before a file operation, such as ``os.rename .*decisions``."""
    return {"on": "file", "match": match, "when": "before", "nth": nth}


def call(dotted: str, when: str = "before", nth: int = 1) -> Fault:
    """Around a call."""
    return {"on": "call", "match": dotted, "when": when, "nth": nth}


def named(step: str) -> Fault:
    """At a step that the claims store names itself; only killing is done there."""
    return {"on": "step", "match": step}
