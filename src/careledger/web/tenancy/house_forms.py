"""Forms of the practice, its people and the values of the house."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms

from careledger.core.codes import npi_problem
from careledger.core.records import PERSON_KINDS, PRACTITIONER_KINDS, PREFERENCES, SETTINGS, SUPERVISION_LEVELS
from careledger.policy.fees import load_fees
from careledger.web.tenancy.models import PROFESSIONS, Practice
from careledger.web.tenancy.seen_form import SeenForm

US_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
    "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam",
)  # fmt: skip
_PREFERS = {"payment": "the practice's payment", "patient_cost": "the patient's cost", "simplicity": "few lines"}
_TRUTH = (("unknown", "not known"), ("true", "yes"), ("false", "no"))
_DIGITS = re.compile(r"\D")


def words_of(kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    """Choices in words."""
    return [(one, PROFESSIONS.get(one, one.replace("_", " "))) for one in kinds]


def zone_choices() -> list[tuple[str, Any]]:
    """Time zones, those of the United States first."""
    others = sorted(available_timezones() - set(US_ZONES))
    return [
        ("United States", [(one, one.replace("_", " ")) for one in US_ZONES]),
        ("Elsewhere", [(one, one) for one in others]),
    ]


def locality_choices() -> list[tuple[str, str]]:
    """Medicare's fee localities."""
    known = sorted(load_fees().localities().items(), key=lambda pair: (pair[1].rpartition(", ")[2], pair[1]))
    return [("", "national fees"), *((key, f"{name} ({key})") for key, name in known)]


def clean_npi(npi: str) -> str:
    """An NPI with a good check digit."""
    if npi and (problem := npi_problem(npi)):
        raise forms.ValidationError(f"{problem[:1].upper()}{problem[1:]}. Compare it with the NPI registry's letter.")
    return npi


def digits(text: str, lengths: tuple[int, ...], says: str) -> str:
    """The digits of a text, of one of the lengths."""
    found = _DIGITS.sub("", text)
    if text and len(found) not in lengths:
        raise forms.ValidationError(says)
    return found


