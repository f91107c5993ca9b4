"""Searching the log, and opening an audit."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django import forms
from django.utils import timezone

from careledger.core.month import Month
from careledger.web.accounts.models import Membership
from careledger.web.audit.engagements import AUDITOR, MOST_MONTHS
from careledger.web.audit.queries import Search, people
from careledger.web.patients.models import Patient

_KINDS = (
    ("", "reads and writes"), ("reads", "reads"), ("writes", "writes"), ("time.", "time"), ("consent.", "consents"),
    ("status.", "statuses"), ("session.", "signing in and out"), ("token.", "API tokens"), ("audit.", "audits"),
)  # fmt: skip
_DAY = forms.DateInput(attrs={"type": "date"})


class SearchForm(forms.Form):
    """By words, patient, person, kind and days."""

    q = forms.CharField(required=False, label="Words", help_text="In person, action or target")
    patient = forms.CharField(required=False, label="Patient's id", max_length=120)
    person = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Person")
    kind = forms.ChoiceField(required=False, choices=_KINDS, label="What")
    since = forms.DateField(required=False, label="From", widget=_DAY)
    until = forms.DateField(required=False, label="To", widget=_DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "everyone"), *people()]

    @property
    def search(self) -> Search:
        """What was asked; a field that cannot be read narrows nothing and says so beside it."""
        self.full_clean()
        cells = self.cleaned_data
        return Search(
            words=cells.get("q") or "",
            patient=cells.get("patient") or "",
            kind=cells.get("kind") or "",
            person=cells.get("person"),
            since=cells.get("since"),
            until=cells.get("until"),
        )


class EngagementForm(forms.Form):
    """Who audits what, and until when."""

    name = forms.CharField(max_length=120, label="Name of the audit")
    auditor = forms.ModelChoiceField(Membership.objects.none(), label="Auditor")
    since = forms.DateField(label="First day of access", widget=_DAY)
    until = forms.DateField(label="Last day of access", widget=_DAY)
    first_month = forms.CharField(
        max_length=7, label="First month looked at", widget=forms.DateInput({"type": "month"})
    )
    last_month = forms.CharField(max_length=7, label="Last month looked at", widget=forms.DateInput({"type": "month"}))
    patients = forms.CharField(widget=forms.Textarea({"rows": 6}), label="Patients' ids", help_text="One a line")

    def __init__(self, *args: Any, acting_user: Membership, **kwargs: Any) -> None:
        super().__init__(*args, initial={"since": timezone.localdate()}, **kwargs)
        members = Membership.objects.filter(organisation=acting_user.organisation, role=AUDITOR, is_active=True)
        self.fields["auditor"].queryset = members.select_related("user")

    def clean_patients(self) -> list[Patient]:
        """The patients named; every id nobody has is said."""
        codes = list(dict.fromkeys(self.cleaned_data["patients"].split()))
        found = {row.code: row for row in Patient.objects.filter(code__in=codes)}
        if missing := [code for code in codes if code not in found]:
            raise forms.ValidationError(f"No patient has the id {', '.join(missing[:5])}; correct or remove it.")
        return [found[code] for code in codes]

    def clean_first_month(self) -> Month:
        return _month(self.cleaned_data["first_month"])

    def clean_last_month(self) -> Month:
        return _month(self.cleaned_data["last_month"])

    @property
    def months(self) -> list[Month]:
        """Every month from the first to the last."""
        first, last = self.cleaned_data["first_month"], self.cleaned_data["last_month"]
        return list(islice(first.through(last), MOST_MONTHS + 1))


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise forms.ValidationError("Write the month as 2026-10.") from None
