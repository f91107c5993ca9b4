"""What children of the hatchery do: one act of the product each, and what the house holds afterwards."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.claims.clinic import CLAIMS, LATER, put, send
from tests.web.cast import NOON, ZONE, make_cast

MONTH = "2026-10"
CONFIG = """
submitter: {name: Lakeside, number: "SUBMIT77", contact: Jo Biller, phone: "5185550100"}
payers:
  medicare_ffs: {name: Medicare Part B, number: "13282", filing: MB, receiver: {name: Medicare Part B, number: "13282"}}
charges: {"99490": "95.00", "99439": 70}
"""
MEMBER_ID = "1EG4TE5MK73"


def migrate() -> None:
    """An empty database gets its tables."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()


def make_clinic() -> dict[str, Any]:
    """The cast with a logged October, an API token, and claims that have left, in a migrated database."""
    from django.db import connection

    cast = make_cast()
    with _in_clinic():
        _ready_for_claims(cast)
        token = _token()
    connection.close()
    return {"patient": cast.patient.pk, "token": token}


def _ready_for_claims(cast: Any) -> None:
    from careledger.web.patients.models import Coverage, Patient
    from careledger.web.revenue import book
    from careledger.web.tenancy.models import Person, Practice
    from careledger.web.timers.actions import log_time

    Practice.objects.update(
        npi="1234567893", tax_id="123456789", address="1 Lake Road", city="Lakeside", state="NY", zip="120101234",
        phone="5185550100", taxonomy="207Q00000X", locality="1328299",
    )  # fmt: skip
    Person.objects.filter(code="dr-1").update(npi="1932102084", name="Dana Lake", taxonomy="207Q00000X")
    Patient.objects.update(address="2 Lake Road", city="Lakeside", state="NY", zip="12010", sex="female")
    Coverage.objects.update(member_id=MEMBER_ID)
    start = int(datetime(2026, 10, 6, 10, tzinfo=ZONE).timestamp())
    log_time(
        acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=start, end_s=start + 1500,
        activity="call_patient", contact="patient", note="Talked about readings and the plan.", entry_id="october",
    )  # fmt: skip
    book.config_file().write_text(CONFIG)
    with book.store() as store:
        put(store, CLAIMS)
        send(store, book.folder_of() / "sent")


def _token() -> str:
    from careledger.web.api.tokens import make_token

    return make_token(acting_user=_member("nurse"), name="device", scopes=("time:write", "patients:read"), days=30)[1]


def _in_clinic() -> Any:
    """The clinic's scope and its zone."""
    from contextlib import ExitStack

    from django.utils import timezone

    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in

    clinic = Organisation.objects.get(slug="lakeside")
    stack = ExitStack()
    stack.enter_context(acting_in(clinic))
    stack.enter_context(timezone.override(clinic.zone))
    return stack


def _member(role: str) -> Any:
    from careledger.web.accounts.models import Membership

    return Membership.objects.select_related("user", "person").get(role=role, organisation__slug="lakeside")


def _patient() -> Any:
    from careledger.web.patients.models import Patient

    return Patient.objects.get(code="p1")


# The clinic's own acts.


def log(once: str, minute: int = 0) -> str:
    """The nurse logs five minutes of this morning."""
    from careledger.web.timers.actions import log_time

    with _in_clinic():
        start = int((NOON - timedelta(hours=3) + timedelta(minutes=minute)).timestamp())
        row = log_time(
            acting_user=_member("nurse"), patient=_patient(), programs=("ccm",), start_s=start, end_s=start + 300,
            activity="call_patient", note="Called.", entry_id=once,
        )  # fmt: skip
        return row.entry_id


def log_october() -> str:
    """The nurse logs five minutes of October late."""
    from careledger.web.timers.actions import log_time

    with _in_clinic():
        start = int(datetime(2026, 10, 20, 10, tzinfo=ZONE).timestamp())
        row = log_time(
            acting_user=_member("nurse"), patient=_patient(), programs=("ccm",), start_s=start, end_s=start + 300,
            activity="call_patient", note="Called.", entry_id="late-october",
        )  # fmt: skip
        return row.entry_id


def void(entry_id: str) -> None:
    """Take an entry out of what counts."""
    from careledger.web.timers.actions import void_entry
    from careledger.web.timers.models import TimeEntry

    with _in_clinic():
        void_entry(acting_user=_member("nurse"), entry=TimeEntry.objects.get(entry_id=entry_id), reason="wrong patient")


def replace(entry_id: str) -> None:
    """Put a corrected entry in the place of one."""
    from careledger.web.timers.actions import replace_entry
    from careledger.web.timers.models import TimeEntry

    with _in_clinic():
        entry = TimeEntry.objects.get(entry_id=entry_id)
        replace_entry(acting_user=_member("nurse"), entry=entry, reason="wrong end", end_s=entry.end_s - 60)


