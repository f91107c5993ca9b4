"""From a logged month to money, on the pages: review, signature, claims, batch, answer, remittance, denial, appeal."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pypdfium2 import PdfDocument
from tests.claims.remittances import CLAIM_ANSWER
from tests.web.cast import ZONE, Cast, ready_for_claims

from careledger.claims.answers import post_answers
from careledger.claims.x12.check_837p import FileCheck
from careledger.core.month import Month
from careledger.policy import load_policy
from careledger.web.audit.models import AuditEvent
from careledger.web.revenue import book, noting, signing
from careledger.web.revenue.closing import ClosingRefused, close, reopen
from careledger.web.revenue.models import Attestation, ClosedMonth
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.work.actions import do_all

MONTH = "2026-10"
CONFIG = """
submitter: {name: Lakeside, number: "SUBMIT77", contact: Jo Biller, phone: "5185550100"}
payers:
  medicare_ffs: {name: Medicare Part B, number: "13282", filing: MB, receiver: {name: Medicare Part B, number: "13282"}}
charges: {"99490": "95.00", "99439": 70}
"""
As = Callable[[str], Client]


@pytest.fixture
def october(cast: Cast, tmp_path: Path, settings: Any) -> Iterator[Cast]:
    """The clinic set up for claims, with 25 minutes for the patient in October and a data folder of its own."""
    settings.DATA = tmp_path
    with acting_in(cast.clinic):
        ready_for_claims(cast, "1EG4TE5MK73")
        book.config_file().write_text(CONFIG)
        yield cast


def test_a_month_becomes_money(october: Cast, as_role: As, tmp_path: Path) -> None:
    patient = october.patient.pk
    doctor, biller = as_role("practitioner"), as_role("biller")
    panel = f"/claims/sign/{MONTH}/{patient}/"
    assert b"not reviewed" in doctor.get(panel).content
    assert b"has not been reviewed" in doctor.post(f"{panel}sign/", follow=True).content
    doctor.post(f"{panel}review/")
    doctor.post(f"{panel}review/")
    listed = doctor.get(f"/claims/sign/{MONTH}/")
    assert b"reviewed" in listed.content
    signed = doctor.post(f"/claims/sign/{MONTH}/", {"patient": [patient]}, follow=True)
    assert b"1 months signed" in signed.content
    doctor.post(f"/claims/sign/{MONTH}/", {"patient": [patient]})
    assert Attestation.objects.count() == 1

    job = biller.post("/claims/make/", {"month": MONTH})
    do_all()
    assert b"1 claims ready ($95.00), 0 held" in biller.get(job.headers["Location"]).content
    sent = biller.post("/claims/send/", follow=True).content
    assert b"1 claims" in sent
    assert b"Nothing is ready" in biller.post("/claims/send/", follow=True).content
    with book.store() as store:
        (number,) = (row["claim_id"] for row in store.rows("SELECT claim_id FROM claim"))
        (batch,) = (row["batch_id"] for row in store.rows("SELECT batch_id FROM batch"))
    wire = biller.get(f"/claims/batch/{batch}/")
    assert "attachment" in wire.headers["Content-Disposition"]
    assert list(FileCheck(load_policy()).findings(io.BytesIO(wire.content))) == []
    assert biller.get(f"/claims/batch/{batch}/").content == wire.content
    assert number.encode() in biller.get(f"/claims/claim/{number}/").content

    denied = SimpleUploadedFile("era.835", remittance(number))
    looked = biller.post("/claims/remittances/post/", {"file": denied, "act": "look"})
    assert f"claim {number}".encode() in looked.content
    denied.seek(0)
    told = biller.post("/claims/remittances/post/", {"file": denied, "act": "post"}, follow=True)
    assert b"1 lines were denied" in told.content
    denied.seek(0)
    assert (
        b"nothing is posted twice"
        in biller.post("/claims/remittances/post/", {"file": denied, "act": "post"}, follow=True).content
    )
    page = biller.get("/claims/denials/").content
    assert b"99490" in page
    assert b"Usually:" in page
    with book.store() as store:
        (work,) = (row["work_id"] for row in store.rows("SELECT work_id FROM work WHERE kind = 'denied'"))
    letter = biller.post(f"/claims/denials/{work}/appeal/", {"say": "Please look again."})
    with PdfDocument(letter.content) as printed:
        assert "Please look again." in "".join(one.get_textpage().get_text_bounded() for one in printed)
    assert b"Say how it ended" in biller.post(f"/claims/denials/{work}/end/", {"how": "agreed"}, follow=True).content
    biller.post(f"/claims/denials/{work}/end/", {"how": "written_off", "because": "the payer is right"})
    assert b"No denial is open" in biller.get("/claims/denials/").content
    assert b"0.0%" in biller.get("/claims/money/").content


def remittance(number: str) -> bytes:
    """An 835 that pays nothing and denies the claim's one line."""
    return f"""ISA*00*          *00*          *ZZ*13282          *ZZ*SUBMIT77       *261114*0800*^*00501*000000004*0*T*:~
GS*HP*13282*SUBMIT77*20261114*0800*4*X*005010X221A1~
ST*835*0001~
BPR*H*0*C*NON************20261115~
TRN*1*EFT0009*1205296137~
DTM*405*20261114~
N1*PR*REGION CONTRACTOR*XV*13282~
N3*PO BOX 100~
N4*INDIANAPOLIS*IN*46204~
PER*BL*EDI HELP*TE*8005550100~
N1*PE*LAKESIDE*XX*1234567893~
REF*TJ*123456789~
LX*1~
CLP*{number}*4*95*0*0*MB*1126306000011*11*1~
NM1*QC*1*AMBERLAKE*ADA****MI*1EG4TE5MK73~
SVC*HC:99490*95*0**0~
DTM*472*20261031~
CAS*CO*97*95~
REF*6R*{number}L1~
LQ*HE*M86~
SE*19*0001~
GE*1*4~
IEA*1*000000004~
""".encode()


