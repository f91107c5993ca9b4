"""How much was worked, by whom and when."""

from __future__ import annotations

from datetime import time

from careledger.core.records import DecisionMaking
from careledger.synthetic import cast
from careledger.synthetic.situations.register import situation
from careledger.synthetic.story import Story
from careledger.synthetic.timesheet import Work


@situation
def ready_20_39(story: Story) -> None:
    story.staff(story.draw.random.uniform(20, 39.9))


@situation
def ready_40_59(story: Story) -> None:
    story.staff(story.draw.random.uniform(40, 59.9))


@situation
def ready_60_plus(story: Story) -> None:
    story.staff(story.draw.random.uniform(60, 85))
    _decided(story, "low")


@situation
def no_minutes_yet(story: Story) -> None:
    """Nothing is done."""


@situation
def short_of_minutes(story: Story) -> None:
    story.staff(story.draw.random.uniform(4, 15))


@situation
def complex(story: Story) -> None:
    story.staff(story.draw.random.uniform(60, 89))
    _decided(story, "moderate")


@situation
def complex_add_on(story: Story) -> None:
    story.staff(story.draw.random.uniform(91, 118))
    _decided(story, "high")


@situation
def own_time(story: Story) -> None:
    story.own(story.draw.random.uniform(31, 58))
    story.change("panel", elects=("99491",))


@situation
def own_time_add_on(story: Story) -> None:
    story.own(story.draw.random.uniform(61, 88))
    story.change("panel", elects=("99491", "99437"))


@situation
def short_by_3(story: Story) -> None:
    story.staff(17)


@situation
def short_by_1_second(story: Story) -> None:
    story.staff(20 - 1 / 60)


@situation
def unreachable(story: Story) -> None:
    story.staff(2)


@situation
def contractor_nurse(story: Story) -> None:
    story.staff(story.draw.random.uniform(21, 38), by=cast.CONTRACTOR)


@situation
def two_staff_at_once_enough(story: Story) -> None:
    _call(story, "rn-kim", 6, time(10, 0), 15)
    _call(story, "ma-ortiz", 6, time(10, 10), 15)


@situation
def two_staff_at_once_short(story: Story) -> None:
    _call(story, "rn-kim", 7, time(10, 0), 13)
    _call(story, "ma-ortiz", 7, time(10, 0), 13)


@situation
def nurse_on_two_patients_first(story: Story) -> None:
    _call(story, "rn-osei", 8, time(14, 0), 22)


@situation
def nurse_on_two_patients_second(story: Story) -> None:
    """Starts while the same nurse is still logged to another patient."""
    _call(story, "rn-osei", 8, time(14, 5), 22)


@situation
def clerk_minutes(story: Story) -> None:
    story.staff(14)
    story.staff(10, by=cast.CLERK, activity="appointment reminder")


@situation
def unknown_activity(story: Story) -> None:
    story.staff(24, activity="wellbeing touchpoint")


@situation
def month_border(story: Story) -> None:
    """A call that ends in the next month: 22 of its 30 minutes belong to this one."""
    story.work.append(_work(story, "rn-petrov", 30, story.month.last_on.day, time(23, 38)))


@situation
def clock_change(story: Story) -> None:
    """Work in the hour after midnight of the Sunday on which clocks change, or of the month's last Sunday."""
    sundays = [day for day in range(1, story.month.days + 1) if story.day(day).weekday() == 6]
    offsets = {day: story.at(story.day(day), time(0, 0)).utcoffset() for day in sundays}
    changing = [day for day in sundays if offsets[day] != story.at(story.day(day), time(12, 0)).utcoffset()]
    story.work.append(_work(story, "rn-petrov", 90, (changing or sundays)[-1], time(1, 30), seconds=24 * 60))


@situation
def late_entry(story: Story) -> None:
    story.staff(24, recorded_days_later=12)


@situation
def director_time(story: Story) -> None:
    story.staff(12)
    story.own(30, program="director", kind="director", by="dr-okafor")


def _decided(story: Story, level: str) -> None:
    made = DecisionMaking(patient_id=story.id, practitioner=story.biller, month=str(story.month), level=level)
    story.add("decision_making", made)


def _call(story: Story, by: str, day: int, clock: time, minutes: int) -> None:
    story.work.append(_work(story, by, minutes, day, clock))


def _work(story: Story, by: str, minutes: int, day: int, clock: time, seconds: int | None = None) -> Work:
    on = story.day(day)
    return Work(
        patient_id=story.id,
        by=by,
        seconds=minutes * 60 if seconds is None else seconds,
        kind="contact",
        days=(on,),
        start=story.at(on, clock),
    )