def start_timer() -> int:
    """The nurse starts the timer."""
    from careledger.web.timers.stopwatch import start_timer

    with _in_clinic():
        return start_timer(acting_user=_member("nurse"), patient=_patient(), program="ccm").pk


def pause_timer() -> None:
    """The nurse pauses the timer."""
    from careledger.web.timers.stopwatch import pause_timer

    with _in_clinic():
        pause_timer(acting_user=_member("nurse"))


def resume_timer() -> None:
    """The nurse goes on."""
    from careledger.web.timers.stopwatch import resume_timer

    with _in_clinic():
        resume_timer(acting_user=_member("nurse"))


def log_elsewhere(once: str) -> None:
    """A nurse of the other organisation, whose ledger has no entry yet, logs a minute."""
    from careledger.web.accounts.models import Membership
    from careledger.web.patients.models import Patient
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in
    from careledger.web.timers.actions import log_time

    with acting_in(Organisation.objects.get(slug="hillcrest")):
        start = int((NOON - timedelta(hours=1)).timestamp())
        log_time(
            acting_user=Membership.objects.select_related("person").get(organisation__slug="hillcrest"),
            patient=Patient.objects.get(), programs=("ccm",), start_s=start, end_s=start + 60, note="Called.", entry_id=once,
        )  # fmt: skip


def elsewhere() -> list[str]:
    """Entries of the other organisation's ledger."""
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in
    from careledger.web.timers.ledger import ledger_faults
    from careledger.web.timers.models import TimeEntry

    with acting_in(Organisation.objects.get(slug="hillcrest")):
        assert ledger_faults() == []
        return list(TimeEntry.objects.values_list("entry_id", flat=True))


def stop_timer() -> int:
    """The nurse stops the timer; the seconds that were logged."""
    from careledger.web.timers.stopwatch import stop_timer

    with _in_clinic():
        entries = stop_timer(acting_user=_member("nurse"), activity="call_patient", note="Called.")
        return sum(entry.length_s for entry in entries)


def see_timer() -> None:
    """A visible page reports."""
    from careledger.web.timers.stopwatch import see_timer

    with _in_clinic():
        see_timer(acting_user=_member("nurse"))


def close_month() -> int:
    """The biller closes October."""
    from careledger.core.month import Month
    from careledger.web.revenue.closing import close

    with _in_clinic():
        return len(close(acting_user=_member("biller"), month=Month.parse(MONTH)).stood)


def file_job() -> int:
    """The biller asks for October's claims."""
    from careledger.web.work.actions import start

    with _in_clinic():
        return start(acting_user=_member("biller"), kind="claims.make", arguments={"month": MONTH}).pk


def sign_october() -> None:
    """The practitioner reviews and signs October as it stands."""
    from careledger.core.month import Month
    from careledger.web.billing.actions import refresh
    from careledger.web.revenue.signing import review, sign

    month = Month.parse(MONTH)
    with _in_clinic():
        refresh(month, NOON.date())
        review(acting_user=_member("practitioner"), patient=_patient(), month=month)
        sign(acting_user=_member("practitioner"), patient=_patient(), month=month)


def build_more() -> None:
    """A claim that is ready and has not left."""
    from dataclasses import replace

    from tests.claims.clinic import FIRST

    from careledger.claims.store import put_claims
    from careledger.web.revenue import book

    with _in_clinic(), book.store() as store:
        payer = replace(FIRST.payer, policy="medicare_ffs")
        more = replace(FIRST, control_number="2610CCM000099", payer=payer, month="2026-08", practice_id="other")
        put_claims(store, [(more, ())], LATER)


def read_chart() -> None:
    """The nurse opens a chart, which the audit log notes."""
    from careledger.web.audit.actions import record_read

    with _in_clinic():
        record_read(acting_user=_member("nurse"), patient=_patient(), page="chart")


def do_jobs() -> int:
    """A server's worker does what waits."""
    from careledger.web.work.actions import do_all

    return do_all()


def keep() -> int:
    """A server's keeper decides what is out of date."""
    from careledger.web.billing.keeper import keep_all

    return keep_all(breath=0)


def press(role: str, path: str, cells: dict[str, str] | None = None, upload: str = "") -> int:
    """A member sends a form of a page; the answer's status."""
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.force_login(_member(role).user, backend="allauth.account.auth_backends.AuthenticationBackend")
    data: dict[str, Any] = dict(cells or {})
    if upload:
        with open(upload, "rb") as stream:
            return client.post(path, {**data, "file": stream}).status_code
    return client.post(path, data).status_code


def load_tables(folder: str) -> dict[str, int]:
    """A folder of tables into the clinic."""
    from careledger.web.patients.loading import load_folder

    with _in_clinic():
        return load_folder(Path(folder)).written


