"""Forms of enrolment. The consent form's statements are those policy asks for on the day of consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from careledger.core.records import PRACTITIONER_KINDS
from careledger.web.enrolment import programs
from careledger.web.enrolment.actions import SAID
from careledger.web.patients import fields
from careledger.web.patients.fields import SentOnce
from careledger.web.patients.models import STATUSES
from careledger.web.tenancy.models import Person

_FORMS = {
    "verbal": "In words (talk or telephone)",
    "written": "In writing (signed form)",
    "electronic": "Electronically",
}


class StatusForm(SentOnce):
    """A step with its day."""

    status = forms.ChoiceField(label="Step")
    on = fields.day("Day", required=True)
    note = forms.CharField(label="Note", max_length=300, required=False, help_text="Why, where or by whom.")

    def __init__(self, *args: Any, steps: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(STATUSES)
        self.fields["status"].choices = [(step, labels[step]) for step in steps]


class ConsentForm(SentOnce):
    """A consent: each statement confirmed by itself, then who, how and when."""

    form = forms.ChoiceField(label="How it was given")
    given_by = forms.ChoiceField(
        label="Given by", choices=[("patient", "The patient"), ("representative", "A representative")]
    )
    representative = fields.text(
        "Name of the representative", help_text="Where a representative speaks for the patient."
    )
    given_on = fields.day("Day of consent", required=True, help_text="An earlier day is marked as recorded late.")
    practitioner = forms.ChoiceField(label="Practitioner who is paid")
    begins = forms.BooleanField(label="The program begins on this day", required=False, initial=True)

    def __init__(self, *args: Any, program: str, statements: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.program, self.statements = program, tuple(statements)
        for id_ in statements:
            # The browser asks for the tick; what a missing one means is the action's to say, as to the API.
            tick = forms.CheckboxInput(attrs={"required": True})
            self.fields[SAID + id_] = forms.BooleanField(label=id_.replace("_", " "), required=False, widget=tick)
        asked = programs.forms(program, today) or tuple(_FORMS)
        self.fields["form"].choices = [("", "Choose"), *((one, _FORMS[one]) for one in asked)]
        kinds = programs.biller_kinds(program, today) or PRACTITIONER_KINDS
        people = Person.objects.filter(kind__in=kinds).order_by("name", "pk")
        chosen = [("", "Choose a practitioner"), *((one.code, str(one)) for one in people)]
        self.fields["practitioner"].choices = chosen

    def keep(self, typed: Mapping[str, str]) -> None:
        """Show what stands in the browser so far, without judging it."""
        for name, field in self.fields.items():
            is_tick = isinstance(field, forms.BooleanField)
            self.initial[name] = name in typed if is_tick else typed.get(name, self.initial.get(name))

    @property
    def told(self) -> tuple[str, ...]:
        """Ids of the statements that were confirmed."""
        return tuple(id_ for id_ in self.statements if self.cleaned_data.get(SAID + id_))


class RevocationForm(SentOnce):
    """The day a patient takes a consent back."""

    on = fields.day("Day of the patient's word", required=True)


class BeginForm(SentOnce):
    """The day a program begins."""

    started_on = fields.day("First day", required=True)
