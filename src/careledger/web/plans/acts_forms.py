"""Forms of what is done with a plan: signature, copy, review, readings, assessments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from careledger.web.plans.forms import day_field, not_to_come
from careledger.web.plans.instruments import Instrument
from careledger.web.plans.models import ACHIEVEMENTS, EXTENTS
from careledger.web.plans.signing import RECEIVERS, WAYS, copy_forms
from careledger.web.plans.targets import number_of

LANGUAGES = (("en", "English"), ("es", "Spanish"))


class SignForm(forms.Form):
    """What a practitioner signs: the version as it was shown."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    extent = forms.ChoiceField(
        label="Since the last signature the plan was changed",
        choices=EXTENTS,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the plan is new in substance; then the patient is given a new copy."},
    )
    looked = forms.BooleanField(
        label="I have looked at the plan as it stands on this page",
        error_messages={"required": "Tick this after you have looked at the plan."},
    )

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_first:
            del self.fields["extent"]


class DeliverForm(forms.Form):
    """How, when and to whom a copy was given."""

    once = forms.CharField(max_length=40, widget=forms.HiddenInput)
    number = forms.IntegerField(widget=forms.HiddenInput)
    on = day_field("Day")
    way = forms.ChoiceField(label="How it was given")
    given_to = forms.ChoiceField(label="Given to", choices=RECEIVERS)
    name = forms.CharField(label="Name of the caregiver", required=False, max_length=120)
    language = forms.ChoiceField(label="Language", choices=LANGUAGES)

    def __init__(self, *args: Any, program: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["way"]
        field.choices = [(way, label) for way, label, form in WAYS if form in copy_forms(program)]

    def clean_on(self) -> date:
        return not_to_come(self.cleaned_data["on"])

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        if cells.get("given_to") == "caregiver" and not cells.get("name"):
            self.add_error("name", "Name the caregiver who was given the copy.")
        return cells


class ReviewForm(forms.Form):
    """The plan was looked at and stands as it is."""

    next_on = day_field("Look at it again on", required=False)


class ReadingForm(forms.Form):
    """A measured value."""

    once = forms.CharField(max_length=40, widget=forms.HiddenInput)
    value = forms.CharField(
        label="Value", max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    on = day_field("Day")
    note = forms.CharField(label="Note", required=False, max_length=300)

    def clean_value(self) -> Decimal:
        number = number_of(self.cleaned_data["value"])
        if number is None:
            raise forms.ValidationError("Write a number, such as 128.")
        return number

    def clean_on(self) -> date:
        return not_to_come(self.cleaned_data["on"])


class WithdrawForm(forms.Form):
    """A reading that is wrong."""

    reason = forms.CharField(label="Why it is wrong", max_length=300)


class GoalReviewForm(forms.Form):
    """How a goal fares."""

    once = forms.CharField(max_length=40, widget=forms.HiddenInput)
    status = forms.ChoiceField(label="How the goal fares", choices=ACHIEVEMENTS)
    next_on = day_field("Look at it again on", required=False)
    note = forms.CharField(label="Note", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AssessmentForm(forms.Form):
    """A questionnaire: one choice a question, in the patient's language."""

    once = forms.CharField(max_length=40, widget=forms.HiddenInput)
    on = day_field("Day")

    def __init__(self, *args: Any, asked: Instrument, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        options = [(place, getattr(one.words, language)) for place, one in enumerate(asked.options)]
        for key, words in asked.questions.items():
            self.fields[key] = forms.TypedChoiceField(
                label=getattr(words, language), choices=options, coerce=int, widget=forms.RadioSelect,
                error_messages={"required": "Choose an answer."},
            )  # fmt: skip
        self.fields["note"] = forms.CharField(
            label="Note", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
        )

    def clean_on(self) -> date:
        return not_to_come(self.cleaned_data["on"])

    def questions(self) -> list[Any]:
        """The fields of the questions, in order."""
        return [self[key] for key in self.asked.questions]

    def answers(self) -> dict[str, int]:
        """Question to the place of the chosen option."""
        return {key: self.cleaned_data[key] for key in self.asked.questions}


class AlarmForm(forms.Form):
    """What was done about an alarm."""

    done = forms.CharField(label="What was done", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
