"""What is on paper: eligibility, consent, opening visit and care plan."""

from __future__ import annotations

from datetime import date, timedelta

from careledger.core.records import ExtraPlanning
from careledger.synthetic import cast
from careledger.synthetic.situations.register import situation
from careledger.synthetic.story import ELEMENTS, Story, diagnose, enrol


@situation
def not_enrolled(story: Story) -> None:
    story.drop("consents", "care_plans", "goals")
    story.change("visits", discussed=None)


@situation
def consent_missing(story: Story) -> None:
    story.drop("consents")
    story.staff(25)


@situation
def consent_not_documented(story: Story) -> None:
    story.change("consents", documented=False)
    story.staff(26)


@situation
def consent_statement_missing(story: Story) -> None:
    story.change("consents", covers=("availability", "one_practitioner", "right_to_stop"))
    story.staff(24)


@situation
def consent_revoked_before(story: Story) -> None:
    story.change("consents", revoked_on=story.month.first_on - timedelta(days=12))
    story.staff(22)


@situation
def consent_revoked_in_month(story: Story) -> None:
    story.change("consents", revoked_on=story.day(26))
    story.staff(23, last=24)


@situation
def consent_in_month_enough(story: Story) -> None:
    enrol(story, _first_weekday(story, 12))
    story.staff(12, last=9)
    story.staff(22, first=15)


@situation
def consent_in_month_short(story: Story) -> None:
    enrol(story, _first_weekday(story, 14))
    story.staff(16, last=9)
    story.staff(9, first=17)


@situation
def consent_to_another(story: Story) -> None:
    story.change("consents", practitioner=next(who for who in cast.BILLERS if who != story.biller))
    story.staff(25)


@situation
def initiating_visit_missing(story: Story) -> None:
    story.drop("visits")
    story.change("panel", established=False)
    story.staff(25)


@situation
def initiating_visit_not_discussed(story: Story) -> None:
    opening = story.records["consents"][0].given_on
    story.records["visits"] = [visit for visit in story.records["visits"] if visit.on == opening]
    story.change("visits", discussed=())
    story.change("panel", established=False)
    story.staff(25)


@situation
def plan_without_copy(story: Story) -> None:
    story.change("care_plans", copy_given_on=None, delivered_by=None)
    story.staff(27)


@situation
def plan_incomplete(story: Story) -> None:
    story.change("care_plans", elements=ELEMENTS[:5])
    story.staff(24)


@situation
def plan_missing(story: Story) -> None:
    story.drop("care_plans", "goals")
    story.staff(24)


@situation
def one_condition(story: Story) -> None:
    diagnose(story, ["I10"])
    story.staff(28)


@situation
def extra_planning(story: Story) -> None:
    on = _first_weekday(story, 3)
    enrol(story, on)
    story.change("visits", code="99215")
    story.add("extra_planning", ExtraPlanning(patient_id=story.id, by=story.biller, on=on, beyond_usual_effort=True))
    story.staff(22, first=6)


def _first_weekday(story: Story, number: int) -> date:
    day = story.day(number)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day
