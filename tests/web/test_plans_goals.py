"""Goals and assessments: readings, charts, reviews, scores, alarms, lists across patients; templates and targets as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock

from careledger.documents.plan import PlanData, PlanGoal, PlanStep
from careledger.documents.plan.build import plan_json
from careledger.web.plans.actions import PlanRefused
from careledger.web.plans.charts import progress_chart
from careledger.web.plans.goal_actions import (
    add_reading,
    answer_alarm,
    record_assessment,
    review_goal,
    withdraw_reading,
)
from careledger.web.plans.instruments import instruments
from careledger.web.plans.models import Assessment, Goal, Reading
from careledger.web.plans.progress import proposed_status
from careledger.web.plans.queries import goal_list, plan_list, scored
from careledger.web.plans.starters import starters, suggested
from careledger.web.plans.targets import read_target
from careledger.web.tenancy.scope import acting_in

TODAY = date(2026, 11, 18)
PRESSURE = read_target("at most 130 mmHg")


def goal_of(cast: Cast, **more: Any) -> Goal:
    goal: Goal = Goal.objects.get(patient=cast.patient)
    for name, value in {"measure": "systolic blood pressure", "target": "at most 130 mmHg", **more}.items():
        setattr(goal, name, value)
    goal.save()
    return goal


def read(cast: Cast, goal: Goal, value: str, day: int, once: str = "") -> Reading:
    return add_reading(
        acting_user=cast["nurse"],
        goal=goal,
        value=Decimal(value),
        on=date(2026, 11, day),
        once=once or f"r{value}-{day}",
    )


def ask(cast: Cast, instrument: str, answers: list[int], once: str = "q1") -> Assessment:
    keys = list(instruments()[instrument].questions)
    return record_assessment(
        acting_user=cast["nurse"], patient=cast.patient, instrument=instrument,
        answers=dict(zip(keys, answers, strict=False)), on=TODAY, once=once,
    )  # fmt: skip


def test_its_templates_cover_common_conditions_in_both_languages() -> None:
    assert len(starters()) >= 14
    for one in starters().values():
        goals, steps = [(goal.text, goal.measure) for goal in one.goals], [step.text for step in one.steps]
        for words in (one.name, one.outcome, one.symptoms, *steps, *(text for pair in goals for text in pair)):
            assert words.en.strip(), one.key
            assert words.es.strip(), one.key
        assert one.goals, one.key
        assert one.steps, one.key
        assert all(read_target(str(goal.target)) == goal.target for goal in one.goals)


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("I10", {"hypertension"}),
        ("E11.22", {"diabetes", "kidney_disease"}),
        ("I11.0", {"hypertension", "heart_failure"}),
        ("F03.90", {"dementia"}),
        ("M81.0", {"osteoporosis"}),
        ("Z00.00", set()),
    ],
)
def test_it_suggests_templates_by_diagnosis(code: str, keys: set[str]) -> None:
    assert set(suggested([code])) == keys


@pytest.mark.parametrize(
    ("words", "met", "unmet"),
    [
        ("under 135 mmHg", "134", "136"),
        ("at least 150 minutes", "150", "149"),
        ("between 0.4 and 4.0 mIU/L", "2", "4.1"),
        ("20 minutes", "25", "10"),
        ("over 45 mL/min", "60", "30"),
    ],
)
def test_it_reads_a_target_from_its_words(words: str, met: str, unmet: str) -> None:
    target = read_target(words)
    assert target is not None
    assert target.is_met_by(Decimal(met))
    assert not target.is_met_by(Decimal(unmet))
    assert read_target(str(target)) == target


@pytest.mark.parametrize("words", ["", None, "feel better", "between 9 and 3 points", "nan", "at most"])
def test_it_reads_no_target_where_there_is_none(words: str | None) -> None:
    assert read_target(words) is None


@pytest.mark.parametrize(
    ("values", "due_on", "status"),
    [
        (["150"], date(2026, 12, 1), "in-progress"),
        (["150", "140"], date(2026, 12, 1), "improving"),
        (["140", "150"], date(2026, 12, 1), "worsening"),
        (["140", "140"], None, "no-change"),
        (["150", "128"], None, "achieved"),
        (["129", "128"], None, "sustaining"),
        (["150", "140"], date(2026, 11, 17), "not-achieved"),
        ([], None, None),
    ],
)
def test_it_proposes_how_a_goal_fares(values: list[str], due_on: date | None, status: str | None) -> None:
    assert proposed_status([Decimal(value) for value in values], PRESSURE, due_on, TODAY) == status


def test_it_draws_readings_in_time_with_the_range_aimed_at() -> None:
    chart = progress_chart(
        [(date(2026, 11, 1), Decimal(150)), (date(2026, 11, 11), Decimal(128))], PRESSURE, "pressure"
    )
    assert chart is not None
    assert [dot.is_met for dot in chart.dots] == [False, True]
    assert chart.dots[0].x < chart.dots[1].x
    assert chart.dots[0].y < chart.dots[1].y
    assert chart.band is not None
    assert chart.band[0] == chart.limits[0][0]
    assert progress_chart([], PRESSURE, "pressure") is None


def test_it_keeps_a_reading_once_and_a_wrong_one_with_its_reason(inside: Cast) -> None:
    goal = goal_of(inside)
    assert read(inside, goal, "148", 2, "one") == read(inside, goal, "148", 2, "one")
    wrong = read(inside, goal, "1280", 3)
    with pytest.raises(PlanRefused, match="why the reading is wrong"):
        withdraw_reading(acting_user=inside["nurse"], reading=wrong, reason=" ")
    for _ in range(2):
        withdraw_reading(acting_user=inside["nurse"], reading=wrong, reason="typed twice")
    assert Reading.objects.count() == 3
    with pytest.raises(PlanRefused, match="future"):
        read(inside, goal, "130", 19)


def test_it_reviews_a_goal_and_lists_goals_by_how_they_fare(inside: Cast) -> None:
    goal = goal_of(inside, reviewed_on=None)
    assert [row.pk for row in goal_list("stale", TODAY)] == [goal.pk]
    assert [row.pk for row in goal_list("due", TODAY)] == [goal.pk]
    review_goal(
        acting_user=inside["nurse"], goal=goal, status="worsening", once="v1", next_on=date(2026, 11, 20), note="Salt."
    )
    review_goal(acting_user=inside["nurse"], goal=goal, status="achieved", once="v1")
    goal.refresh_from_db()
    assert (goal.status, goal.reviewed_on, goal.next_review_on) == ("worsening", TODAY, date(2026, 11, 20))
    assert list(goal_list("stale", TODAY)) == []
    assert [row.pk for row in goal_list("risk", TODAY)] == [goal.pk]
    assert [row.pk for row in goal_list("review", date(2026, 11, 20))] == [goal.pk]
    assert list(goal_list("risk", TODAY, inside["nurse"].person)) == []
    with pytest.raises(PlanRefused, match="must lie ahead"):
        review_goal(acting_user=inside["nurse"], goal=goal, status="achieved", once="v2", next_on=TODAY)


@pytest.mark.parametrize(
    ("instrument", "answers", "score", "band", "alarm"),
    [
        ("phq9", [0] * 9, 0, "minimal", False),
        ("phq9", [1, 1, 1, 1, 0, 0, 0, 0, 0], 4, "minimal", False),
        ("phq9", [1, 1, 1, 1, 0, 0, 0, 0, 1], 5, "mild", True),
        ("phq9", [2] * 5 + [0] * 4, 10, "moderate", False),
        ("phq9", [3] * 5 + [0] * 4, 15, "moderately_severe", False),
        ("phq9", [3] * 9, 27, "severe", True),
        ("gad7", [2] * 5 + [0] * 2, 10, "moderate", False),
        ("gad7", [3] * 7, 21, "severe", False),
        ("adl", [0] * 6, 6, "independent", False),
        ("adl", [1] * 4 + [0] * 2, 2, "severe", False),
        ("iadl", [0] * 8, 8, "independent", False),
        ("needs", [0, 1, 0, 0, 1, 0], 2, "some", True),
    ],
)
def test_it_scores_what_was_answered(
    inside: Cast, instrument: str, answers: list[int], score: int, band: str, alarm: bool
) -> None:
    row = ask(inside, instrument, answers)
    assert (row.score, row.band, row.alarm) == (score, band, alarm)
    assert ask(inside, instrument, [0] * 9) == row


@pytest.mark.parametrize("answers", [[1, 1, 1], [4] * 9, [-1] * 9])
def test_it_makes_no_score_of_half_a_questionnaire(inside: Cast, answers: list[int]) -> None:
    with pytest.raises(PlanRefused, match="every question"):
        ask(inside, "phq9", answers)
    assert Assessment.objects.count() == 0


def test_it_takes_a_score_as_a_reading_of_the_goal_it_measures(inside: Cast) -> None:
    goal = goal_of(inside, measure="PHQ-9 score", target="at most 4 points")
    ask(inside, "phq9", [1, 1, 1, 1, 1, 1, 0, 0, 0])
    reading = Reading.objects.get(goal=goal)
    assert (reading.value, reading.source) == (Decimal(6), "phq9")


def test_it_raises_an_alarm_until_someone_says_what_was_done(inside: Cast, as_role: Callable[[str], Client]) -> None:
    row = ask(inside, "phq9", [0] * 8 + [1])
    nurse, base = as_role("nurse"), f"/plans/{inside.patient.pk}"
    for path in (f"{base}/ccm/", f"{base}/assessments/"):
        assert "thoughts of death or of self-harm" in nurse.get(path).content.decode()
    with pytest.raises(PlanRefused, match="what was done"):
        answer_alarm(acting_user=inside["nurse"], assessment=row, done="")
    assert nurse.post(f"{base}/assessments/{row.pk}/alarm/", {"done": "Dr. Given spoke with her."}).status_code == 302
    assert "thoughts of death" not in nurse.get(f"{base}/ccm/").content.decode()
    assert not any(one.is_open_alarm for one in scored(inside.patient))


def test_it_keeps_the_answers_when_one_is_missing(cast: Cast, as_role: Callable[[str], Client]) -> None:
    nurse, path = as_role("nurse"), f"/plans/{cast.patient.pk}/assessments/phq9/"
    form = {"once": "k1", "on": "2026-11-18", **{f"q{number}": "1" for number in range(1, 9)}}
    answer = nurse.post(path, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose an answer." in page
    assert page.count("checked") == 8
    for _ in range(2):
        assert nurse.post(path, {**form, "q9": "0"}).status_code == 302
    with acting_in(cast.clinic):
        assert [(row.score, row.band) for row in Assessment.objects.all()] == [(8, "mild")]
    assert "Poco interés o placer" in nurse.get(f"{path}?lang=es").content.decode()


def test_it_records_readings_and_reviews_on_the_goals_page(cast: Cast, as_role: Callable[[str], Client]) -> None:
    with acting_in(cast.clinic):
        goal = goal_of(cast)
    nurse, base = as_role("nurse"), f"/plans/{cast.patient.pk}/goals/{goal.pk}"
    wrong = nurse.post(f"{base}/reading/", {"once": "x", "value": "high", "on": "2026-11-19"})
    assert wrong.status_code == 422
    for said in ("Write a number, such as 128.", "lies in the future", 'value="high"'):
        assert said in wrong.content.decode()
    for once, value, day in (("x1", "151", 1), ("x2", "142,5", 9)):
        assert (
            nurse.post(f"{base}/reading/", {"once": once, "value": value, "on": f"2026-11-{day:02}"}).status_code == 302
        )
    page = nurse.get(f"{base}/").content.decode()
    for said in (
        "<svg",
        "142.5",
        "The readings say: <b>improving</b>",
        "The green range is the target, at most 130 mmHg",
    ):
        assert said in page
    assert "style=" not in page
    assert nurse.post(f"{base}/review/", {"once": "y", "status": "improving"}).status_code == 302
    assert nurse.post(f"{base}/review/", {"once": "z", "status": "splendid"}).status_code == 422


def test_it_opens_a_goal_through_its_own_patient_only(cast: Cast, as_role: Callable[[str], Client]) -> None:
    with acting_in(cast.clinic):
        goal = goal_of(cast)
        other = make_patient("p2", cast["practitioner"].person)  # type: ignore[arg-type]
    assert as_role("nurse").get(f"/plans/{other.pk}/goals/{goal.pk}/").status_code == 404
    assert as_role("nurse").post(f"/plans/{other.pk}/goals/{goal.pk}/reading/", {}).status_code == 404
    assert as_role("stranger").get(f"/plans/{cast.patient.pk}/goals/{goal.pk}/").status_code == 404
    assert as_role("biller").post(f"/plans/{cast.patient.pk}/goals/{goal.pk}/reading/", {}).status_code == 403


def test_it_asks_a_bounded_number_of_queries(cast: Cast, as_role: Callable[[str], Client], clock: Clock) -> None:
    with acting_in(cast.clinic):
        goal = goal_of(cast, due_on=date(2026, 11, 1))
        for number in range(12):
            make_patient(f"more{number}", cast["practitioner"].person)  # type: ignore[arg-type]
            read(cast, goal, str(120 + number), number + 1)
    nurse = as_role("nurse")
    nurse.post(f"/plans/{cast.patient.pk}/ccm/templates/", {"template": list(starters())})
    paths = {
        "/plans/": 16, "/plans/?tab=none": 16, "/plans/goals/?tab=stale": 16, f"/plans/{cast.patient.pk}/ccm/": 34,
        f"/plans/{cast.patient.pk}/goals/{goal.pk}/": 22, f"/plans/{cast.patient.pk}/assessments/": 20,
    }  # fmt: skip
    for path, most in paths.items():
        with CaptureQueriesContext(connection) as seen:
            assert nurse.get(path).status_code == 200
        assert len(seen) <= most, (path, len(seen))


def test_it_lists_plans_by_what_they_wait_for(cast: Cast, as_role: Callable[[str], Client]) -> None:
    nurse = as_role("nurse")
    nurse.post(f"/plans/{cast.patient.pk}/ccm/templates/", {"template": ["hypertension"]})
    assert "Amberlake" in nurse.get("/plans/?tab=sign").content.decode()
    with acting_in(cast.clinic):
        assert [plan_list(tab, TODAY).count() for tab in ("sign", "give", "review", "none")] == [1, 0, 0, 0]


def test_it_prints_a_plan_in_the_patients_language() -> None:
    data = PlanData(
        language="es", is_large=True, patient="Ada Amberlake", born_on=date(1948, 5, 6), practice="Lakeside", phone="",
        program="ccm", version=2, made_on=TODAY, untranslated=1,
        goals=(PlanGoal(text="Caminar", direction="at_least", value="150", unit="minutes", due_on=date(2027, 1, 31)),),
        steps=(PlanStep("nurse", "Llamar"), PlanStep("patient", "Caminar")),
    )  # fmt: skip
    printed = plan_json(data)
    assert printed["goals"][0]["target"] == "al menos 150 minutos"
    assert printed["goals"][0]["due"] == "31 de enero de 2027"
    assert [one["name"] for one in printed["owners"]] == ["Lo que hago yo", "Lo que hace mi enfermera o enfermero"]
    assert (printed["size"], printed["signed"], printed["any_hour"]) == (17, "", "")
    assert "inglés" in printed["note"]
