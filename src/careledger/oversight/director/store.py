"""The store of the director's log: one SQLite file that only grows."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from importlib import resources
from pathlib import Path

from careledger.core.errors import InputError, Place
from careledger.core.month import Month
from careledger.oversight.director.model import Agreement, Approval, DirectorEntry

APPLICATION = 0x44495247
"""Marks the file as a director's log, so that no other store opens it by mistake and it opens no other."""


class DirectorLog:
    """An open director's log."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path) -> DirectorLog:
        """Open a log; a new one is made when there is none.

        Raises:
            InputError: the file is something else.
        """
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
            if not tables and mark == 0:
                connection.executescript(
                    resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
                )
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
            elif mark != APPLICATION:
                raise sqlite3.DatabaseError("another kind of store")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise InputError(
                Place(str(path)), f"no director's log ({error})", "name the file of a director's log, or a new one"
            ) from None
        return cls(connection, path)

    def __enter__(self) -> DirectorLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def agree(self, agreement: Agreement) -> None:
        """Record an agreement, once."""
        self._add(
            "INSERT INTO agreement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                agreement.agreement_id, agreement.director, agreement.practice, agreement.approver, str(agreement.signed_on),
                str(agreement.starts_on), str(agreement.ends_on), agreement.rate_cents_per_hour, agreement.cap_minutes_per_month,
                json.dumps(agreement.duties), json.dumps(agreement.terms),
            ),
            "agreement",
        )  # fmt: skip

    def agreement(self, agreement_id: str) -> Agreement:
        """An agreement by its id."""
        row = self._connection.execute("SELECT * FROM agreement WHERE agreement_id = ?", (agreement_id,)).fetchone()
        if row is None:
            raise InputError(
                Place(str(self.path), field="agreement"),
                "there is no such agreement",
                "record it with 'oversight director agree'",
            )
        id_, director, practice, approver, signed, starts, ends, rate, cap, duties, terms = row
        days = (date.fromisoformat(day) for day in (signed, starts, ends))
        signed_on, starts_on, ends_on = days
        return Agreement(
            agreement_id=id_, director=director, practice=practice, approver=approver, signed_on=signed_on, starts_on=starts_on,
            ends_on=ends_on, rate_cents_per_hour=rate, cap_minutes_per_month=cap, duties=json.loads(duties), terms=tuple(json.loads(terms)),
        )  # fmt: skip

    def log(self, agreement_id: str, duty: str, start_s: int, end_s: int, on: date, what: str, recorded_s: int) -> int:
        """Log a stretch of work under a duty of the agreement; gives its number.

        Raises:
            InputError: the duty is not in the agreement, the day is outside it, or the month is approved.
        """
        agreement = self.agreement(agreement_id)
        if duty not in agreement.duties:
            raise InputError(
                Place("entry", field="duty"),
                "the agreement names no such duty",
                f"it names {', '.join(agreement.duties)}",
            )
        if not agreement.starts_on <= on <= agreement.ends_on:
            raise InputError(
                Place("entry", field="on"),
                "the agreement is not in force on that day",
                f"it runs {agreement.starts_on} to {agreement.ends_on}",
            )
        values = (agreement_id, duty, start_s, end_s, str(on), what, recorded_s)
        return self._add(
            "INSERT INTO entry (agreement_id, duty, start_s, end_s, on_day, what, recorded_s) VALUES (?, ?, ?, ?, ?, ?, ?)",
            values,
            "entry",
        )

    def void(self, entry_id: int, why: str, recorded_s: int) -> int:
        """Correct by adding: an entry that voids another; log the right one anew."""
        return self._add(
            "INSERT INTO entry (agreement_id, duty, start_s, end_s, on_day, what, recorded_s, voids, why_void) "
            "SELECT agreement_id, duty, start_s, end_s, on_day, what, ?, entry_id, ? FROM entry WHERE entry_id = ? AND voids IS NULL",
            (recorded_s, why, entry_id),
            "entry",
        )

    def entries(self, agreement_id: str, month: Month) -> list[DirectorEntry]:
        """Entries of a month that stand, in order of time."""
        rows = self._connection.execute(
            "SELECT entry_id, agreement_id, duty, start_s, end_s, on_day, what, recorded_s FROM entry e WHERE agreement_id = ? "
            "AND substr(on_day, 1, 7) = ? AND voids IS NULL AND NOT EXISTS (SELECT 1 FROM entry v WHERE v.voids = e.entry_id) "
            "ORDER BY start_s, entry_id",
            (agreement_id, str(month)),
        ).fetchall()
        return [
            DirectorEntry(
                entry_id=i, agreement_id=a, duty=d, start_s=s, end_s=e, on=date.fromisoformat(on), what=w, recorded_s=r
            )
            for i, a, d, s, e, on, w, r in rows
        ]

    def approve(self, agreement_id: str, approval: Approval) -> None:
        """Sign a month; nothing can be logged into it afterwards."""
        if approval.approver != self.agreement(agreement_id).approver:
            raise InputError(
                Place("approval", field="approver"), "the agreement names another approver", "let them sign"
            )
        a = approval
        self._add(
            "INSERT INTO approval VALUES (?, ?, ?, ?, ?, ?, ?)",
            (agreement_id, a.month, a.approver, str(a.approved_on), a.minutes, a.amount_cents, a.signature),
            "approval",
        )

    def approval(self, agreement_id: str, month: Month) -> Approval | None:
        """The signature under a month, if it was given."""
        row = self._connection.execute(
            "SELECT month, approver, approved_on, minutes, amount_cents, signature FROM approval WHERE agreement_id = ? AND month = ?",
            (agreement_id, str(month)),
        ).fetchone()
        if row is None:
            return None
        named, approver, on, minutes, cents, signature = row
        return Approval(
            month=named,
            approver=approver,
            approved_on=date.fromisoformat(on),
            minutes=minutes,
            amount_cents=cents,
            signature=signature,
        )

    def _add(self, sql: str, values: tuple[object, ...], what: str) -> int:
        try:
            cursor = self._connection.execute(sql, values)
        except sqlite3.IntegrityError as error:
            raise InputError(Place(what), f"it is refused ({error})", "correct it and record it again") from None
        if cursor.rowcount != 1:
            raise InputError(Place(what), "there is nothing to void", "name an entry that stands")
        return int(cursor.lastrowid or 0)
