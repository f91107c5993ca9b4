"""Forms of billing."""

from __future__ import annotations

from typing import Any

from django import forms

from careledger.claims.denials.work import ENDINGS
from careledger.core.month import Month
from careledger.core.records import MDM_LEVELS

MAX_MB = 20
_ENDING_WORDS = {
    "appealed": "appealed", "corrected": "a corrected claim was sent", "written_off": "written off", "billed_patient": "the patient was billed",
    "agreed": "the payer is right",
}  # fmt: skip


class MonthForm(forms.Form):
    """A month."""

    month = forms.RegexField(r"^\d{4}-\d{2}$", label="Month", help_text="YYYY-MM")

    def clean_month(self) -> str:
        try:
            return str(Month.parse(self.cleaned_data["month"]))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class DecisionMakingForm(forms.Form):
    """The complexity of the month's decision-making."""

    level = forms.ChoiceField(label="Complexity of decision-making", choices=[(level, level) for level in MDM_LEVELS])


class X12Form(forms.Form):
    """A file from a payer or a clearing house."""

    file = forms.FileField(label="File", help_text=f"X12 text, at most {MAX_MB} MB")

    def clean_file(self) -> Any:
        """Looked at before anything is read: size, and whether it is X12 at all."""
        file = self.cleaned_data["file"]
        if file.size > MAX_MB * 1024 * 1024:
            raise forms.ValidationError(f"The file is larger than {MAX_MB} MB. Ask the sender for smaller files.")
        start = file.read(106)
        file.seek(0)
        if not start.lstrip(b"\xef\xbb\xbf\r\n \t").startswith((b"ISA", b"TA1")):
            raise forms.ValidationError("This is no X12 file: it does not begin with ISA. Nothing of it was read.")
        return file


class ReleaseForm(forms.Form):
    """Why a file that was put aside may be posted."""

    because = forms.CharField(label="Why may it be posted?", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class EndDenialForm(forms.Form):
    """How a denial ended."""

    how = forms.ChoiceField(label="How did it end?", choices=[(one, _ENDING_WORDS.get(one, one)) for one in ENDINGS])
    because = forms.CharField(label="Why?", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class AppealForm(forms.Form):
    """A sentence of one's own in an appeal letter."""

    say = forms.CharField(
        label="Add to the letter", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class PaperForm(forms.Form):
    """A paper remittance, keyed line by line."""

    file = forms.FileField(label="Keyed remittance (YAML)", help_text="as docs/tables.md describes, at most 1 MB")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > 1024 * 1024:
            raise forms.ValidationError("The file is larger than 1 MB.")
        return file
