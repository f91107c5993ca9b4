"""The shipped articles: cited, consistent with policy, honest about review; and lint finds what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from careledger.core.errors import InputError
from careledger.library.article import ROLES, read_article
from careledger.library.fingerprint import changed_since, cited_ids, fingerprint
from careledger.library.lint import claim_problems, lint
from careledger.library.load import LibraryError, load_library
from careledger.library.page import page
from careledger.library.references import KIND_WORDS
from careledger.library.render import page_text
from careledger.library.verify import verified_text
from careledger.policy import load_policy

POLICY = load_policy()
DAY = date(2026, 11, 23)
VIEW = POLICY.on(DAY)
LIBRARY = load_library()
PROGRAMS = {"ccm", "cpo", "pcm", "apcm", "tcm", "bhi", "cocm", "rpm", "rtm", "chi", "pin", "pain", "rural"}
HEAD = """---
id: test-article
title: A test
family: ccm
status: submitted
author: someone
last_updated: 2026-11-23
last_verified: 2026-11-23
---
A reason.

## Claims

"""


def made(claim: str) -> list[str]:
    article = read_article(HEAD + f"1. {claim}\n", "test.md")
    return [text for found in article.claims() for text in claim_problems(found, VIEW)]


def test_there_are_enough_articles_and_every_program_has_one() -> None:
    assert len(LIBRARY.articles) >= 60
    assert {article.family for article in LIBRARY.articles.values()} >= PROGRAMS


def test_no_article_contradicts_policy_or_lacks_a_citation() -> None:
    assert [str(problem) for problem in lint(LIBRARY, POLICY, DAY) if not problem.stale] == []


def test_no_article_is_stale() -> None:
    stale = [str(problem) for problem in lint(LIBRARY, POLICY, DAY) if problem.stale]
    assert stale == [], "read them again, then record it with 'careledger library verify ID --folder ...'"


def test_no_article_claims_a_review_that_nobody_made() -> None:
    assert {(article.status, article.reviewer) for article in LIBRARY.articles.values()} == {("submitted", None)}


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        ("Twenty minutes.", "cites nothing"),
        ("It needs 25 minutes. [ccm.clinical_staff_time.first_unit_minutes]", "says 25"),
        ("Yearly. [ccm.consent.renewed_yearly=true]", "policy says false"),
        ("Something. [ccm.no.such_value]", "no policy value or source"),
        ("Something. [no-such-source]", "no policy value or source"),
        ("Something. [nobody/ccm.consent.forms]", "no policy value or source"),
        ("Code 99999 is fine. [mln909188]", "no policy file knows the code 99999"),
        ("Needs {{value:ccm.no.such}}. [mln909188]", "no policy value or source"),
    ],
)
def test_lint_finds(claim: str, word: str) -> None:
    assert any(word in text for text in made(claim)), made(claim)


@pytest.mark.parametrize(
    "claim",
    [
        "It needs 20 minutes. [ccm.clinical_staff_time.first_unit_minutes]",
        "It needs {{value:ccm.clinical_staff_time.first_unit_minutes}} minutes. [mln909188]",
        "42 CFR 410.26 says so since 2015. [ccm.clinical_staff_time.first_unit_minutes]",
    ],
)
def test_lint_leaves_alone(claim: str) -> None:
    assert made(claim) == []


def test_a_changed_source_or_value_makes_the_article_stale() -> None:
    article = LIBRARY.articles["ccm-staff-time"]
    assert changed_since(article, POLICY, DAY) == ()
    other = load_policy.__wrapped__() if hasattr(load_policy, "__wrapped__") else _fresh()
    other.sources["mln909188"] = replace(other.sources["mln909188"], published="2027-01")
    assert "changed after" in changed_since(article, other, DAY)[0]
    unrelated = LIBRARY.articles["utilisation-practitioners"]
    assert fingerprint(cited_ids(unrelated), POLICY) == unrelated.fingerprint


def _fresh():  # type: ignore[no-untyped-def]
    import copy

    return copy.deepcopy(POLICY)


def test_a_review_that_is_overdue_is_shown() -> None:
    assert "review was due" in " ".join(changed_since(LIBRARY.articles["ccm-consent"], POLICY, date(2027, 6, 1)))


def test_verifying_twice_changes_nothing_more() -> None:
    article = LIBRARY.articles["ccm-consent"]
    assert verified_text(article, POLICY, DAY) == article.text


def test_the_question_that_started_the_project_is_answered() -> None:
    found = page(LIBRARY, "ccm-program-oversight", VIEW)
    text = page_text(found)
    assert found.verdict == "No"
    for word in (
        "status B",
        "status I",
        "G0181",
        "G0182",
        "home health",
        "hospice",
        "director",
        "No person has reviewed",
    ):
        assert word.lower() in text.lower()


@pytest.mark.parametrize("id_", sorted(LIBRARY.articles))
def test_a_role_changes_order_but_never_the_verdict_and_every_claim_has_a_typed_reference(id_: str) -> None:
    plain = page(LIBRARY, id_, VIEW)
    for role in ROLES:
        shown = page(LIBRARY, id_, VIEW, role)
        assert (shown.verdict, shown.reason) == (plain.verdict, plain.reason)
        assert shown.opens
    assert {reference.kind for reference in plain.references} <= set(KIND_WORDS)
    assert all(line.references or line.values for section in plain.sections for line in section.lines)
    assert "{{" not in page_text(plain)


def test_what_changed_last_year_comes_from_policy() -> None:
    assert any("short days min" in line for line in page(LIBRARY, "rpm-days", VIEW).changed)
    assert page(LIBRARY, "ccm-consent", VIEW).changed == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("no front matter", "front matter"),
        (HEAD.replace("status: submitted", "status: perfect"), "not known"),
        (HEAD.replace("family: ccm", "famly: ccm"), "no field has this name"),
        (HEAD.replace("2026-11-23", "soon"), "no date"),
        (HEAD + "just words\n", "no claim"),
        (HEAD + "## Poetry\n", "no section"),
    ],
)
def test_an_article_that_cannot_be_read_is_refused_in_one_line(text: str, word: str) -> None:
    with pytest.raises(InputError, match=word) as refusal:
        read_article(text, "test.md")
    assert "\n" not in str(refusal.value)


def test_a_clinic_adds_articles_and_notes_beside_ours(tmp_path: Path) -> None:
    claim = "1. We call on Mondays. [ccm.consent.forms]\n"
    (tmp_path / "own.md").write_text(HEAD + claim)
    note = HEAD.replace("id: test-article", "id: our-note\noverlays: ccm-consent")
    (tmp_path / "note.md").write_text(note + claim)
    library = load_library(tmp_path)
    assert library.articles["test-article"].local
    assert page(library, "ccm-consent", VIEW).local_notes == ("We call on Mondays.",)
    (tmp_path / "own.md").write_text(HEAD.replace("test-article", "ccm-consent") + claim)
    with pytest.raises(LibraryError, match="has this id already"):
        load_library(tmp_path)
