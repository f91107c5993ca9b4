"""Words that exist nowhere else are driven through pages, API, commands and background work, and appear in no log or error.

The canaries are a patient's name, Medicare number and note, and each secret of the service.
"""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.claims.remittances import REMITTANCE
from tests.intake.test_tables import GOOD
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.test_doors import VIEWS, arguments

from careledger.cli import main as cli
from careledger.web.accounts.logs import Discreet
from careledger.web.accounts.roles import may
from careledger.web.api.tokens import make_token
from careledger.web.patients.models import Coverage, Patient
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.work.actions import do_all, start
from careledger.web.work.kinds import _KINDS, Kind
from careledger.web.work.models import Job

ROOT = Path(__file__).parents[2]
WORD = "a passphrase for tests"
FAMILY, GIVEN, MEMBER, NOTE = "Quelzathorn", "Ysmeraldine", "1EG4TE5MK73", "zephyrnote said so"
PATIENT = (FAMILY, GIVEN, MEMBER, NOTE)


class Log:
    """What the service would have written to its log: every logger's records, formatted as the settings say."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setFormatter(Discreet("%(levelname)s %(name)s: %(message)s"))
        self.handler.setLevel(logging.INFO)

    def holds(self, *words: str) -> list[str]:
        found = self.text.getvalue()
        return [word for word in words if word in found]


@pytest.fixture
def log() -> Iterator[Log]:
    kept, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(kept.handler)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(kept.handler)
    root.setLevel(level)


@pytest.fixture
def marked(cast: Cast, clock: Clock) -> Cast:
    """The cast, with a patient all of canaries."""
    cache.clear()
    with acting_in(cast.clinic):
        Patient.objects.filter(pk=cast.patient.pk).update(family_name=FAMILY, given_name=GIVEN)
        Coverage.objects.filter(patient=cast.patient).update(member_id=MEMBER)
        log_time(
            acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=clock.s - 900, end_s=clock.s - 300,
            activity="call_patient", note=NOTE,
        )  # fmt: skip
    return cast


def test_the_settings_log_by_the_discreet_formatter_and_nothing_else() -> None:
    from careledger.web.settings import LOGGING

    assert LOGGING["handlers"]["console"]["formatter"] == "discreet"
    assert LOGGING["formatters"]["discreet"]["()"] == f"{Discreet.__module__}.{Discreet.__qualname__}"
    assert list(LOGGING["handlers"]) == ["console"]
    assert django_settings.ADMINS == [], "no error is mailed to anyone"


def test_the_formatter_shows_kind_and_place_and_no_words() -> None:
    try:
        try:
            raise ValueError(FAMILY)
        except ValueError as cause:
            raise KeyError(MEMBER) from cause
    except KeyError:
        shown = Discreet().formatException(sys.exc_info())
    assert "KeyError at" in shown
    assert "ValueError at" in shown
    assert "test_canaries.py" in shown
    assert not [word for word in PATIENT if word in shown]


def test_pages_and_their_refusals_log_no_patient(marked: Cast, as_role: Callable[[str], Client], log: Log) -> None:
    bad = {
        "q": FAMILY,
        "note": NOTE,
        "start": GIVEN,
        "end": MEMBER,
        "on": FAMILY,
        "reason": NOTE,
        "code": MEMBER,
        "name": FAMILY,
    }
    clients = {
        role: as_role(role) for role in ("nurse", "biller", "compliance", "administrator", "practitioner", "director")
    }
    for client in clients.values():
        client.raise_request_exception = False
        client.post("/account/reauthenticate/", {"password": WORD})
    for name, view in VIEWS:
        role = next((role for role in clients if may(role, view.permission)), None)
        if role is not None and name not in ("lock", "unlock"):
            path = reverse(name, kwargs=arguments(name, marked))
            clients[role].get(path, {"q": FAMILY})
            clients[role].post(path, bad)
    assert "WARNING" in log.text.getvalue(), "the log was listening"
    assert log.holds(*PATIENT) == []


def test_a_page_that_breaks_tells_nobody_what_it_held(
    marked: Cast, as_role: Callable[[str], Client], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"duplicate key ({FAMILY}, {GIVEN}, {MEMBER}): {NOTE}")

    monkeypatch.setattr("careledger.web.patients.queries.patients", breaks)
    client = as_role("nurse")
    client.raise_request_exception = False
    answer = client.get(f"/patients/?q={FAMILY}")
    assert answer.status_code == 500
    assert not [word for word in PATIENT if word in answer.content.decode()]
    assert "RuntimeError at" in log.text.getvalue()
    assert log.holds(*PATIENT) == []


@pytest.mark.parametrize("content", [
    REMITTANCE.replace("NM1*QC*1*", f"NM1*QC*1*{FAMILY}X").replace("SVC*", f"SVC*{MEMBER}*").encode(),
    f"ISA*{FAMILY}*{MEMBER}".encode(),
    json.dumps({"resourceType": "Patient", "id": FAMILY, "name": GIVEN, "birthDate": NOTE}).encode(),
    f"patient_id,family_name\n{FAMILY},{GIVEN},{MEMBER}\n".encode(),
])  # fmt: skip
def test_bad_files_log_nothing_of_what_stands_in_them(
    marked: Cast, as_role: Callable[[str], Client], log: Log, content: bytes
) -> None:
    doors = {
        "biller": ("/claims/remittances/post/", "/claims/remittances/paper/", "/claims/answers/"),
        "administrator": ("/settings/imports/",),
    }
    for role, paths in doors.items():
        client = as_role(role)
        client.raise_request_exception = False
        client.post("/account/reauthenticate/", {"password": WORD})
        for path in paths:
            for what in ("fhir", "timelog", "folder"):
                sent = SimpleUploadedFile(f"{FAMILY}.json", content)
                client.post(path, {"file": sent, "act": "look", "what": what})
    do_all()
    assert log.holds(*PATIENT) == []


def test_the_api_logs_neither_patient_nor_token(marked: Cast, log: Log) -> None:
    with acting_in(marked.clinic):
        _, plain = make_token(acting_user=marked["nurse"], name="phone", scopes=["patients:read", "time:write"], days=1)
    for token in (plain, plain[:-1]):
        for path in (
            "/api/patients",
            f"/api/patients/{marked.patient.pk}/time",
            f"/api/patients/{FAMILY}",
            f"/api/x?q={FAMILY}",
        ):
            headers = {"Authorization": f"Bearer {token}"}
            Client().get(path.replace(FAMILY, "p"), {"q": FAMILY}, headers=headers)
            Client().post(
                path, json.dumps({"note": NOTE, "start": FAMILY}), content_type="application/json", headers=headers
            )
    assert log.holds(GIVEN, MEMBER, NOTE, plain, plain[:-1]) == []


def test_signing_in_logs_no_secret(cast: Cast, log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    cache.clear()
    secret = generate_totp_secret()
    TOTP.activate(cast["nurse"].user, secret)
    wrong = "a guess that is wrong"
    client = Client()
    for word in (wrong, WORD):
        client.post("/account/login/", {"login": "nurse@lakeside.example", "password": word})
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    Client().post("/account/password/reset/", {"email": "nurse@lakeside.example"})
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    told = log.text.getvalue() + "".join(capfd.readouterr())
    for canary in (wrong, WORD, secret, session, "000000", django_settings.SECRET_KEY, "/password/reset/key/"):
        assert canary not in told, canary


def test_background_work_that_breaks_hides_its_words(marked: Cast, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> dict[str, Any]:
        raise RuntimeError(" ".join(PATIENT))

    monkeypatch.setitem(_KINDS, "breaks", Kind("breaks", "Breaks", breaks))
    with acting_in(marked.clinic):
        job = start(acting_user=marked["nurse"], kind="breaks", arguments={})
    do_all()
    with acting_in(marked.clinic):
        job = Job.objects.get(pk=job.pk)
    assert job.state == "failed"
    assert not [word for word in PATIENT if word in f"{job.says} {job.result}"]
    assert f"job {job.pk}" in log.text.getvalue()
    assert log.holds(*PATIENT) == []


def _run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The command as the shell would run it: status, and everything on both streams."""
    monkeypatch.setattr(sys, "argv", ["careledger", *map(str, words)])
    status = 0
    try:
        cli.main()
    except SystemExit as end:
        status = int(end.code or 0)
    return status, "".join(capsys.readouterr())


