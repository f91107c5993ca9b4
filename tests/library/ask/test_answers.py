"""What holds of every answer: roles change words only, claims are cited, chips ask again, JSON is whole."""

from __future__ import annotations

import json
from datetime import date
from itertools import islice

import pytest
from click.testing import CliRunner

from careledger.cli.ask import ask as command
from careledger.core.errors import InputError
from careledger.library.article import ROLES
from careledger.library.ask import ask
from careledger.library.ask.show import answer_text
from careledger.library.ask.understand import understand

TODAY = date(2026, 11, 23)
HUMANA = "can my nurse's 25 minutes and my 10 be billed together in March for a Humana patient in assisted living?"
ASKED = [
    "Can you bill for Chronic Care Management program oversight according to CMS?",
    HUMANA,
    "Can I bill TCM and CCM in the same month?",
    "I personally spent 35 minutes on CCM this September, can I bill 99491?",
    "My nurse did 15 minutes so far this month of CCM",
    "Can I bill CCM for nursing home residents?",
    "How much does Medicare pay for 99490 in 2026?",
    "Does medication reconciliation count toward the 20 minutes?",
    "Must CCM consent be renewed every year?",
]


@pytest.mark.parametrize("text", ASKED)
def test_a_role_changes_words_and_never_the_verdict(text: str) -> None:
    plain = ask(text, on=TODAY)
    for role in ROLES:
        answer = ask(text, role=role, on=TODAY)
        assert (answer.verdict, answer.reason, answer.codes) == (plain.verdict, plain.reason, plain.codes)
        assert {claim.text for claim in answer.claims} == {claim.text for claim in plain.claims}
        assert answer.opens != plain.opens or answer.article is None
    assert len({ask(text, role=role, on=TODAY).for_you for role in ROLES}) in (1, len(ROLES))


@pytest.mark.parametrize("text", ASKED)
def test_every_claim_is_cited_and_every_reference_used(text: str) -> None:
    answer = ask(text, on=TODAY)
    lines = [*answer.corrections, *answer.claims, *(line for _, _, rows in answer.sections for line in rows)]
    assert [line.number for line in lines] == sorted(line.number for line in lines)
    assert all(line.references or "no source" in line.text for line in answer.claims)
    used = {number for line in lines for number in line.references}
    assert used == set(range(1, len(answer.references) + 1))
    assert all(reference.date and reference.locator for reference in answer.references)


@pytest.mark.parametrize("text", ASKED)
def test_json_and_text_hold_the_answer(text: str) -> None:
    answer = ask(text, role="biller", on=TODAY)
    data = json.loads(json.dumps(answer.to_dict()))
    assert data["verdict"] == answer.verdict
    assert data["disclaimer"]
    shown = answer_text(answer, 100)
    assert shown.startswith(answer.word.upper()) or answer.mended
    assert max(len(line) for line in shown.splitlines()) <= 100
    assert "not legal advice" in shown
    assert "Status: " in shown or answer.article is None


def test_the_same_question_has_the_same_answer() -> None:
    assert ask(HUMANA, on=TODAY) == ask(HUMANA, on=TODAY)


def test_chips_change_the_answer_in_place() -> None:
    for payer, verdict in (("medicare_ffs", "yes"), ("commercial", "person_decides"), ("medicaid", "person_decides")):
        answer = ask(HUMANA, on=TODAY, choices={"payer": payer})
        assert answer.verdict == verdict
        chip = next(chip for chip in answer.depends_on if chip.id == "payer")
        assert (chip.chosen, chip.stated) == (payer, True)
    assert ask(HUMANA, on=TODAY, choices={"stay": "during"}).verdict == "no"
    assert ask("Can I bill CCM and G0181 together?", on=TODAY).verdict == "no"
    assert ask("Can I bill CCM and G0181 together?", on=TODAY, choices={"relation": "other"}).verdict == "yes"


def test_every_answer_names_what_it_may_turn_on() -> None:
    founding = "Can you bill for Chronic Care Management program oversight according to CMS?"
    assert {"payer", "setting", "year"} <= {chip.id for chip in ask(founding, on=TODAY).depends_on}
    assert ask(founding, on=TODAY, choices={"payer": "commercial"}).verdict == "depends"
    days = "Patient had 10 days of readings in RPM this period, can we bill?"
    assert (ask(days, on=TODAY).verdict, ask(days, on=TODAY, choices={"year": "2025"}).verdict) == ("depends", "no")
    year = next(chip for chip in ask(founding, on=TODAY, choices={"year": "2025"}).depends_on if chip.id == "year")
    assert year.chosen == "2025"
    assert len(year.options) > 1


def test_medicares_rule_is_not_told_as_another_payers() -> None:
    answer = ask("Does Blue Cross require CCM consent every year?", on=TODAY)
    assert answer.verdict == "person_decides"
    assert answer.reason.startswith("Medicare's rule: ")