def test_what_changed_after_the_signature_asks_for_a_new_one(october: Cast, as_role: As) -> None:
    doctor, panel = as_role("practitioner"), f"/claims/sign/{MONTH}/{october.patient.pk}/"
    doctor.post(f"{panel}review/")
    doctor.post(f"{panel}sign/")
    start = int(datetime(2026, 10, 8, 10, tzinfo=ZONE).timestamp())
    log_time(
        acting_user=october["nurse"], patient=october.patient, programs=("ccm",), start_s=start, end_s=start + 1200,
        activity="call_patient", contact="patient", note="A second talk.",
    )  # fmt: skip
    assert b"changed since it was signed" in doctor.get(panel).content
    (one,) = signing.signings(Month(2026, 10), patient=october.patient)
    assert one.has_changed
    assert not one.is_seen


def test_only_the_practitioner_of_the_panel_signs_and_only_when_the_month_is_over(october: Cast) -> None:
    other = october["director"]
    with pytest.raises(signing.SigningRefused, match="nothing of this month is ready to bill under your name"):
        signing.review(acting_user=other, patient=october.patient, month=Month(2026, 10))
    with pytest.raises(signing.SigningRefused, match="not linked to a practitioner"):
        signing.sign(acting_user=october["compliance"], patient=october.patient, month=Month(2026, 10))


def test_an_unsigned_month_is_held_with_its_mend(october: Cast, as_role: As) -> None:
    biller = as_role("biller")
    biller.post("/claims/make/", {"month": MONTH})
    do_all()
    with book.store() as store:
        (row,) = store.rows("SELECT claim_id, state, held_by FROM claim")
    assert (row["state"], row["held_by"]) == ("held", "CLM033")
    assert b"CLM033" in biller.get(f"/claims/claim/{row['claim_id']}/").content


def test_decision_making_is_the_practitioners_word(october: Cast, as_role: As) -> None:
    panel = f"/claims/sign/{MONTH}/{october.patient.pk}/decision-making/"
    assert as_role("nurse").post(panel, {"level": "moderate"}).status_code == 403
    doctor = as_role("practitioner")
    doctor.post(panel, {"level": "moderate"})
    doctor.post(panel, {"level": "moderate"})
    assert b"Choose one" in doctor.post(panel, {"level": "heroic"}, follow=True).content
    assert b"<b>moderate</b>" in doctor.get(f"/claims/sign/{MONTH}/{october.patient.pk}/").content


