"""What the demo clinic's house keeps: licences with their days, oversight, the director's log, aims, a run of the radar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from careledger.core.month import Month
from careledger.web.billing.queries import policy
from careledger.web.demo.plans import member
from careledger.web.demo.words import ACTS, AIMS, DIRECTED, DUTIES, INQUIRIES
from careledger.web.oversight import act_views, director, improving, radar
from careledger.web.oversight.models import Aim, AimPoint, Cycle, DirectorAgreement, RadarFinding
from careledger.web.patients.models import Patient
from careledger.web.tenancy.actions import add_credential
from careledger.web.tenancy.models import Person

_TITLES = {
    "physician": ("Medical licence", "Registration for controlled substances"),
    "np": ("Nurse practitioner licence",),
    "pa": ("Physician assistant licence",),
    "rn": ("Registered nurse licence",),
    "lpn": ("Practical nurse licence",),
    "ma": ("Medical assistant certificate",),
}
_LEFT_DAYS = {"ma-ortiz": -12, "rn-osei": 18}
"""Whose licence ended, and whose ends soon, by the days that are left of it."""


def licence() -> None:
    """Enter the licences of everyone who has one; one ended lately, one ends soon."""
    today = timezone.localdate()
    for place, person in enumerate(Person.objects.order_by("code")):
        for number, title in enumerate(_TITLES.get(person.kind, ())):
            left = _LEFT_DAYS.get(person.code, 200 + 37 * place + 90 * number)
            until = today + timedelta(days=left)
            add_credential(
                acting_user=member("administrator"), person=person, title=title, state="NY",
                number=f"SAMPLE-{1000 + 10 * place + number}", valid_from=until - timedelta(days=1094), valid_until=until,
            )  # fmt: skip


def oversee() -> None:
    """Acts of oversight, the director's log of last month and this one, aims, and the radar with work begun on it."""
    _act()
    _direct()
    for place in range(len(AIMS)):
        _aim(place)
    _look()


def _act() -> None:
    doctor = member("director")
    patient = Patient.objects.filter(died_on=None).order_by("code").first()
    for place, (component, activity, minutes, first, second) in enumerate(ACTS):
        lines = act_views.components()[component]["template"]
        on = timezone.localdate() - timedelta(days=3 * place + 1)
        cells = {
            "activity": activity, "on": on, "minutes": minutes, "part_of_visit": False, "under_agency_plan": None,
            "concerns": "Plan of care", "signature": str(doctor.person),
        }  # fmt: skip
        act_views.log(
            acting_user=doctor, component=component, patient=None if component == "monitoring_and_quality" else patient,
            told=dict(zip(lines, (first, second), strict=False)), cells=cells,
        )  # fmt: skip


def _direct() -> None:
    """An agreement of this year, its work, and last month's statement signed by who recorded the agreement."""
    today = timezone.localdate()
    this, approver, directing = Month.of(today), member("compliance"), member("director")
    terms = tuple(policy().on(today).words("house.director.contract_terms"))
    begun = this.previous().first_on - timedelta(days=60)
    cells = {
        "code": f"director-{begun.year}", "director": directing.person, "signed_on": begun - timedelta(days=5), "starts_on": begun,
        "ends_on": begun + timedelta(days=364), "rate_cents_per_hour": 17_500, "cap_minutes_per_month": 600, "duties": DUTIES,
        "terms": terms,
    }  # fmt: skip
    agreement = director.agree(acting_user=approver, cells=cells)
    for month in (this.previous(), this):
        _log(agreement, month, today)
    director.approve(
        acting_user=approver, agreement=agreement, month=this.previous(), signature=str(approver.user), view=policy().on(today)
    )  # fmt: skip


def _log(agreement: DirectorAgreement, month: Month, today: date) -> None:
    for duty, day, hour, minutes, what in DIRECTED:
        on = date(month.year, month.number, day)
        if on >= today:
            continue
        start = int(datetime(on.year, on.month, on.day, hour, tzinfo=timezone.get_current_timezone()).timestamp())
        director.log(
            acting_user=member("director"), agreement=agreement, duty=duty, start_s=start, end_s=start + minutes * 60, on=on,
            what=what,
        )  # fmt: skip


def _aim(place: int) -> None:
    says, measure, unit, target, better, values, steps = AIMS[place]
    directing, month = member("director"), Month.of(timezone.localdate())
    aim = Aim(
        says=says, measure=measure, unit=unit, target=target, better=better, by=month.first_on + timedelta(days=180),
        owner=str(directing.person), baseline_points=5,
    )  # fmt: skip
    improving.keep(acting_user=directing, row=aim, action="aim.set", says=says)
    for value in reversed(values):
        month = month.previous()
        point = AimPoint(aim=aim, period=str(month), value=value, recorded_at=timezone.now())
        improving.keep(acting_user=directing, row=point, action="aim.point_added")
    plan, do, study, act = steps
    cycle = Cycle(aim=aim, since=month.first_on + timedelta(days=150), plan=plan, do=do, study=study, act=act)
    improving.keep(acting_user=directing, row=cycle, action="aim.cycle_added")
    improving.note(
        acting_user=directing, aim=aim, text="Shown to the board this quarter; they asked for the figures by site."
    )


def _look() -> None:
    """The radar's nightly run, and what compliance did with the first findings."""
    radar.run(acting_user=None)
    for check, step, note in INQUIRIES:
        finding = RadarFinding.objects.filter(check_id=check).order_by("pk").first()
        if finding is not None:
            radar.work(acting_user=member("compliance"), finding=finding, step=step, note=note)
