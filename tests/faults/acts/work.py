"""The month and its claims, charts, imports and pages, and the work behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.claims.clinic import LATER
from tests.faults.acts.inside import MONTH, in_clinic, member, patient
from tests.web.cast import NOON


def close_month() -> int:
    """The biller closes October."""
    from careledger.core.month import Month
    from careledger.web.revenue.closing import close

    with in_clinic():
        return len(close(acting_user=member("biller"), month=Month.parse(MONTH)).stood)


def file_job() -> int:
    """The biller asks for October's claims."""
    from careledger.web.work.actions import start

    with in_clinic():
        return start(acting_user=member("biller"), kind="claims.make", arguments={"month": MONTH}).pk


def sign_october() -> None:
    """The practitioner reviews and signs October as it stands."""
    from careledger.core.month import Month
    from careledger.web.billing.actions import refresh
    from careledger.web.revenue.signing import review, sign

    month = Month.parse(MONTH)
    with in_clinic():
        refresh(month, NOON.date())
        review(acting_user=member("practitioner"), patient=patient(), month=month)
        sign(acting_user=member("practitioner"), patient=patient(), month=month)


def build_more() -> None:
    """A claim that is ready and has not left."""
    from dataclasses import replace

    from tests.claims.clinic import FIRST

    from careledger.claims.store import put_claims
    from careledger.web.revenue import book

    with in_clinic(), book.store() as store:
        payer = replace(FIRST.payer, policy="medicare_ffs")
        more = replace(FIRST, control_number="2610CCM000099", payer=payer, month="2026-08", practice_id="other")
        put_claims(store, [(more, ())], LATER)


def read_chart() -> None:
    """The nurse opens a chart, which the audit log notes."""
    from careledger.web.audit.actions import record_read

    with in_clinic():
        record_read(acting_user=member("nurse"), patient=patient(), page="chart")


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
    client.force_login(member(role).user, backend="allauth.account.auth_backends.AuthenticationBackend")
    data: dict[str, Any] = dict(cells or {})
    if upload:
        with open(upload, "rb") as stream:
            return client.post(path, {**data, "file": stream}).status_code
    return client.post(path, data).status_code


def load_tables(folder: str) -> dict[str, int]:
    """A folder of tables into the clinic."""
    from careledger.web.patients.loading import load_folder

    with in_clinic():
        return load_folder(Path(folder)).written


def take_tables(archive: str) -> None:
    """An administrator uploads an archive of tables and has it read."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from careledger.web.intake.actions import begin_reading, take

    upload = SimpleUploadedFile("tables.zip", Path(archive).read_bytes())
    with in_clinic():
        row = take(acting_user=member("administrator"), kind="folder", file=upload, options={})
        begin_reading(acting_user=member("administrator"), row=row)


def write_tables() -> None:
    """The administrator has what was looked at written."""
    from careledger.web.intake.actions import begin_writing
    from careledger.web.intake.models import Import

    with in_clinic():
        begin_writing(acting_user=member("administrator"), row=Import.objects.get())


def sign_in(role: str) -> str:
    """A session as signing in leaves it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    user = member(role).user
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
