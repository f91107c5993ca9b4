"""What claims must know of the practice: submitter, payers with their receivers, charges. Kept in ``claims.yaml``.

The file is the one that the command line reads too. A change is checked by its reader before it takes the file's place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction

from careledger.claims.config import DAY_CHOICES
from careledger.claims.config_file import settings_in, write_settings
from careledger.core.codes import hcpcs_problem
from careledger.web.audit.actions import record
from careledger.web.tenancy.actions import SettingRefused
from careledger.web.tenancy.house_forms import digits
from careledger.web.tenancy.scope import locked_organisation
from careledger.web.tenancy.seen_form import SeenForm

if TYPE_CHECKING:
    from careledger.web.accounts.models import Membership

SUBMITTER = ("name", "number", "contact", "phone", "email")
PAYER = ("name", "number", "filing", "street", "city", "state", "zip")
FILING = (
    ("MB", "Medicare Part B (MB)"),
    ("16", "Medicare Advantage (16)"),
    ("MC", "Medicaid (MC)"),
    ("CI", "commercial (CI)"),
    ("BL", "Blue Cross or Blue Shield (BL)"),
)
_DAYS = {"decided": "the day the service was complete", "whole_month": "first to last day of the month"}
_CHARGE = re.compile(r"^\s*([0-9A-Z]{5})\s*[:=,\s]\s*\$?\s*(\d{1,6}(?:\.\d{1,2})?)\s*$")


class SubmitterForm(SeenForm):
    """Who sends the file."""

    name = forms.CharField(max_length=60, label="Submitter's name", help_text="Your practice, or who sends for you.")
    number = forms.CharField(
        max_length=20, label="Submitter id", help_text="Given by the contractor or clearing house (electronic data interchange enrolment)."
    )  # fmt: skip
    contact = forms.CharField(max_length=60, label="Whom they may call")
    phone = forms.CharField(max_length=20, label="Telephone")
    email = forms.EmailField(max_length=80, required=False, label="E-mail address")
    service_days = forms.ChoiceField(
        choices=[(one, _DAYS[one]) for one in DAY_CHOICES], label="Day on the claim's line"
    )
    attestation = forms.ChoiceField(
        choices=[("each_month", "each month"), ("on_file", "once for all claims")], label="Practitioners attest"
    )
    usage = forms.ChoiceField(
        choices=[("test", "test"), ("production", "production")], label="Files are marked",
        help_text="Test until the receiver says that your files are good.",
    )  # fmt: skip

    def clean_phone(self) -> str:
        return digits(self.cleaned_data["phone"], (10,), "A telephone number has ten digits.")


class PayerForm(SeenForm):
    """A payer as claims address it, and who receives the file for it."""

    name = forms.CharField(max_length=60, label="Name on the claim")
    number = forms.CharField(max_length=30, label="Payer id", help_text="For Medicare Part B the contractor's number.")
    filing = forms.ChoiceField(choices=FILING, label="Kind of filing")
    receiver_name = forms.CharField(
        max_length=60, required=False, label="Receiver of the file", help_text="Empty: the payer itself."
    )
    receiver_number = forms.CharField(max_length=30, required=False, label="Receiver id")
    street = forms.CharField(max_length=55, required=False, label="Street")
    city = forms.CharField(max_length=30, required=False, label="City")
    state = forms.RegexField(r"^[A-Za-z]{2}$", required=False, label="State")
    zip = forms.CharField(max_length=10, required=False, label="ZIP code")

    def clean_zip(self) -> str:
        return digits(self.cleaned_data["zip"], (5, 9), "A ZIP code has five or nine digits.")

    def clean(self) -> dict[str, Any]:
        cells = super().clean()
        if bool(cells.get("receiver_name")) != bool(cells.get("receiver_number")):
            missing = "receiver_number" if cells.get("receiver_name") else "receiver_name"
            self.add_error(missing, "A receiver has a name and an id; fill both or none.")
        return cells


class ChargesForm(SeenForm):
    """What the practice charges."""

    percent = forms.DecimalField(
        required=False, min_value=1, max_value=1000, max_digits=6, decimal_places=2, label="Percent of the allowed amount",
        help_text="For codes without an amount of their own. Many practices charge 150 to 250.",
    )  # fmt: skip
    charges = forms.CharField(
        required=False, max_length=4000, label="Amounts by code", widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line: the code, then dollars, such as 99490 95.00.",
    )  # fmt: skip

    def clean_charges(self) -> str:
        lines = [line for line in self.cleaned_data["charges"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            found = _CHARGE.match(line.upper())
            if found is None or hcpcs_problem(found[1]):
                raise forms.ValidationError(f"Line {number} is no code and amount; write it as 99490 95.00.")
        pairs = [_CHARGE.match(line.upper()) for line in lines]
        codes = [found[1] for found in pairs if found]
        if len(set(codes)) < len(codes):
            raise forms.ValidationError("A code stands twice; keep one of its amounts.")
        return "\n".join(f"{found[1]} {found[2]}" for found in pairs if found)


def stands() -> dict[str, Any]:
    """The settings as they stand in the file."""
    from careledger.web.revenue.book import config_file

    return settings_in(config_file())


def submitter_stands() -> dict[str, Any]:
    """The submitter's form as it stands."""
    found = stands()
    told = found.get("submitter") or {}
    plain = {name: str(told.get(name, "")) for name in SUBMITTER}
    return plain | {
        "service_days": found.get("service_days", DAY_CHOICES[0]),
        "attestation": found.get("attestation", "each_month"),
        "usage": found.get("usage", "production" if told else "test"),
    }


