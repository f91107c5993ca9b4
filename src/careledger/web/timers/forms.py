"""Forms of time: start and end are required, the activity comes from policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import forms
from django.utils import timezone

from careledger.core.records import PROGRAMS
from careledger.web.billing.queries import policy
from careledger.web.tenancy.models import Organisation
from careledger.web.timers.telling import CONTACTS, MOST_NOTE, MOST_REASON

TEMPLATES = (
    "Called the patient: reviewed symptoms, medication and the plan of care; answered questions.",
    "Called the patient, no answer; left a message asking to call back.",
    "Reviewed results with the practitioner and updated the plan of care.",
    "Coordinated with the pharmacy about a refill; confirmed dose and pick-up with the patient.",
    "Reconciled medication after a change; patient repeated the instructions in their own words.",
)
"""Starting texts for a note, in our own words; what was really done is written over them."""


def templates_of(house: Organisation) -> tuple[str, ...]:
    """Starting texts for notes: the house's own, else those that come with CareLedger."""
    own = tuple(line.strip() for line in house.note_templates.splitlines() if line.strip())
    return own or TEMPLATES


@cache
def activity_choices() -> list[tuple[str, str]]:
    """Kinds of work policy knows, in our own words."""
    known = policy().on(datetime.now(tz=timezone.get_current_timezone()).date()).activities()
    return [
        ("", "Choose what was done"),
        *sorted(((one.id, one.says[:1].upper() + one.says[1:]) for one in known.values()), key=lambda pair: pair[1]),
    ]


def _contacts() -> list[tuple[str, str]]:
    return [("", "Who was contacted"), *[(one, one[:1].upper() + one[1:]) for one in CONTACTS]]


class WorkForm(forms.Form):
    """What was done; the timer's stop asks for this alone."""

    activity = forms.ChoiceField(choices=activity_choices, label="Activity")
    contact = forms.ChoiceField(choices=_contacts, required=False, label="Contact")
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Note",
        max_length=MOST_NOTE,
        help_text="Work without a note does not count.",
    )


class TypedTimeForm(WorkForm):
    """Time typed in: day, start and end, in the practice's zone."""

    program = forms.ChoiceField(choices=[(name, name.upper()) for name in PROGRAMS], label="Program")
    on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    start = forms.TimeField(label="Start", widget=forms.TimeInput(attrs={"type": "time", "step": "1"}))
    end = forms.TimeField(label="End", widget=forms.TimeInput(attrs={"type": "time", "step": "1"}))
    field_order = ("program", "on", "start", "end", "activity", "contact", "note")

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        if not {"on", "start", "end"} <= cells.keys():
            return cells
        zone = timezone.get_current_timezone()
        start = datetime.combine(cells["on"], cells["start"], zone)
        end = datetime.combine(cells["on"], cells["end"], zone)
        if end <= start:
            self.add_error("end", "It ends before or when it starts. Work past midnight is two entries, one a day.")
        elif end > timezone.now() + timedelta(seconds=1):
            self.add_error("end", "It lies in the future. Log work after it was done.")
        cells["start_s"], cells["end_s"] = int(start.timestamp()), int(end.timestamp())
        return cells


class ReplaceForm(TypedTimeForm):
    """A corrected entry in the place of another."""

    reason = forms.CharField(label="Why it is corrected", max_length=MOST_REASON)


class VoidForm(forms.Form):
    """Taking an entry out of what counts."""

    reason = forms.CharField(label="Why it is taken out", max_length=MOST_REASON)
