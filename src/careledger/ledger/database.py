"""The ledger's SQLite file: made once, opened for writing or for reading only."""

from __future__ import annotations

import os
import sqlite3
from importlib import resources
from pathlib import Path

from careledger.core.errors import LedgerError
from careledger.core.ledger import Origin

APPLICATION_ID = 0x434C4C47
"""Marks the file as a ledger ("CLLG"), so that another database is not taken for one."""
BUSY_S = 60.0
"""How long a writer waits for its turn."""


def schema() -> str:
    """The statements that make the tables and their guards."""
    return resources.files("careledger.ledger").joinpath("schema.sql").read_text(encoding="utf-8")


def make(path: Path, origin: Origin, created_s: int) -> None:
    """Make a ledger's file; LedgerError when something stands there already. A crash leaves no half-made ledger."""
    if path.exists():
        raise LedgerError(f"{path.name}: a file of this name exists; a ledger is never overwritten")
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.unlink(missing_ok=True)
    try:
        con = sqlite3.connect(aside, isolation_level=None)
        con.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;")
        con.executescript(f"BEGIN; {schema()} COMMIT;")
        con.execute(
            "INSERT INTO origin VALUES (1, ?, ?, ?, ?)",
            (origin.ledger_id, origin.time_zone, origin.late_after_days, created_s),
        )
        con.execute("PRAGMA journal_mode = WAL")
        con.close()
        os.link(aside, path)  # unlike a rename, a link never overwrites
    except FileExistsError:
        raise LedgerError(f"{path.name}: a file of this name exists; a ledger is never overwritten") from None
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"{path.name}: the ledger cannot be made here ({error})") from error
    finally:
        aside.unlink(missing_ok=True)


def connect(path: Path) -> sqlite3.Connection:
    """Open for writing: what is committed is on the disk before anyone is told."""
    con = _open(path, "rw")
    con.execute("PRAGMA synchronous = FULL")
    con.execute("PRAGMA recursive_triggers = ON")
    return con


def connect_reading(path: Path) -> sqlite3.Connection:
    """Open for reading only; works on a medium that cannot be written, too."""
    try:
        return _open(path, "ro")
    except LedgerError:
        wal = path.with_name(path.name + "-wal")
        if not path.is_file() or (wal.exists() and wal.stat().st_size):
            raise
        return _open(path, "ro&immutable=1")


def read_origin(con: sqlite3.Connection, name: str) -> Origin:
    """What the ledger is bound to; LedgerError when it is missing."""
    row = con.execute("SELECT ledger_id, time_zone, late_after_days FROM origin").fetchone()
    if row is None:
        raise LedgerError(f"{name}: the ledger has no origin: it was made by halves or altered")
    return Origin(ledger_id=row[0], time_zone=row[1], late_after_days=row[2])


def _open(path: Path, mode: str) -> sqlite3.Connection:
    if not path.is_file():
        raise LedgerError(f"{path.name}: no such ledger; make one with `careledger ledger init`")
    place = path.resolve().as_uri()
    try:
        con = sqlite3.connect(f"{place}?mode={mode}", uri=True, timeout=BUSY_S, isolation_level=None)
        (mark,) = con.execute("PRAGMA application_id").fetchone()
        con.execute("SELECT 1 FROM origin").fetchone()
    except sqlite3.Error as error:
        raise LedgerError(f"{path.name}: the file cannot be read as a ledger ({error})") from error
    if mark != APPLICATION_ID:
        con.close()
        raise LedgerError(f"{path.name}: this is a database, but no time ledger")
    return con