def payer_stands(payer: str) -> dict[str, Any]:
    """A payer's form as it stands."""
    told = (stands().get("payers") or {}).get(payer) or {}
    receiver = told.get("receiver") or {}
    plain = {name: str(told.get(name, "")) for name in PAYER}
    return plain | {"receiver_name": receiver.get("name", ""), "receiver_number": str(receiver.get("number", ""))}


def charges_stand() -> dict[str, Any]:
    """The charges' form as it stands."""
    found = stands()
    lines = "\n".join(f"{code} {amount}" for code, amount in (found.get("charges") or {}).items())
    percent = found.get("charge_percent_of_allowed")
    return {"percent": percent, "charges": lines}


def save_submitter(*, acting_user: Membership, **cells: Any) -> None:
    """Who sends the file, and how its lines are made."""
    told = {name: cells[name] for name in SUBMITTER}
    more = {name: cells[name] for name in ("service_days", "attestation", "usage")}
    _save(acting_user, "claims.submitter", {**more, "submitter": told})


def save_payer(*, acting_user: Membership, payer: str, **cells: Any) -> None:
    """A payer and its receiver."""
    told = {name: cells[name] for name in PAYER}
    told["receiver"] = {"name": cells["receiver_name"], "number": cells["receiver_number"]}
    _save(acting_user, "claims.payer", {"payers": {**(stands().get("payers") or {}), payer: told}})


def remove_payer(*, acting_user: Membership, payer: str) -> None:
    """Claims to this payer are held from now on."""
    kept = {name: told for name, told in (stands().get("payers") or {}).items() if name != payer}
    _save(acting_user, "claims.payer", {"payers": kept})


def save_charges(*, acting_user: Membership, percent: Any, charges: str) -> None:
    """What the practice charges."""
    told = dict(line.split() for line in charges.splitlines())
    _save(
        acting_user, "claims.charges", {"charges": told, "charge_percent_of_allowed": str(percent) if percent else ""}
    )


@transaction.atomic
def _save(acting_user: Membership, noun: str, changes: dict[str, Any]) -> None:
    """Put changes into the file, noted in the audit log; one after the other.

    Raises:
        SettingRefused: the reader of the file refuses what it would say.
    """
    from careledger.core.errors import InputError
    from careledger.web.revenue.book import config_file

    house = locked_organisation()
    before = stands()
    after = {**before, **changes}
    if after == before:
        return
    names = tuple(changes)
    record(
        acting_user=acting_user, action=f"{noun}.changed", target=house,
        before={name: before.get(name) for name in names}, after={name: after[name] for name in names},
    )  # fmt: skip
    try:
        write_settings(config_file(), after)
    except InputError as refused:
        raise SettingRefused(f"{refused.problem[:1].upper()}{refused.problem[1:]}; {refused.mend}.") from None