def take_tables(archive: str) -> None:
    """An administrator uploads an archive of tables and has it read."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from careledger.web.intake.actions import begin_reading, take

    upload = SimpleUploadedFile("tables.zip", Path(archive).read_bytes())
    with _in_clinic():
        row = take(acting_user=_member("administrator"), kind="folder", file=upload, options={})
        begin_reading(acting_user=_member("administrator"), row=row)


def write_tables() -> None:
    """The administrator has what was looked at written."""
    from careledger.web.intake.actions import begin_writing
    from careledger.web.intake.models import Import

    with _in_clinic():
        begin_writing(acting_user=_member("administrator"), row=Import.objects.get())


def sign_in(role: str) -> str:
    """A session as signing in leaves it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    user = _member(role).user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key or ""


def serve(port: int, keeps: bool = False, threads: int = 1) -> None:
    """The clinic behind gunicorn, as a real install runs it, until it is ended."""
    from django.conf import settings
    from gunicorn.app.base import BaseApplication

    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.KEEPER = keeps

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            told = {"bind": f"127.0.0.1:{port}", "workers": 1, "threads": threads, "loglevel": "warning", "timeout": 60}
            for name, value in {**told, "graceful_timeout": 1, "control_socket_disable": True}.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from careledger.web.wsgi import application

            return application

    Server().run()


# What the house holds.


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

    with _in_clinic():
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


# Acts on files, as the command line does them.


def cli(*, told: list[str], cwd: str = "") -> Any:
    """A ``careledger`` command; its exit status."""
    from careledger.cli import main

    if cwd:
        os.chdir(cwd)
    import sys

    sys.argv = ["careledger", *told]
    main.main()
    return 0


def ledger_log(path: str, name: str, now_s: int = 0, minute: int = 0) -> bool:
    """A minute into a ledger's file; is it new?"""
    from careledger.core.records import TimeEntry
    from careledger.ledger import Ledger
    from careledger.ledger.store import system_clock

    start_s = 1_700_000_000 + 60 * minute
    work = TimeEntry(entry_id=name, patient_id="p", by="rn-1", programs=("ccm",), start_s=start_s, end_s=start_s + 60)
    with Ledger(Path(path), clock=(lambda: now_s) if now_s else system_clock) as ledger:
        return ledger.log(work, recorded_by="rn-1").is_new


def build_claims(file: str) -> None:
    """Claims into a store."""
    from careledger.claims.store import Store

    with Store.open(Path(file)) as store:
        put(store)


def send_claims(file: str, out: str) -> int:
    """Ready claims leave."""
    from careledger.claims.store import Store

    with Store.open(Path(file)) as store:
        return len(send(store, Path(out)))


def post_remittance(file: str, remitted: str) -> str:
    """A remittance into the books; what became of it."""
    from careledger.claims.posting import post_835
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    with Store.open(Path(file)) as store:
        return post_835(store, Path(remitted).read_bytes(), Path(remitted).name, load_policy(), LATER).state


def post_acknowledgement(file: str, answered: str) -> str:
    """An acknowledgement into the store; what became of it."""
    from careledger.claims.answers import post_answers
    from careledger.claims.store import Store

    with Store.open(Path(file)) as store:
        return post_answers(store, Path(answered).read_bytes(), Path(answered).name, LATER).state


def release(file: str, file_id: str) -> str:
    """A file that was put aside is posted on a person's word."""
    from careledger.claims.posting import Release, release_file
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    with Store.open(Path(file)) as store:
        return release_file(store, file_id, load_policy(), LATER, Release(by="jo", because="rounded")).state


def close_folder(data: str, out: str) -> dict[str, Any]:
    """Close October in a folder of tables."""
    from careledger.batch.close import close_month
    from careledger.core.month import Month
    from careledger.policy import load_policy

    done = close_month(Path(data), Path(out), Month.parse(MONTH), load_policy(), as_of=date(2026, 11, 20), threads=1)
    return done.totals


def import_log(file: str, out: str) -> dict[str, int]:
    """A time log into the tables."""
    from careledger.facts.timelog import import_timelog

    found = import_timelog(Path(file), Path(out))
    return {"new": found.new, "there": found.already_there, "faults": len(found.faults)}


def import_resources(path: str, out: str) -> dict[str, Any]:
    """FHIR resources into the tables."""
    from careledger.fhir.importer import import_fhir

    found = import_fhir(Path(path), Path(out))
    return {"kept": dict(found.kept), "faults": found.faults}


def restore(file: str, key: str) -> int:
    """An empty clinic becomes what a backup held."""
    from careledger.web.keeping.backup import restore

    return len(restore(Path(file), Path(key))["files"])


def back_up(file: str, public: str) -> int:
    """Everything into one encrypted file."""
    from careledger.web.keeping.backup import back_up

    return len(back_up(Path(file), [public])["files"])


def make_key(file: str) -> str:
    """A key for backups."""
    from careledger.web.keeping.backup import make_key

    return make_key(Path(file))


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
