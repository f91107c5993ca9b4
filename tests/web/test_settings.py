"""Settings: the first administrator, the first run, practice, people, credentials, house values, and what claims must know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.claims.config_file import settings_in, write_settings
from careledger.core.errors import InputError
from careledger.web.accounts.models import Membership, User
from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Patient
from careledger.web.revenue import book
from careledger.web.tenancy.models import Credential, Organisation, Person, Practice
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time

As = Callable[[str], Client]
PRACTICE = {
    "name": "Lakeside", "npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "", "address": "1 Lake Road",
    "city": "Lakeside", "state": "ny", "zip": "12010-1234", "phone": "(518) 555-0100", "setting": "office", "locality": "",
    "time_zone": "America/Chicago", "access_24_7": "true", "certified_ehr": "unknown", "prefers": "payment",
}  # fmt: skip
SUBMITTER = {
    "name": "Lakeside", "number": "SUBMIT77", "contact": "Jo Biller", "phone": "518-555-0100", "email": "",
    "service_days": "decided", "attestation": "each_month", "usage": "test",
}  # fmt: skip
HOUSE = {
    "name": "Lakeside", "forgotten_after_minutes": "45", "late_after_days": "3", "idle_lock_minutes": "10",
    "approval_since": "", "note_templates": "Called.\nWrote.",
}  # fmt: skip


@pytest.fixture
def own_folder(cast: Cast, tmp_path: Path, settings: Any) -> Iterator[Cast]:
    settings.DATA = tmp_path
    with acting_in(cast.clinic):
        yield cast


def first(**told: str) -> str:
    out = StringIO()
    names = {"organisation": "Lakeside Group", "given": "Sam", "family": "Tran", **told}
    call_command("first_administrator", "Sam@Lakeside.example", stdout=out, **names)
    return out.getvalue()


def test_an_empty_clinic_gets_one_first_administrator_and_no_second(db: None, client: Client) -> None:
    word = first().splitlines()[0].rpartition(" ")[2]
    user = User.objects.get(email="sam@lakeside.example")
    assert user.check_password(word)
    assert user.must_change_passphrase
    member = Membership.objects.get()
    assert (member.role, member.organisation.slug) == ("administrator", "lakeside-group")
    with pytest.raises(CommandError, match="has its organisation already"):
        first(organisation="Another")
    assert (Organisation.objects.count(), User.objects.count()) == (1, 1)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/").headers["Location"] == "/account/password/change/"
    User.objects.update(must_change_passphrase=False)
    assert client.get("/").headers["Location"] == "/settings/setup/"
    assert b"0 of 8 steps done" in client.get("/settings/setup/").content


def test_the_first_administrator_needs_an_address_and_a_name(db: None) -> None:
    with pytest.raises(CommandError, match="has no name"):
        first(organisation=" ")
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("first_administrator", "sam", organisation="x", given="Sam", family="Tran")
    assert not Organisation.objects.exists()


def test_a_practice_is_saved_cleanly_and_sets_the_clock_and_is_one_when_sent_twice(
    own_folder: Cast, as_role: As
) -> None:
    Person.objects.filter(code__in=["rn-1", "dr-1", "dr-2"]).update(practice=None)
    Practice.objects.all().delete()
    client = as_role("administrator")
    for _ in range(2):
        assert client.post("/settings/practices/new/?setup=1", PRACTICE).headers["Location"] == "/settings/setup/"
    row = Practice.objects.get()
    assert (row.tax_id, row.zip, row.phone, row.state, row.access_24_7, row.certified_ehr) == (
        "123456789", "120101234", "5185550100", "NY", True, None,
    )  # fmt: skip
    assert Organisation.objects.get(slug="lakeside").time_zone == "America/Chicago"
    assert AuditEvent.objects.filter(action="practice.added").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("npi", "1234567890", "check digit"),
        ("tax_id", "12-34", "nine digits"),
        ("zip", "12010", "Nine digits"),
        ("phone", "555", "ten digits"),
        ("time_zone", "Mars/Olympus", "Select a valid choice"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_what_was_typed_is_kept(
    own_folder: Cast, as_role: As, field: str, value: str, says: str
) -> None:
    pk = Practice.objects.get().pk
    answer = as_role("administrator").post(f"/settings/practices/{pk}/", {**PRACTICE, field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "1 Lake Road" in answer.content.decode()
    assert Practice.objects.get().address is None


def test_what_someone_else_changed_meanwhile_is_shown_before_it_is_replaced(own_folder: Cast, as_role: As) -> None:
    client, pk = as_role("administrator"), Practice.objects.get().pk
    page = client.get(f"/settings/practices/{pk}/")
    seen = page.context["form"].initial["seen"]
    ours = {**PRACTICE, "time_zone": "America/New_York"}
    assert client.post(f"/settings/practices/{pk}/", {**ours, "city": "Hilltown", "seen": seen}).status_code == 302
    assert client.post(f"/settings/practices/{pk}/", {**ours, "city": "Hilltown", "seen": seen}).status_code == 302
    late = client.post(f"/settings/practices/{pk}/", {**ours, "city": "Laketown", "seen": seen})
    assert late.status_code == 422
    assert "City: Hilltown" in late.content.decode()
    again = {**ours, "city": "Laketown", "seen": late.context["form"]["seen"].value()}
    assert client.post(f"/settings/practices/{pk}/", again).status_code == 302
    assert Practice.objects.get().city == "Laketown"


def test_the_clock_stays_once_time_is_logged(own_folder: Cast, as_role: As, clock: Clock) -> None:
    log_time(
        acting_user=own_folder["nurse"], patient=own_folder.patient, programs=("ccm",), start_s=clock.s - 900,
        end_s=clock.s - 300, activity="call_patient", note="Called.",
    )  # fmt: skip
    pk = Practice.objects.get().pk
    answer = as_role("administrator").post(f"/settings/practices/{pk}/", PRACTICE)
    assert answer.status_code == 422
    assert "bound to it" in answer.content.decode()


def test_people_are_added_once_and_practitioners_need_a_good_npi(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    told = {"name": "Dana Lake", "kind": "np", "practice": Practice.objects.get().pk, "supervision": "general"}
    assert "carry their own NPI" in client.post("/settings/people/new/", told).content.decode()
    told["npi"] = "1932102084"
    places = {client.post("/settings/people/new/", told).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    row = Person.objects.get(npi="1932102084")
    assert row.code == "dana-lake"
    other = client.post("/settings/people/new/", {**told, "name": "Robin Hill"})
    assert "This is the NPI of Dana Lake" in other.content.decode()


def test_a_change_of_a_person_has_months_decided_anew(own_folder: Cast, as_role: As) -> None:
    row = Person.objects.get(code="rn-1")
    before = Patient.objects.get(code="p1").revision
    told = {"name": row.name, "kind": "rn", "practice": row.practice_id, "supervision": "direct"}
    as_role("administrator").post(f"/settings/people/{row.pk}/", told)
    assert Patient.objects.get(code="p1").revision == before + 1
    (event,) = AuditEvent.objects.filter(action="person.changed")
    assert (event.before["supervision"], event.after["supervision"]) == ("general", "direct")


def test_credentials_have_days_and_say_how_they_stand(own_folder: Cast, as_role: As) -> None:
    client, person = as_role("administrator"), Person.objects.get(code="rn-1")
    wrong = {"title": "RN licence", "valid_from": "2026-05-01", "valid_until": "2026-04-01"}
    answer = client.post(f"/settings/people/{person.pk}/credentials/", wrong)
    assert (answer.status_code, b"ends before it begins" in answer.content) == (422, True)
    for _ in range(2):
        client.post(
            f"/settings/people/{person.pk}/credentials/",
            {
                "title": "RN licence",
                "state": "ny",
                "number": "77",
                "valid_from": "2024-12-01",
                "valid_until": "2026-11-30",
            },
        )
    row = Credential.objects.get()
    days = {
        date(2024, 11, 1): "not_yet",
        date(2026, 1, 1): "good",
        date(2026, 11, 18): "soon",
        date(2026, 12, 1): "ended",
    }
    assert {on: row.standing_on(on) for on in days} == days
    assert "ends Nov 30, 2026" in client.get("/settings/people/").content.decode()
    client.post(f"/settings/credentials/{row.pk}/remove/")
    client.post(f"/settings/credentials/{row.pk}/remove/")
    assert not Credential.objects.exists()


def test_claims_settings_feed_the_file_that_claims_read(own_folder: Cast, as_role: As) -> None:
    book.config_file().write_text('facilities:\n  lakeside: {name: Annex, npi: "1234567893"}\n')
    client = as_role("administrator")
    assert client.post("/settings/submitter/", SUBMITTER).status_code == 302
    payer = {
        "name": "Medicare Part B",
        "number": "13282",
        "filing": "MB",
        "receiver_name": "Clearing",
        "receiver_number": "CH1",
    }
    assert client.post("/settings/payers/medicare_ffs/", payer).status_code == 302
    assert client.post("/settings/charges/", {"percent": "150", "charges": "99490 95\ng0506=$60.50"}).status_code == 302
    found = book.config()
    assert found.submitter is not None
    assert (found.submitter.number, found.submitter.phone, found.is_test) == ("SUBMIT77", "5185550100", True)
    paid = found.payers["medicare_ffs"]
    assert (paid.payer.number, paid.payer.filing, paid.receiver.number) == ("13282", "MB", "CH1")
    assert (found.charges_cents, found.percent_of_allowed) == ({"99490": 9500, "G0506": 6050}, 150)
    assert found.facilities["lakeside"].npi == "1234567893"
    page = client.get("/settings/").content.decode()
    assert "SUBMIT77" in page
    client.post("/settings/payers/medicare_ffs/remove/")
    assert not book.config().payers
    assert AuditEvent.objects.filter(action="claims.payer.changed").count() == 2


@pytest.mark.parametrize(("typed", "says"), [("99490 95 dollars", "Line 1"), ("99490 1\n99490 2", "stands twice")])
def test_charges_that_cannot_be_read_are_told(own_folder: Cast, as_role: As, typed: str, says: str) -> None:
    answer = as_role("administrator").post("/settings/charges/", {"charges": typed})
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert not book.config_file().exists()


def test_a_settings_file_the_reader_refuses_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    write_settings(
        file, {"charges": {"99490": "95.00"}, "submitter": {"name": 'A "quoted" name: with a colon', "number": "007"}}
    )
    before = settings_in(file)
    assert before["submitter"] == {"name": 'A "quoted" name: with a colon', "number": "007"}
    with pytest.raises(InputError):
        write_settings(file, {"usage": "sometimes"})
    assert settings_in(file) == before
    assert [one.name for one in tmp_path.iterdir()] == ["claims.yaml"]


def test_house_values_are_kept_and_approval_begins_today(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    assert client.post("/settings/house/", {**HOUSE, "idle_lock_minutes": "0"}).status_code == 422
    assert client.post("/settings/house/", {**HOUSE, "needs_time_approval": "on"}).status_code == 302
    row = Organisation.objects.get(slug="lakeside")
    assert (row.forgotten_after_minutes, row.needs_time_approval, row.approval_since) == (45, True, date(2026, 11, 18))
    assert AuditEvent.objects.filter(action="house.changed").count() == 1
    client.post("/settings/house/", {**HOUSE, "needs_time_approval": "on", "approval_since": "2026-11-18"})
    assert AuditEvent.objects.filter(action="house.changed").count() == 1


def test_the_set_up_is_resumed_where_it_was_left(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    page = client.get("/settings/setup/").content.decode()
    assert 'href="/settings/practices/new/?setup=1">Go on' in page
    Practice.objects.update(npi="1234567893", tax_id="123456789", zip="120101234")
    Person.objects.filter(code="dr-1").update(npi="1932102084")
    page = client.get("/settings/setup/").content.decode()
    assert 'href="/settings/submitter/?setup=1">Go on' in page
    assert "1 practitioner" in page
