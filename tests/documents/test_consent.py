"""The consent form: every statement policy asks for has words in both languages; what is recorded stands on the page."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pdfplumber
import pytest

from careledger.core.records import PROGRAMS
from careledger.documents.consent import LANGUAGES, ConsentForm, Terms, about, consent_pdf, heading, statement
from careledger.policy import load_policy

TOLD = ("cost_sharing", "availability", "one_practitioner", "right_to_stop")
BLANK = ConsentForm(
    program="ccm", language="en", practice="Lakeside", patient="", patient_id="", statements=TOLD, terms=Terms(is_blank=True)
)  # fmt: skip
RECORDED = replace(
    BLANK, patient="Birchfield, Bea", patient_id="P1001", born_on=date(1948, 2, 3), told=TOLD, given_on=date(2026, 11, 13),
    terms=Terms(practitioner="Given Practitioner, MD", share_cents=1323, before_deductible_cents=6613), form="verbal",
    representative="Ben Birchfield", recorded_by="Given Nurse, RN", recorded_on=date(2026, 11, 18), days_late=5,
)  # fmt: skip


def text_of(form: ConsentForm) -> str:
    with pdfplumber.open(io.BytesIO(consent_pdf(form))) as pdf:
        return " ".join(" ".join((page.extract_text() or "").split()) for page in pdf.pages)


def test_every_statement_any_program_asks_for_has_words() -> None:
    policy = load_policy()
    asked = 0
    for program in PROGRAMS:
        for day in (date(2018, 6, 1), date(2021, 6, 1), date(2026, 11, 18)):
            found = policy.on(day).peek(f"{program}.consent.required_statements")
            if found is None or found.absent:
                continue
            assert isinstance(found.value, tuple)
            for language in LANGUAGES:
                told = [statement(id_, Terms(), language) for id_ in found.value]
                assert all(told)
                assert len(set(told)) == len(told)
                assert heading(program, language)
                assert about(program, language)
                asked += len(told)
    assert asked > 40


@pytest.mark.parametrize(
    ("terms", "english", "spanish"),
    [
        (Terms(share_cents=1323), "we estimate $13.23", "la calculamos en $13.23"),
        (Terms(share_cents=1323, before_deductible_cents=6613), "up to $66.13", "llegar a $66.13"),
        (Terms(is_qmb=True, share_cents=0), "you owe nothing", "no debe nada"),
        (Terms(), "Your plan sets the amount", "La cantidad la fija su plan"),
        (Terms(is_share_told=False), "may fall to you.", "puede tocarle a usted una parte del costo."),
        (Terms(share_cents=1, has_second_payer=True), "A second insurance may pay", "Un segundo seguro puede"),
        (Terms(is_blank=True), "$ ____", "$ ____"),
    ],
)
def test_the_share_is_told_as_far_as_it_is_known(terms: Terms, english: str, spanish: str) -> None:
    assert english in statement("cost_sharing", terms, "en")
    assert spanish in statement("cost_sharing", terms, "es")


def test_a_revocation_is_told_to_end_when_policy_says() -> None:
    assert "last day of that month" in statement("right_to_stop", Terms(), "en")
    assert "that day" in statement("right_to_stop", Terms(stops_at_month_end=False), "en")


def test_a_blank_form_has_lines_to_sign_and_no_record() -> None:
    english, spanish = text_of(BLANK), text_of(replace(BLANK, language="es"))
    assert "Signature of patient or representative" in english
    assert "Firma del paciente o representante" in spanish
    assert "Recorded by" not in english


def test_a_recorded_form_says_who_how_when_and_how_late() -> None:
    said = text_of(RECORDED)
    for part in (
        "Birchfield, Bea", "P1001", "in words, by the representative (Ben Birchfield)", "November 13, 2026",
        "Recorded by Given Nurse, RN on November 18, 2026 (recorded 5 days after it was given)", "we estimate $13.23",
        "Given Practitioner, MD",
    ):  # fmt: skip
        assert part in said
    assert "Signature" not in said
    revoked = replace(RECORDED, language="es", revoked=(date(2026, 11, 20), date(2026, 11, 30)))
    assert "Retirado el 20 de noviembre de 2026; vigente hasta el 30 de noviembre de 2026." in text_of(revoked)


def test_equal_forms_are_equal_bytes() -> None:
    assert consent_pdf(RECORDED) == consent_pdf(replace(RECORDED))
