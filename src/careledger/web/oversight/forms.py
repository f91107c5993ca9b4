"""Forms of oversight."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from careledger.oversight.components.classify import components
from careledger.oversight.director.statement import LEAST_WORDS
from careledger.web.billing.queries import policy
from careledger.web.oversight.models import Aim, AimPoint, Cycle
from careledger.web.tenancy.models import Person

_DAY = forms.DateInput(attrs={"type": "date"})
_TIME = forms.TimeInput(attrs={"type": "time"})


class AgreementForm(forms.Form):
    """A director's agreement, as signed."""

    code = forms.CharField(max_length=60, label="Id of the agreement")
    director = forms.ModelChoiceField(queryset=None, label="Director")
    signed_on = forms.DateField(widget=_DAY, label="Signed on")
    starts_on = forms.DateField(widget=_DAY, label="Starts on")
    ends_on = forms.DateField(widget=_DAY, label="Ends on")
    rate = forms.DecimalField(
        min_value=0,
        max_digits=8,
        decimal_places=2,
        label="Dollars an hour",
        help_text="Set in advance, at fair market value.",
    )
    cap_minutes_per_month = forms.IntegerField(min_value=1, label="Most minutes a month")
    duties = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}), help_text="One duty a line, as the agreement words it: id: words"
    )
    terms = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label="Seen in the agreement"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["director"].queryset = Person.objects.all()
        terms = policy().on(timezone.localdate()).words("house.director.contract_terms")
        self.fields["terms"].choices = [(term, term.replace("_", " ")) for term in terms]

    def clean_duties(self) -> dict[str, str]:
        """Duties by id."""
        pairs = [line.partition(":") for line in self.cleaned_data["duties"].splitlines() if line.strip()]
        if not pairs or not all(id_.strip() and words.strip() for id_, _, words in pairs):
            raise forms.ValidationError("Write each duty as 'id: words', one a line.")
        return {id_.strip(): words.strip() for id_, _, words in pairs}

    def cells(self) -> dict[str, Any]:
        """As the table holds them."""
        found = dict(self.cleaned_data)
        found["rate_cents_per_hour"] = int(found.pop("rate") * 100)
        return found


class DirectorWorkForm(forms.Form):
    """A stretch of administrative work."""

    duty = forms.ChoiceField()
    on = forms.DateField(widget=_DAY, label="Day")
    start = forms.TimeField(widget=_TIME)
    stop = forms.TimeField(widget=_TIME)
    what = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), label="What was done",
        help_text="Enough for a reviewer to see the service. Name no patient: patient work belongs in the time ledger.",
    )  # fmt: skip

    def __init__(self, duties: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duty"].choices = list(duties.items())

    def clean_what(self) -> str:
        """Refuse words too few to be of use."""
        what = str(self.cleaned_data["what"])
        if len(what.split()) < LEAST_WORDS:
            raise forms.ValidationError(f"Say it in at least {LEAST_WORDS} words.")
        return what

    def clean(self) -> dict[str, Any]:
        """The stretch in seconds."""
        cells = super().clean() or {}
        if {"on", "start", "stop"} <= cells.keys():
            zone = timezone.get_current_timezone()
            start, stop = (datetime.combine(cells["on"], cells[name], zone) for name in ("start", "stop"))
            if stop <= start:
                self.add_error("stop", "It ends before it starts; work over midnight is two entries.")
            cells |= {"start_s": int(start.timestamp()), "end_s": int(stop.timestamp())}
        return cells


class ActForm(forms.Form):
    """An act of one component, with the lines of its template."""

    activity = forms.ChoiceField(label="Kind of work")
    on = forms.DateField(widget=_DAY, label="Day")
    minutes = forms.IntegerField(min_value=1, max_value=1440)
    patient = forms.CharField(
        required=False, max_length=120, label="Patient's id", help_text="Empty for work on the program as a whole."
    )
    part_of_visit = forms.BooleanField(required=False, label="It was part of a visit")
    under_agency_plan = forms.NullBooleanField(
        required=False, label="I signed the plan of care of a home health agency or hospice in force"
    )
    concerns = forms.CharField(
        required=False, max_length=300, label="Link", help_text="The plan, goal, letter or meeting it concerns."
    )
    signature = forms.CharField(max_length=200, label="Signature", help_text="Type your name.")

    def __init__(self, component: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = components()[component]
        known = policy().on(timezone.localdate()).activities()
        names = [(one, known[one].says.capitalize() if one in known else one) for one in told["activities"]]
        self.fields["activity"].choices = names
        self.lines = list(told["template"])
        for place, line in enumerate(self.lines):
            field = forms.CharField(
                required=place == 0, max_length=2_000, label=line[:1].upper() + line[1:],
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
            self.fields[f"line{place}"] = field
        self.order_fields([f"line{place}" for place in range(len(self.lines))])

    def told(self) -> dict[str, str]:
        """The template's lines with what was written."""
        return {line: str(self.cleaned_data[f"line{place}"]) for place, line in enumerate(self.lines)}


class AimForm(forms.ModelForm):
    """An aim."""

    class Meta:
        model = Aim
        fields = ("says", "measure", "unit", "target", "better", "by", "owner", "baseline_points")
        labels: ClassVar = {"says": "Aim", "by": "By when", "baseline_points": "Points that make the baseline"}
        widgets: ClassVar = {"by": _DAY}


class PointForm(forms.ModelForm):
    """A period's value."""

    class Meta:
        model = AimPoint
        fields = ("period", "value")

    period = forms.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", help_text="Month, as 2026-11")


class CycleForm(forms.ModelForm):
    """Plan, do, study, act."""

    class Meta:
        model = Cycle
        fields = ("since", "plan", "do", "study", "act")
        widgets: ClassVar = {
            "since": _DAY,
            **{name: forms.Textarea(attrs={"rows": 2}) for name in ("plan", "do", "study", "act")},
        }