def test_the_question_back_tells_the_truth() -> None:
    back = ask(HUMANA, on=TODAY).asks_back
    assert back is not None
    assert ask(HUMANA, on=TODAY, choices={back.chip: back.value}).verdict == back.verdict != "yes"
    resident = "Can I bill CCM for nursing home residents?"
    paid = ask(resident, on=TODAY).asks_back
    assert paid is not None
    assert paid.chip == "facility_paid"
    assert {ask(resident, on=TODAY, choices={"facility_paid": value}).verdict for value in ("yes", "no")} == {
        "yes",
        "no",
    }


def test_sixty_minutes_ask_back_for_the_complexity() -> None:
    back = ask("nurse spent 62 minutes on CCM in May", on=TODAY).asks_back
    assert back is not None
    assert back.chip == "mdm"
    assert "99487" in back.because


def test_the_day_of_asking_decides_which_rules_hold() -> None:
    text = "Should our FQHC still bill G0511 for CCM?"
    assert ask(text, on=TODAY).verdict == "no"
    assert ask(text, on=date(2025, 3, 1)).verdict != "no"
    days = "Are 16 days of data still required for RPM?"
    assert "99445" in ask(days, on=TODAY).reason
    assert "99445" not in ask(days, on=date(2025, 6, 1)).reason


@pytest.mark.parametrize(
    ("text", "seconds", "people"),
    [
        ("an hour and 10 by the nurse", [4200], ["staff.nurse"]),
        ("nurse spent an hour and a half", [5400], ["staff.nurse"]),
        ("half an hour by me", [1800], ["self"]),
        ("my nurse's 25 minutes and my 10", [1500, 600], ["staff.nurse", "self"]),
        ("the MA did 12 min and the RN nine minutes", [720, 540], ["staff.ma", "staff.nurse"]),
        ("19 minutes and 30 seconds of nurse time", [1170], ["staff.nurse"]),
        ("25 minutes by the pharmacist and 15 by me", [1500, 900], ["staff.pharmacist", "self"]),
        ("1 hour 20 minutes of staff time", [4800], ["staff.nurse"]),
        ("twenty five minutes by our nurse", [1500], ["staff.nurse"]),
        ("nurse had 19.5 minutes", [1170], ["staff.nurse"]),
        ("we have not reached 20 minutes", [1200], [None]),
    ],
)
def test_amounts_of_time(text: str, seconds: list[int], people: list[str | None]) -> None:
    found = understand(text, TODAY).amounts
    assert [amount.seconds for amount in found] == seconds
    assert [amount.who for amount in found] == people


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("in March", "2026-03"),
        ("for December", "2025-12"),
        ("sept 2025", "2025-09"),
        ("in May", "2026-05"),
        ("may I bill", None),
        ("January 2026", "2026-01"),
    ],
)
def test_months(text: str, month: str | None) -> None:
    found = understand(text, TODAY).month
    assert (None if found is None else str(found)) == month


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chronc care managment", "fam.ccm"),
        ("hospise patient", "place.hospice"),
        ("assited living", "place.assisted_living"),
        ("overisght of the program", "topic.oversight"),
        ("pharmasist", "staff.pharmacist"),
        ("medicaire", "payer.medicare"),
    ],
)
def test_slips_are_mended(typed: str, meant: str) -> None:
    assert meant in understand(typed, TODAY).concepts


def test_the_command_answers_in_text_and_json() -> None:
    run = CliRunner().invoke(command, ["Can", "I", "bill", "99490", "and", "99491", "together?", "--on", "2026-11-23"])
    assert run.exit_code == 0
    assert run.output.startswith("NO")
    made = CliRunner().invoke(
        command, [HUMANA, "--json", "--role", "nurse", "--on", "2026-11-23", "--choose", "payer=medicaid"]
    )
    assert json.loads(made.output)["verdict"] == "person_decides"
    wrong = CliRunner().invoke(command, [HUMANA, "--choose", "nonsense"])
    assert wrong.exit_code == 2
    assert "CHIP=VALUE" in wrong.output


def test_wrong_choices_are_refused_in_a_line() -> None:
    for choices in ({"payer": "nobody"}, {"nothing": "x"}, {"month": "soon"}, {"residence": "<b>"}):
        with pytest.raises(InputError, match="choice") as caught:
            ask(HUMANA, on=TODAY, choices=choices)
        assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(InputError, match="role"):
        ask(HUMANA, role="emperor", on=TODAY)


def test_nearest_articles_are_offered_when_nothing_is_known() -> None:
    answer = ask("what about the provenance of remittance ledgers", on=TODAY)
    assert answer.verdict in ("unknown", "explains")
    assert len(list(islice(answer.nearest, 3))) > 0
