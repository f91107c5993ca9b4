"""The library in the clinic: reading, asking, trying a case, and the editors' workflow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.web.cast import Cast

from careledger.core.errors import CareLedgerError
from careledger.library.load import load_library
from careledger.web.library import actions, queries
from careledger.web.tenancy.scope import acting_in

AsRole = Callable[[str], Client]
LOCAL = """---
id: our-phone-hours
title: "Our phone hours"
question: "When may patients call?"
verdict: explains
family: program
status: submitted
author: "Practice"
last_updated: 2026-11-20
---

Patients reach us at all hours.

## Claims

1. CCM starts at {{value:ccm.time.first_minutes}} minutes. [ccm.time.first_minutes]
"""


@pytest.fixture
def local_text() -> str:
    """A local article that cites a value policy really has."""
    claim = load_library().articles["ccm-basics"].sections["claims"][0]
    cited = claim.citations[0].id
    return LOCAL.replace("{{value:ccm.time.first_minutes}}", "some").replace("ccm.time.first_minutes", cited)


def body(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_an_article_gives_its_verdict_before_anything_else(as_role: AsRole) -> None:
    page = body(as_role("nurse"), "/library/article/ccm-program-oversight/")
    order = (
        "verdict-word",
        "Payer",
        "Claims",
        "What changed since last year",
        "References",
        "Last verified",
        "not legal",
    )
    places = [page.index(part) for part in order]
    assert places == sorted(places)
    assert ">No<" in page[page.index("verdict-word") :][:60]
    assert "Report an error" in page


def test_the_readers_role_changes_the_order_and_never_the_verdict(as_role: AsRole) -> None:
    nurse, patient = (
        body(as_role("nurse"), f"/library/article/ccm-basics/?role={role}") for role in ("care_manager", "patient")
    )
    assert "For the care manager" in nurse
    assert "For the patient" in patient
    verdict = '<p class="verdict-word">Yes</p>'
    assert verdict in nurse
    assert verdict in patient


def test_a_setting_changes_what_the_rules_say_in_place(as_role: AsRole) -> None:
    office, rural = (
        body(as_role("biller"), f"/library/article/ccm-staff-time/?year=2024&setting={one}")
        for one in ("office", "rhc")
    )
    told = [page[page.index("For these facts:") :][:200] for page in (office, rural)]
    assert told[0] != told[1]
    assert 'hx-select="#answer"' in office


def test_the_box_decides_a_changed_case_and_refuses_an_unreadable_one(as_role: AsRole) -> None:
    client = as_role("biller")
    page = body(client, "/library/article/ccm-staff-time/")
    from html import unescape

    case = unescape(page.split('class="mono" spellcheck="false">')[1].split("</textarea>")[0])
    decided = client.post("/library/try/", {"case": case}).content.decode()
    assert "99490" in decided
    assert client.post("/library/try/", {"case": "id: [x"}).status_code == 422


def test_a_search_mends_a_slip(as_role: AsRole) -> None:
    page = body(as_role("nurse"), "/library/?q=telehelth")
    assert "telehealth" in page
    assert "Nothing was found" in body(as_role("nurse"), "/library/?q=qqqqzzzz")


def test_a_question_is_answered_with_its_chips(as_role: AsRole) -> None:
    page = body(as_role("director"), "/library/ask/?q=Can+you+bill+for+CCM+program+oversight+according+to+CMS%3F")
    assert '<p class="verdict-word">No</p>' in page
    assert "References" in page
    assert body(as_role("director"), "/library/ask/?q=x&c-payer=martian", 422)


def test_a_code_page_shows_its_rules_and_articles(as_role: AsRole) -> None:
    page = body(as_role("biller"), "/library/code/99490/")
    assert "Staff minutes: 99490 and 99439" in page
    assert as_role("biller").get("/library/code/12345/").status_code == 404


def test_an_article_is_reviewed_by_another_person_than_its_author(inside: Cast, local_text: str) -> None:
    id_ = actions.submit(acting_user=inside["director"], text=local_text)
    with pytest.raises(CareLedgerError, match="author may not review"):
        actions.act(acting_user=inside["director"], article=id_, act="begin_review")
    actions.act(acting_user=inside["compliance"], article=id_, act="begin_review")
    actions.act(acting_user=inside["compliance"], article=id_, act="approve")
    shown = queries.library_of(queries.histories()).articles[id_]
    assert shown.status == "approved"
    assert shown.reviewer_role == "Compliance officer"


def test_one_of_our_articles_enters_the_history_as_it_came(cast: Cast, as_role: AsRole) -> None:
    as_role("compliance").post(
        "/library/article/ccm-basics/act/", {"act": "dispute", "reason": "Our contractor reads it otherwise."}
    )
    page = body(as_role("nurse"), "/library/article/ccm-basics/")
    assert "Disputed: Our contractor reads it otherwise." in page
    history = body(as_role("nurse"), "/library/article/ccm-basics/history/")
    assert "submitted a version" in history
    assert "disputed" in history
    assert "Our contractor" not in body(as_role("stranger"), "/library/article/ccm-basics/")


def test_a_withdrawal_without_a_reason_is_refused(cast: Cast, as_role: AsRole) -> None:
    client = as_role("director")
    answer = client.post("/library/article/ccm-basics/act/", {"act": "withdraw"}, follow=True)
    assert "needs a reason" in answer.content.decode()
    with acting_in(cast.clinic):
        assert queries.library_of(queries.histories()).articles["ccm-basics"].status == "submitted"


def test_a_nurse_may_report_and_comment_but_not_approve(cast: Cast, as_role: AsRole) -> None:
    client = as_role("nurse")
    client.post("/library/article/ccm-basics/report/", {"reason": "Claim 2 lacks a date."})
    assert "Error reported: Claim 2 lacks a date." in body(client, "/library/article/ccm-basics/history/")
    answer = client.post("/library/article/ccm-basics/act/", {"act": "begin_review"}, follow=True)
    assert "Your role may comment" in answer.content.decode()


def test_two_versions_are_compared(cast: Cast, as_role: AsRole, local_text: str) -> None:
    client = as_role("director")
    for text in (local_text, local_text.replace("at all hours", "by day")):
        assert client.post("/library/submit/", {"text": text}).status_code == 302
    page = body(client, "/library/article/our-phone-hours/history/")
    assert '<span class="del">-Patients reach us at all hours.' in page
    assert '<span class="ins">+Patients reach us by day.' in page


def test_a_text_that_cannot_be_read_stays_in_the_box_with_the_reason(as_role: AsRole) -> None:
    answer = as_role("nurse").post("/library/submit/", {"text": "no front matter"})
    assert answer.status_code == 422
    assert "front matter" in answer.content.decode()
    taken = LOCAL.replace("our-phone-hours", "ccm-basics")
    assert "has this id already" in as_role("nurse").post("/library/submit/", {"text": taken}).content.decode()


def test_reading_takes_few_queries(cast: Cast, as_role: AsRole, django_assert_max_num_queries: object) -> None:
    client = as_role("nurse")
    for path in ("/library/", "/library/article/ccm-basics/", "/library/review/", "/library/ask/?q=99490"):
        with django_assert_max_num_queries(15):  # type: ignore[operator]
            client.get(path)


def test_a_question_is_posted_and_only_one_that_names_nobody_gets_an_address(as_role: AsRole) -> None:
    client = as_role("nurse")
    plain = client.post("/library/ask/", {"q": "Can I bill 99490 and 99491 together?"})
    assert plain.status_code == 302
    assert "q=Can+I+bill" in plain.headers["Location"]
    named = client.post("/library/ask/", {"q": "Can I bill 99490 for Mrs. Margaret Okonkwo, born 1941-03-02?"})
    assert named.status_code == 200
    assert "seems to name a person" in named.content.decode()
    assert "Okonkwo" not in named.content.decode().partition('id="answer"')[2]
