"""What a house, a ledger or a claims store holds, and what its verifiers say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.acts.inside import in_clinic


def state() -> dict[str, Any]:
    """Everything that a fault might lose, double or leave half done, and what the verifiers say."""
    from django.db import connection

    from careledger.web.audit.chain import faults
    from careledger.web.audit.models import AuditEvent
    from careledger.web.intake.models import Import
    from careledger.web.revenue.models import ClosedMonth
    from careledger.web.tenancy.models import Organisation
    from careledger.web.timers.ledger import ledger_faults
    from careledger.web.timers.models import TimeEntry, Timer, TimerStretch
    from careledger.web.work.models import Job

    with in_clinic():
        entries = TimeEntry.objects.order_by("sequence").select_related("corrects")
        found: dict[str, Any] = {
            "entries": [[row.entry_id, row.kind, row.start_s, row.end_s] for row in entries],
            "current": sorted(TimeEntry.objects.current().values_list("entry_id", flat=True)),
            "timers": list(Timer.objects.values_list("state", flat=True)),
            "stretches": TimerStretch.objects.count(),
            "closed": [list(row) for row in ClosedMonth.objects.values_list("month", "is_closed")],
            "imports": Import.objects.count(),
            "jobs": sorted(Job.objects.values_list("kind", "state")),
            "audit": dict(Counter(AuditEvent.objects.values_list("action", flat=True))),
            "patients": _patients(),
            "store": _store(),
            "faults": [str(one) for one in ledger_faults()],
        }
    for house in Organisation.objects.all():
        found["faults"] += faults(house.pk)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found["faults"] += [row[0] for row in cursor.fetchall() if row[0] != "ok"]
    connection.check_constraints()
    return found


def _patients() -> int:
    from careledger.web.patients.models import Patient

    return Patient.objects.count()


def _store() -> dict[str, Any]:
    from careledger.web.revenue import book

    return store_state(str(book.folder_of() / "claims.db"))


def store_state(file: str) -> dict[str, Any]:
    """A claims store: what it holds, its books, and what is wrong with it."""
    from careledger.claims.store import Store
    from careledger.claims.store.journals import balances, unbalanced

    with Store.open(Path(file)) as store:
        wrong = [str(row) for row in unbalanced(store)]
        wrong += [row[0] for row in store.rows("PRAGMA integrity_check") if row[0] != "ok"]
        wrong += [str(tuple(row)) for row in store.rows("PRAGMA foreign_key_check")]
        counted = "SELECT state, COUNT(*) AS n FROM claim GROUP BY state"
        return {
            "claims": {row["state"]: row["n"] for row in store.rows(counted)},
            "batches": store.number("SELECT COUNT(*) FROM batch"),
            "in_batches": store.number("SELECT COUNT(*) FROM batch_claim"),
            "twice_sent": store.number(
                "SELECT COUNT(*) FROM (SELECT claim_id FROM batch_claim GROUP BY claim_id HAVING COUNT(*) > 1)"
            ),
            "payments": store.number("SELECT COUNT(*) FROM payment"),
            "files": {row["state"]: row["n"] for row in store.rows("SELECT state, COUNT(*) AS n FROM received_file GROUP BY state")},
            "answers": store.number("SELECT COUNT(*) FROM answer"),
            "work": store.number("SELECT COUNT(*) FROM work"),
            "books": balances(store),
            "wrong": wrong,
        }  # fmt: skip


def elsewhere() -> list[str]:
    """Entries of the other organisation's ledger."""
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in
    from careledger.web.timers.ledger import ledger_faults
    from careledger.web.timers.models import TimeEntry

    with acting_in(Organisation.objects.get(slug="hillcrest")):
        assert ledger_faults() == []
        return list(TimeEntry.objects.values_list("entry_id", flat=True))


def contents(folder: str) -> dict[str, str]:
    """Every table as it would be exported, and every file beside the database, by fingerprint."""
    import hashlib
    import shutil
    import tempfile

    from django.conf import settings

    from careledger.web.keeping.tables import dump

    out = Path(tempfile.mkdtemp(dir=folder))
    dump(out, with_sign_in=True)
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.glob("*.*.csv"))}
    shutil.rmtree(out)
    for file in sorted(settings.DATA.rglob("*")):
        if (
            file.is_file()
            and "clinic.sqlite3" not in file.name
            and file.name not in ("secret_key", "claims.db-shm", "claims.db-wal")
        ):
            name = str(file.relative_to(settings.DATA))
            found[name] = str(store_state(str(file))) if file.name == "claims.db" else hashlib.sha256(file.read_bytes()).hexdigest()  # fmt: skip
    return found


def guarded() -> list[str]:
    """Tables that only grow and are not guarded against it."""
    from django.db import connection

    from careledger.web.tenancy.append_only import tables

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT event_object_table FROM information_schema.triggers")
        there = {row[0] for row in cursor.fetchall()}
    return [table for table in tables() if table not in there]
