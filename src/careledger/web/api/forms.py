"""The form of a new token."""

from __future__ import annotations

from typing import Any

from django import forms

from careledger.web.api.scopes import offered_to
from careledger.web.api.tokens import LONGEST_DAYS
from careledger.web.patients.models import Patient


class TokenForm(forms.Form):
    """What a token is for, what it may do, and how long."""

    name = forms.CharField(
        max_length=80, label="What will use it", help_text="Such as: time import of the phone system"
    )
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=90, label="Days it lives", help_text=f"{LONGEST_DAYS} at most"
    )
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="What it may do")
    patient = forms.CharField(
        max_length=120, required=False, label="Only this patient", help_text="A patient's code; needed for patient/*.rs"
    )

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(name, f"{scope.says} ({name})") for name, scope in offered_to(role).items()]

    def clean_patient(self) -> Patient | None:
        """The patient of the code, in the organisation in scope."""
        code = self.cleaned_data["patient"].strip()
        if not code:
            return None
        found: Patient | None = Patient.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError("No patient has this code.")
        return found

    def clean(self) -> dict[str, Any]:
        """A scope of one patient and a patient go together."""
        told: dict[str, Any] = super().clean() or {}
        scopes = told.get("scopes", ())
        if ("patient/*.rs" in scopes) != (told.get("patient") is not None):
            self.add_error("patient", "A patient and the scope patient/*.rs go together.")
        elif told.get("patient") is not None and len(scopes) > 1:
            self.add_error("scopes", "A token of one patient has no other scope.")
        return told
