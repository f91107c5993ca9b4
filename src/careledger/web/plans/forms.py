"""Forms of a plan's items; each knows how an item becomes what is typed, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from careledger.web.plans.content import OWNERS, Content, Item
from careledger.web.plans.targets import DIRECTIONS, make_target, number_of, read_target

_ICD10 = re.compile(r"^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$")


def _line(label: str, *, required: bool = False, most: int = 200, says: str = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, required=required, max_length=most, help_text=says, widget=widget)


def _prose(label: str, *, required: bool = False, says: str = "", rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=2000, help_text=says, widget=widget)


def day_field(label: str, *, required: bool = True, says: str = "") -> forms.DateField:
    """A day, with the browser's own calendar."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=says,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ItemForm(forms.Form):
    """An item of a plan.

    Attributes:
        content: the plan it is part of; its problems can be chosen.
    """

    def __init__(self, *args: Any, content: Content, item: Item | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.typed(item) if item else {}, **kwargs)
        if "problems" in self.fields:
            field: Any = self.fields["problems"]
            field.choices = [(one["id"], one["name"]) for one in content["problems"]]
            if not field.choices:
                del self.fields["problems"]

    def typed(self, item: Item) -> dict[str, Any]:
        """What an item looks like in the fields."""
        return dict(item)

    def item(self, item_id: str) -> Item:
        """The item that was typed."""
        return {"id": item_id, **self.cleaned_data}

    def english(self) -> list[Any]:
        """The fields, without those for the Spanish words."""
        return [field for field in self if not field.name.endswith("_es")]

    def spanish(self) -> list[Any]:
        """The fields for the Spanish words."""
        return [field for field in self if field.name.endswith("_es")]


class ProblemForm(ItemForm):
    """An illness the plan is about."""

    name = _line("Problem, as the patient would call it", required=True)
    icd10 = _line("ICD-10 codes", most=100, says="Parted by a space, as on the chart.")
    outcome = _prose("Expected outcome", says="What is to be expected with this plan, in plain words.")
    symptoms = _prose("Symptoms and what to do", says="What to watch for, when to call the practice, when to call 911.")
    name_es = _line("Problem in Spanish")
    outcome_es = _prose("Expected outcome in Spanish")
    symptoms_es = _prose("Symptoms and what to do in Spanish")

    def clean_icd10(self) -> str:
        codes = self.cleaned_data["icd10"].upper().replace(",", " ").split()
        wrong = [code for code in codes if not _ICD10.match(code)]
        if wrong:
            raise forms.ValidationError("Write codes such as I10 or E11.22, parted by a space.")
        return " ".join(dict.fromkeys(codes))


class GoalForm(ItemForm):
    """A measurable goal: what is measured, the value to reach, and the day."""

    text = _line("Goal, in the patient's words", required=True)
    problems = forms.MultipleChoiceField(label="For", required=False, widget=forms.CheckboxSelectMultiple)
    measure = _line("What is measured", required=True, most=120, says="Such as systolic blood pressure.")
    direction = forms.ChoiceField(label="Target is", choices=DIRECTIONS)
    value = _line("Value", required=True, most=12, inputmode="decimal")
    high = _line("Upper value", most=12, says="Only for a target between two values.", inputmode="decimal")
    unit = _line("Unit", most=30)
    due_on = day_field("To be reached by")
    barriers = _prose("Barriers", says="What stands in the way, and what would help.", rows=2)
    text_es = _line("Goal in Spanish")
    measure_es = _line("What is measured, in Spanish", most=120)
    barriers_es = _prose("Barriers in Spanish", rows=2)

    def typed(self, item: Item) -> dict[str, Any]:
        target = read_target(item["target"])
        parts: dict[str, Any] = {"value": item["target"]}
        if target is not None:
            parts = {"direction": target.direction, "value": target.value, "high": target.high, "unit": target.unit}
        return {**item, **parts, "due_on": item["due_on"] and date.fromisoformat(item["due_on"])}

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        typed = [cells.get(name) or "" for name in ("direction", "value", "unit", "high")]
        target = make_target(*typed)
        if cells.get("value") and number_of(cells["value"]) is None:
            self.add_error("value", "Write a number, such as 130.")
        elif target is None and cells.get("direction") == "between":
            self.add_error("high", "Write the upper value, higher than the first.")
        cells["target"] = str(target) if target else ""
        if len(cells["target"]) > 120:
            self.add_error("unit", "Write a shorter unit.")
        return cells

    def item(self, item_id: str) -> Item:
        cells = self.cleaned_data
        return {"id": item_id, **cells, "due_on": cells["due_on"].isoformat()}


class InterventionForm(ItemForm):
    """What is done, and by whom."""

    text = _line("What is done", required=True, most=400)
    owner = forms.ChoiceField(label="By", choices=[("", "Choose who does it"), *OWNERS])
    problems = forms.MultipleChoiceField(label="For", required=False, widget=forms.CheckboxSelectMultiple)
    text_es = _line("What is done, in Spanish", most=400)


class MedicationForm(ItemForm):
    """A medicine as the patient takes it."""

    name = _line("Medicine", required=True)
    dose = _line("Dose", says="Such as 10 mg.")
    how = _line("How and when", says="Such as one tablet every morning.")
    why = _line("What for")


class AllergyForm(ItemForm):
    """A substance the patient does not tolerate, or that none is known."""

    substance = _line("Substance", required=True, says="Or: No known allergies.")
    reaction = _line("Reaction")


class TextForm(ItemForm):
    """A required element told in words; one that applies to some patients only may be left out with a reason."""

    text = _prose("In words", rows=6)
    why_not = _line("Or why it does not apply to this patient", most=300)
    text_es = _prose("In Spanish", rows=6)

    def __init__(self, *args: Any, is_optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_optional:
            del self.fields["why_not"]
            self.fields["text"].required = True

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        if not cells.get("text") and not cells.get("why_not") and not self.errors:
            self.add_error("text", "Write what holds for this patient, or why it does not apply.")
        return cells


FORMS: Mapping[str, type[ItemForm]] = {
    "problems": ProblemForm,
    "goals": GoalForm,
    "interventions": InterventionForm,
    "medications": MedicationForm,
    "allergies": AllergyForm,
    "texts": TextForm,
}


def not_to_come(day: date) -> date:
    """A day that is not in the future; ValidationError otherwise."""
    if day > timezone.localdate():
        raise forms.ValidationError("The day lies in the future. Record it when it has come.")
    return day