class Yes(forms.NullBooleanField):
    """Yes, no, or not known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.NullBooleanSelect, required=False, **kwargs)
        self.widget.choices = _TRUTH


class PracticeForm(SeenForm):
    """A practice as claims name it."""

    name = forms.CharField(max_length=120, label="Name of the practice", help_text="As on the claim.")
    npi = forms.CharField(
        max_length=12, label="Billing NPI", help_text="Ten digits; the group's, or a solo practitioner's."
    )
    tax_id = forms.CharField(max_length=12, label="Tax id (EIN)", help_text="Nine digits.")
    taxonomy = forms.RegexField(
        r"^[0-9A-Z]{9}X$", required=False, label="Taxonomy code", help_text="Such as 207Q00000X."
    )
    address = forms.CharField(max_length=120, label="Street", help_text="No post office box: payers refuse one here.")
    city = forms.CharField(max_length=60, label="City")
    state = forms.RegexField(r"^[A-Za-z]{2}$", label="State", help_text="Two letters.")
    zip = forms.CharField(max_length=10, label="ZIP code", help_text="Nine digits; claims ask for all of them.")
    phone = forms.CharField(max_length=20, label="Telephone", help_text="Ten digits.")
    setting = forms.ChoiceField(choices=words_of(SETTINGS), label="Bills from", initial="office")
    locality = forms.ChoiceField(
        choices=locality_choices, required=False, label="Medicare locality", help_text="Sets the fees."
    )
    time_zone = forms.ChoiceField(
        choices=zone_choices, label="Time zone", initial="America/New_York", help_text="Days and months begin by it."
    )
    access_24_7 = Yes(label="Urgent access to a clinician at any hour")
    certified_ehr = Yes(label="Records kept in a certified EHR")
    prefers = forms.ChoiceField(
        choices=[(one, _PREFERS[one]) for one in PREFERENCES],
        label="Between lawful sets of codes, prefer",
        initial="payment",
    )

    def clean_npi(self) -> str:
        return clean_npi(self.cleaned_data["npi"])

    def clean_tax_id(self) -> str:
        return digits(self.cleaned_data["tax_id"], (9,), "A tax id has nine digits, such as 12-3456789.")

    def clean_zip(self) -> str:
        return digits(
            self.cleaned_data["zip"], (9,), "Nine digits are needed; the post office's web site tells the last four."
        )

    def clean_phone(self) -> str:
        return digits(self.cleaned_data["phone"], (10,), "A telephone number has ten digits.")

    def clean_state(self) -> str:
        return str(self.cleaned_data["state"]).upper()


class PersonForm(SeenForm):
    """Someone who bills, treats or logs time."""

    name = forms.CharField(max_length=120, label="Name", help_text="Given name, then family name.")
    kind = forms.ChoiceField(choices=[("", "Choose"), *words_of(PERSON_KINDS)], label="Profession")
    practice = forms.ModelChoiceField(None, label="Practice", empty_label=None)
    credential = forms.CharField(max_length=20, required=False, label="Signs as", help_text="Such as MD or RN.")
    npi = forms.CharField(max_length=12, required=False, label="NPI", help_text="Needed of whoever bills.")
    taxonomy = forms.RegexField(r"^[0-9A-Z]{9}X$", required=False, label="Taxonomy code")
    specialty = forms.CharField(max_length=60, required=False, label="Specialty")
    employment = forms.ChoiceField(
        choices=[("", "not known"), ("employee", "employee"), ("contractor", "contractor"), ("leased", "leased")],
        required=False,
        label="Employed as",
    )
    supervision = forms.ChoiceField(
        choices=words_of(SUPERVISION_LEVELS), label="Works under supervision", initial="general",
        help_text="Time of staff counts under general supervision or closer (42 CFR 410.26(b)(5)).",
    )  # fmt: skip
    certified_or_trained = Yes(label="Certified or trained as the service asks")
    outside_us = Yes(label="Works from outside the United States")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practice"].queryset = Practice.objects.order_by("pk")

    def clean_npi(self) -> str:
        return clean_npi(self.cleaned_data["npi"])

    def clean(self) -> dict[str, Any]:
        cells = super().clean()
        if cells.get("kind") in PRACTITIONER_KINDS and not cells.get("npi") and "npi" not in self.errors:
            self.add_error("npi", "A practitioner's claims carry their own NPI; fill it.")
        return cells


class CredentialForm(forms.Form):
    """A licence or certificate."""

    title = forms.CharField(max_length=60, label="Licence or certificate", help_text="Such as RN licence.")
    state = forms.RegexField(r"^[A-Za-z]{2}$", required=False, label="State")
    number = forms.CharField(max_length=60, required=False, label="Number")
    valid_from = forms.DateField(required=False, label="Valid from", widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(
        required=False, label="Valid until", widget=forms.DateInput(attrs={"type": "date"}), help_text="Empty if it does not end."
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cells = super().clean() or {}
        if _before(cells.get("valid_until"), cells.get("valid_from")):
            self.add_error("valid_until", "It ends before it begins; correct one of the two days.")
        cells["state"] = (cells.get("state") or "").upper()
        return cells


class HouseForm(SeenForm):
    """Values of the house: no law sets them."""

    name = forms.CharField(max_length=200, label="Name of the organisation")
    forgotten_after_minutes = forms.IntegerField(
        min_value=10, max_value=600, label="A timer may have been forgotten after, minutes",
        help_text="It is then asked about; nothing is cut by itself.",
    )  # fmt: skip
    late_after_days = forms.IntegerField(
        min_value=0, max_value=60, label="Time recorded so many days after the work is marked late"
    )
    idle_lock_minutes = forms.IntegerField(
        min_value=1, max_value=60, label="Lock the page after, minutes without a person"
    )
    needs_time_approval = forms.BooleanField(
        required=False, label="A second person approves time before it counts",
        help_text="Someone other than who worked and who recorded it.",
    )  # fmt: skip
    approval_since = forms.DateField(
        required=False, label="For work from this day on", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Today when empty; earlier work counts as it did.",
    )  # fmt: skip
    note_templates = forms.CharField(
        required=False, max_length=4000, label="Starting texts for notes", widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line. Empty: those that come with CareLedger.",
    )  # fmt: skip


def _before(first: date | None, second: date | None) -> bool:
    return first is not None and second is not None and first < second