def test_the_binder_is_a_pdf_of_the_patient_alone(october: Cast, as_role: As) -> None:
    made = as_role("biller").get(f"/claims/binder/{MONTH}/{october.patient.pk}/")
    with PdfDocument(made.content) as printed:
        text = "".join(one.get_textpage().get_text_bounded() for one in printed)
    assert "Audit binder" in text
    assert "25:00" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello", b"no X12 file"),
        (b"", b"empty"),
        (b"ISA*00*", b""),
        (b"\x00" * 200, b"no X12 file"),
        (b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", b"no X12 file"),
    ],
)
@pytest.mark.parametrize("where", ["/claims/answers/", "/claims/remittances/post/"])
def test_a_hostile_file_is_refused_with_a_reason(
    october: Cast, as_role: As, content: bytes, words: bytes, where: str
) -> None:
    said = as_role("biller").post(
        where, {"file": SimpleUploadedFile("../../x.835", content), "act": "post"}, follow=True
    )
    assert said.status_code == 200
    assert words in said.content
    assert b"note error" in said.content
    with book.store() as store:
        assert store.rows("SELECT * FROM payment") == []


def test_pages_of_billing_ask_few_questions(october: Cast, as_role: As, django_assert_max_num_queries: Any) -> None:
    biller = as_role("biller")
    for page in ("/claims/", "/claims/remittances/", "/claims/denials/", "/claims/money/", "/claims/shares/"):
        biller.get(page)
        with django_assert_max_num_queries(12):
            assert biller.get(page).status_code == 200


def test_what_comes_after_the_close_is_an_adjustment(october: Cast, as_role: As) -> None:
    biller, officer = as_role("biller"), as_role("compliance")
    assert b"is closed with 1 months" in biller.post(f"/claims/month/{MONTH}/close/", follow=True).content
    biller.post(f"/claims/month/{MONTH}/close/")
    assert ClosedMonth.objects.count() == 1
    assert b"Nothing has changed" in biller.get(f"/claims/month/{MONTH}/closing/").content
    start = int(datetime(2026, 10, 9, 10, tzinfo=ZONE).timestamp())
    log_time(
        acting_user=october["nurse"], patient=october.patient, programs=("ccm",), start_s=start, end_s=start + 1200,
        activity="call_patient", contact="patient", note="Written down late.",
    )  # fmt: skip
    biller.get(f"/month/{MONTH}/")
    assert b"1 adjustments" in biller.get(f"/claims/month/{MONTH}/closing/").content
    assert biller.post(f"/claims/month/{MONTH}/reopen/", {"because": "late work"}).status_code == 403
    asked = officer.post(f"/claims/month/{MONTH}/reopen/", {"because": "late work"})
    assert "reauthenticate" in asked.headers["Location"]
    reopen(acting_user=october["compliance"], month=Month(2026, 10), because="late work was documented")
    assert b"late work was documented" in officer.get(f"/claims/month/{MONTH}/closing/").content
    with pytest.raises(ClosingRefused, match="not closed"):
        reopen(acting_user=october["compliance"], month=Month(2026, 10), because="once more")
    with pytest.raises(ClosingRefused, match="not over"):
        close(acting_user=october["biller"], month=Month(2026, 11))


def test_a_file_is_noted_once_under_the_name_of_its_hand(october: Cast, as_role: As) -> None:
    """Another server may note a file between its posting and its own note: the log names it once, with who brought it."""
    before = AuditEvent.objects.filter(action="answers.posted").count()
    content = CLAIM_ANSWER.encode()
    file_id = hashlib.sha256(content).hexdigest()
    noting.note_hand(october["biller"], file_id)
    with book.store() as store:
        post_answers(store, content, "a.277", timezone.now())
        noting.note_files(store, "", {})
        noting.note_files(store, file_id, {"taken": 1})
    (event,) = AuditEvent.objects.filter(action="answers.posted")[before:]
    assert (event.user_ref, event.after) == (october["biller"].user_id, {"file": file_id[:12]})
