"""The journey of a new clinic in headless Chromium: an empty database, the first administrator, the set-up, patients brought in,
a month reviewed and signed, and the first claim downloaded."""

from __future__ import annotations

import csv
import io
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.web.test_browser import _wait, browser

from careledger.claims.x12.check_837p import FileCheck
from careledger.core.month import Month
from careledger.policy import load_policy
from careledger.synthetic.clinic import ZONE

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

ADMIN, WORD = "sam@lakeside.example", "quiet lanterns over water"
BEGIN = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("first_administrator", "sam@lakeside.example", organisation="Lakeside Family Practice", given="Sam", family="Tran")
"""
PRACTICE = {
    "name": "Lakeside Family Practice", "npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207Q00000X",
    "address": "1 Lake Road", "city": "Lakeside", "state": "NY", "zip": "12010-1234", "phone": "518-555-0100",
}  # fmt: skip
SUBMITTER = {"name": "Lakeside Family Practice", "number": "SUBMIT77", "contact": "Jo Biller", "phone": "518-555-0100"}
PAYER = {"name": "Medicare Part B", "number": "13282"}
ROSTER = (
    "MRN,Last Name,First Name,DOB,Gender,Street,City,State,Zip,Lives,Insurance,Part B,MBI,PCP,Dx\n"
    'lw-1,Lakewood,Ann,5/6/1948,F,2 Lake Road,Lakeside,NY,12010,home,Medicare,yes,1EG4TE5MK73,1932102084,"I10; E11.9"\n'
    "lw-2,Stonebrook,Bo,31/12/1950,M,,,,,home,Medicare,yes,,1932102084,I10\n"
)


def tables(month: Month) -> bytes:
    """What the clinic kept in lists so far: consent, plan, visit, goal, and the month's work."""
    before, day = month.first_on - timedelta(days=60), month.first_on + timedelta(days=6)
    told: dict[str, list[dict[str, Any]]] = {
        "consents": [
            {"program": "ccm", "given_on": before, "form": "verbal", "documented": "true", "practitioner": "dana-lake",
             "covers": "availability cost_sharing one_practitioner right_to_stop", "recorded_by": "hana-kim"},
        ],
        "enrolments": [{"program": "ccm", "started_on": before}],
        "visits": [
            {"practitioner": "dana-lake", "on": before, "code": "99214", "face_to_face": "true", "discussed": "ccm"},
        ],
        "care_plans": [
            {"program": "ccm", "established_on": before, "reviewed_on": before, "signed_by": "dana-lake",
             "copy_given_on": before, "elements": "all", "delivered_by": "paper"},
        ],
        "goals": [{"goal_id": "g1", "text": "Blood pressure below 135", "status": "in-progress"}],
        "panel": [{"biller_id": "dana-lake", "established": "true"}],
        "conditions": [
            {"icd10": code, "chronic": "true", "expected_months": 12, "significant_risk": "true"} for code in ("I10", "E11.9")
        ],
        "time_entries": [
            {"entry_id": "t1", "by": "hana-kim", "programs": "ccm", "start": f"{day}T10:00", "end": f"{day}T10:25",
             "activity": "call_patient", "documented": "true", "note": "Talked about readings and the plan."},
        ],
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("patients.csv", "patient_id\nlw-1\n")
        for name, rows in told.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, ["patient_id", *rows[0]])
            writer.writeheader()
            writer.writerows({"patient_id": "lw-1", **row} for row in rows)
            archive.writestr(f"{name}.csv", text.getvalue())
    return out.getvalue()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An empty clinic in a server of its own, on SQLite; its address, and the first passphrase of its administrator."""
    env = {
        **os.environ, "CARELEDGER_DATA": str(tmp_path), "CARELEDGER_DEMO": "no", "CARELEDGER_HTTPS": "no",
        "CARELEDGER_MFA_REQUIRED": "no", "DJANGO_SETTINGS_MODULE": "careledger.web.settings",
    }  # fmt: skip
    env.pop("DATABASE_URL", None)
    made = subprocess.run([sys.executable, "-c", BEGIN], env=env, check=True, capture_output=True, text=True)
    word = made.stdout.splitlines()[0].rpartition(" ")[2]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "1", "--log-level", "warning"]
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", *bind, "careledger.web.wsgi"], env=env)
    try:
        _wait(f"http://127.0.0.1:{port}/account/login/")
        yield f"http://127.0.0.1:{port}", word
    finally:
        server.terminate()
        server.wait()


class Visitor:
    """Someone at a browser."""

    def __init__(self, browser: Any, address: str) -> None:
        self.address = address
        self.context = browser.new_context(accept_downloads=True)
        self.page = self.context.new_page()
        self.page.set_default_timeout(90_000)  # a busy machine is slow; nothing here waits by the clock

    def sign_in(self, email: str, word: str) -> None:
        """For the first time: the passphrase is changed at once."""
        self.page.goto(f"{self.address}/account/login/")
        self.fill(login=email, password=word)
        self.press("Sign in")
        self.page.wait_for_url("**/account/password/change/")
        self.fill(oldpassword=word, password1=WORD, password2=WORD)
        self.page.click("main form button >> nth=0")
        self.page.wait_for_load_state()
        self.go("/")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def fill(self, **cells: str) -> None:
        for name, value in cells.items():
            field = self.page.locator(f"[name='{name}']:visible").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, text: str) -> None:
        self.page.locator(f"main button:has-text('{text}'), main a.button:has-text('{text}')").first.click()

    def sees(self, text: str) -> None:
        self.page.wait_for_selector(f"main >> text={text}")

    def leave(self) -> None:
        self.context.close()


def set_up(admin: Visitor) -> None:
    """The set-up, left once in the middle and resumed."""
    admin.sees("Set up your clinic")
    admin.press("Go on")
    admin.fill(**{**PRACTICE, "npi": "1234567890"}, access_24_7="true", certified_ehr="true")
    admin.press("Save")
    admin.sees("check digit")
    admin.fill(npi=PRACTICE["npi"])
    admin.press("Save")
    admin.press("Go on")
    admin.fill(name="Dana Lake", kind="physician", credential="MD", npi="1932102084", taxonomy="207Q00000X")
    admin.press("Save")
    admin.sees("is in the directory")
    admin.go("/")
    admin.go("/settings/setup/")
    admin.press("Go on")
    admin.fill(name="Hana Kim", kind="rn", credential="RN")
    admin.press("Save")
    admin.fill(title="RN licence", state="NY", valid_from="2024-01-01", valid_until="2030-01-01")
    admin.press("Add")
    admin.sees("good")
    admin.go("/settings/setup/")
    admin.press("Go on")
    admin.fill(**SUBMITTER)
    admin.press("Save")
    admin.go("/settings/payers/medicare_ffs/?setup=1")
    admin.fill(**PAYER)
    admin.press("Save")
    admin.go("/settings/charges/?setup=1")
    admin.fill(percent="150")
    admin.press("Save")
    admin.sees("6 of 8 steps done")


def add_user(admin: Visitor, role: str, person: str = "") -> tuple[str, str]:
    """A user; returns address and first passphrase."""
    email = f"{role}@lakeside.example"
    admin.go("/access/users/")
    admin.fill(email=email, first_name="Given", last_name=role.title(), role=role)
    if person:
        admin.page.select_option("[name=person]", label=person)
    admin.press("Add the user")
    admin.page.wait_for_selector("#word, [name=password]:visible")
    if "/reauthenticate/" in admin.page.url:
        admin.fill(password=WORD)
        admin.press("Go on")
    return email, admin.page.input_value("#word")


def bring(admin: Visitor, what: str, name: str, content: bytes) -> None:
    """Upload a file and have it read."""
    admin.go("/settings/imports/")
    admin.fill(what=what)
    admin.page.set_input_files("[name=file]", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    admin.press("Upload")


def written(admin: Visitor) -> None:
    """Look at what would be written, and have it written."""
    admin.press("Go on")
    admin.press("Write it")
    admin.press("Go on")
    admin.sees("What was written")


def test_an_empty_clinic_comes_to_its_first_claim(empty: tuple[str, str], browser: Any) -> None:
    address, word = empty
    month = Month.of(datetime.now(ZONE).date()).previous()
    admin = Visitor(browser, address)
    admin.sign_in(ADMIN, word)
    set_up(admin)
    doctor_word = add_user(admin, "practitioner", "Dana Lake, MD")
    biller_word = add_user(admin, "biller")
    bring(admin, "table:roster", "patients.csv", ROSTER.encode())
    admin.fill(column_residence="Lives")
    admin.page.check("[name=us_days]")
    admin.press("Look at what it would do")
    admin.page.click("main >> text=Go on")
    admin.sees("This is no day")
    admin.press("Write it")
    admin.press("Go on")
    admin.sees("What was written")
    bring(admin, "folder", "lists.zip", tables(month))
    written(admin)
    admin.leave()

    doctor = Visitor(browser, address)
    doctor.sign_in(*doctor_word)
    doctor.go(f"/claims/sign/{month}/")
    doctor.page.click("main >> text=Lakewood")
    doctor.page.wait_for_load_state()
    doctor.press("reviewed")
    doctor.press("Sign")
    doctor.sees("Signed")
    doctor.leave()

    biller = Visitor(browser, address)
    biller.sign_in(*biller_word)
    biller.go("/claims/")
    biller.fill(month=str(month))
    biller.press("Make")
    biller.sees("1 claims ready")
    biller.go("/claims/")
    biller.press("Make batches")
    with biller.page.expect_download() as coming:
        biller.page.click("main a[href*='/claims/batch/']")
    file = Path(coming.value.path()).read_bytes()
    assert re.search(rb"SV1\*HC:99490\*", file)
    assert b"LAKEWOOD*ANN" in file
    assert list(FileCheck(load_policy()).findings(io.BytesIO(file))) == []
    biller.leave()