@pytest.mark.parametrize("table", [*GOOD])
def test_tables_full_of_faults_are_told_without_their_cells(
    tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head, _, rows = GOOD[table].partition("\n")
    first, *cells = rows.split("\n")[0].split(",")
    spoilt = ",".join([first, *(PATIENT[at % 4] for at, _ in enumerate(cells))])
    for name, text in {**GOOD, table: f"{head}\n{spoilt}\n{spoilt},{NOTE}\n"}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    status, told = _run(
        monkeypatch, capsys, "close", "--data", tmp_path, "--month", "2026-03", "--out", tmp_path / "out"
    )
    assert status in (1, 2), told
    assert f"{table}.csv" in told
    assert not [word for word in PATIENT if word in told], told


HEAD = "patient_id,staff_id,program,started_at,minutes,note"
BAD_FILES = {
    "log.csv": f"{HEAD}\np1,{GIVEN},{FAMILY},{MEMBER},{NOTE},{NOTE}\np1,n1,ccm,2026-10-01 10:00,x,{NOTE}\n",
    "in.ndjson": json.dumps({"resourceType": "Patient", "id": "p1", "name": FAMILY, "birthDate": MEMBER})
    + f'\n{{"{NOTE}\n',
    "era.x12": REMITTANCE.replace("NM1*QC*1*", f"NM1*QC*1*{FAMILY}*{GIVEN}").replace("BPR*I*", f"BPR*{MEMBER}*"),
    "claim.x12": f"ISA*00*{FAMILY}*{MEMBER}~",
    "case.yaml": f"month: {FAMILY}\npatient: {{id: {MEMBER}, note: [{NOTE}\n",
}
COMMANDS = {
    "log.csv": ("import", "timelog", "log.csv", "--out", "out"),
    "in.ndjson": ("import", "fhir", "in.ndjson", "--out", "out"),
    "era.x12": ("remit", "show", "era.x12"),
    "claim.x12": ("claims", "check", "claim.x12"),
    "case.yaml": ("check", "case.yaml"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_is_told_without_its_cells(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(BAD_FILES[name], encoding="utf-8")
    status, told = _run(monkeypatch, capsys, *COMMANDS[name])
    assert status in (1, 2), told
    assert not [word for word in PATIENT if word in told], told


def test_a_fault_of_a_command_is_told_by_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError(" ".join(PATIENT))

    monkeypatch.setattr("careledger.policy.load_policy", breaks)
    status, told = _run(monkeypatch, capsys, "check", ROOT / "examples" / "first_case.yaml")
    assert status == 70, told
    assert "RuntimeError" in told
    assert "test_canaries.py" in told
    assert not [word for word in PATIENT if word in told]


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}
    asked = {
        **kept, "CARELEDGER_DATA": str(tmp_path), "CARELEDGER_SECRET_KEY": "kanarisignkey",
        "DATABASE_URL": "postgres://clinic:kanaripassword@127.0.0.1:9/clinic",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "careledger.web", "migrate"],
        env=asked,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ran.returncode != 0
    assert "OperationalError" in ran.stderr
    assert "kanari" not in ran.stdout + ran.stderr


def test_the_server_writes_no_addresses_with_their_queries() -> None:
    """gunicorn writes no access log unless told to; what starts it here does not, and the proxy's is the site's own."""
    from gunicorn.config import Config

    assert Config().accesslog is None
    for file in ("scripts/serve", "packaging/careledger.service", "packaging/Containerfile"):
        assert "access-log" not in (ROOT / file).read_text("utf-8"), file
    assert "without its query" in (ROOT / "docs/operate.md").read_text("utf-8")


def test_an_address_makes_no_line_of_its_own_in_the_log(cast: Cast, log: Log) -> None:
    Client().get("/nowhere/%0aERROR forged: all is well/%0d%1b[2J/")
    lines = log.text.getvalue().splitlines()
    assert [line for line in lines if "forged" in line]
    assert not [line for line in lines if line.startswith("ERROR forged")]
    assert "\x1b" not in log.text.getvalue()
