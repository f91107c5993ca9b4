"""Forms of the chart: who the patient is, who pays, and one form for each kind of row of the record."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from careledger.core.codes import hcpcs_problem, icd10_problem, mbi_problem, npi_problem
from careledger.core.records import AGENCY_KINDS, PROGRAMS, RESIDENCES, SETTINGS, STAY_KINDS
from careledger.fhir.codes import chronic_basis
from careledger.web.patients import fields
from careledger.web.patients.fields import SentOnce
from careledger.web.tenancy.models import Person

_STATE = re.compile(r"[A-Z]{2}")
_ZIP = re.compile(r"\d{5}(-?\d{4})?")
LANGUAGES = (("en", "English"), ("es", "Spanish"))


def wrong(says: str) -> forms.ValidationError:
    """A problem beside its field, as a sentence."""
    return forms.ValidationError(f"{says[:1].upper()}{says[1:].rstrip('.')}.")


class PatientForm(SentOnce):
    """Who the patient is."""

    family_name = fields.text("Family name", required=True, help_text="As on the insurance card.")
    given_name = fields.text("Given name", required=True)
    born_on = fields.day("Date of birth", required=True)
    sex = fields.one_of("Sex on the claim", ("female", "male", "unknown"))
    phone = fields.text("Telephone", type="tel")
    language = forms.TypedChoiceField(
        label="Language",
        choices=[("", "Not known"), *LANGUAGES, ("other", "Another")],
        required=False,
        empty_value=None,
    )
    residence = fields.one_of("Lives in", RESIDENCES, help_text="A facility that is paid for care management bars it.")
    address = fields.text("Street")
    city = fields.text("City")
    state = fields.text("State", most=2, help_text="Two letters.")
    zip = fields.text("ZIP", most=10)
    code = fields.text("Id in the practice", help_text="Empty: one is given.")
    died_on = fields.day("Died on", help_text="Work after it earns nothing.")
    groups: fields.Groups = (
        ("Who", ("family_name", "given_name", "born_on", "sex", "language", "phone", "code", "died_on")),
        ("Where", ("residence", "address", "city", "state", "zip")),
    )

    def clean_state(self) -> str | None:
        state = (self.cleaned_data["state"] or "").upper()
        if state and not _STATE.fullmatch(state):
            raise wrong("a State has two letters such as NY")
        return state or None

    def clean_zip(self) -> str | None:
        found: str | None = self.cleaned_data["zip"]
        if found and not _ZIP.fullmatch(found):
            raise wrong("a ZIP has five or nine digits")
        return found

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        born, died = cells.get("born_on"), cells.get("died_on")
        if born and died and died < born:
            self.add_error("died_on", "It lies before the birth. Correct one of the days.")
        return cells


class CoverageForm(SentOnce):
    """Who pays, from when to when."""

    payer = fields.payers("Payer")
    member_id = fields.text("Member number", help_text="For Medicare the MBI of the red, white and blue card.")
    part_b = fields.truth("Medicare Part B")
    qmb = fields.truth("Qualified Medicare Beneficiary", help_text="Owes no share.")
    rank = forms.TypedChoiceField(
        label="Pays", choices=[("1", "first"), ("2", "second"), ("3", "third")], coerce=int, initial="1"
    )
    plan = fields.text("Plan")
    since = fields.day("From")
    until = fields.day("To", help_text="Empty while it lasts.")

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        number = re.sub(r"[\s-]", "", cells.get("member_id") or "").upper() or None
        if "member_id" in cells:
            cells["member_id"] = number
        if number and cells.get("payer") == "medicare_ffs" and (problem := mbi_problem(number)):
            self.add_error("member_id", wrong(problem))
        return cells


class ConditionForm(SentOnce):
    """A diagnosis with the practitioner's word on it."""

    icd10 = fields.text("ICD-10-CM code", required=True, most=10, help_text="Such as I10 or E11.22.")
    chronic = fields.truth(
        "Chronic", help_text="Not known: the public lists of chronic conditions answer where they agree."
    )
    expected_months = forms.IntegerField(
        label="Expected to last, months", required=False, min_value=0, max_value=999,
        help_text="Or until death: the months asked for are enough.",
    )  # fmt: skip
    significant_risk = fields.truth(
        "Significant risk", help_text="Of death, exacerbation, decompensation or decline of function."
    )
    complex = fields.truth("Complex", help_text="For principal care: frequent changes, or complicated by others.")
    word_of = fields.practitioner(
        "On whose word", help_text="Who judged whether it is chronic, for how long, at what risk."
    )
    since = fields.day("Since")
    until = fields.day("Resolved on")

    def clean_icd10(self) -> str:
        code = str(self.cleaned_data["icd10"]).strip().upper()
        if len(code) > 3 and "." not in code:
            code = f"{code[:3]}.{code[3:]}"
        if problem := icd10_problem(code):
            raise wrong(problem)
        return code

    def clean(self) -> dict[str, Any]:
        cells: dict[str, Any] = super().clean() or {}
        judged = [
            name
            for name in ("chronic", "expected_months", "significant_risk", "complex")
            if cells.get(name) is not None
        ]
        if judged and not cells.get("word_of"):
            self.add_error("word_of", "Name the practitioner who judged it; it is a clinical word, not the list's.")
        return cells

    def cells(self) -> dict[str, Any]:
        """With why it is held chronic; where nobody judged it, the lists do if both name it."""
        found = super().cells()
        lists = chronic_basis(found["icd10"])
        if found["chronic"] is None:
            found["chronic"] = True if len(lists) == 2 else None
            return {**found, "chronic_basis": lists}
        return {**found, "chronic_basis": (*lists, "clinician") if found["chronic"] else lists}


class VisitForm(SentOnce):
    """An encounter."""

    practitioner = fields.practitioner("Practitioner", required=True)
    on = fields.day("Day", required=True)
    code = fields.text("Code", most=5, help_text="Such as 99214 or G0439.")
    face_to_face = fields.truth("Face to face")
    telehealth = fields.truth("By telehealth")
    discussed = forms.MultipleChoiceField(
        label="Programs discussed, by the visit's note", required=False,
        choices=[(name, name.upper()) for name in PROGRAMS if name != "director"],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def clean_code(self) -> str | None:
        code = (self.cleaned_data["code"] or "").upper()
        if code and (problem := hcpcs_problem(code)):
            raise wrong(problem)
        return code or None

    def cells(self) -> dict[str, Any]:
        found = super().cells()
        person = Person.objects.get(code=found["practitioner"])
        return {**found, "practitioner": person, "discussed": tuple(found["discussed"])}


class StayForm(SentOnce):
    """Days in a facility."""

    kind = fields.one_of("Kind", STAY_KINDS, required=True)
    since = fields.day("Admitted", required=True)
    until = fields.day("Discharged", help_text="Empty while the patient is there.")
    facility_paid_for_care_management = fields.truth("The facility is paid for care management")


class EpisodeForm(SentOnce):
    """Home health or hospice."""

    kind = fields.one_of("Agency", AGENCY_KINDS, required=True)
    agency_npi = fields.text("Agency's NPI", most=10)
    since = fields.day("First day", required=True)
    until = fields.day("Last day", help_text="Empty while it lasts.")
    medicare_covered = fields.truth("Covered by Medicare")
    plan_signed_by = fields.practitioner("Who signed the plan of care")
    certified_on = fields.day("Certified on")
    recertified_on = fields.day("Re-certified on")
    financial_interest = fields.truth("The signer has a financial interest in the agency")
    employed_by_agency = fields.truth("The signer works for the agency")
    coordinated_this_month = fields.truth("The agency was spoken with this month")

    def clean_agency_npi(self) -> str | None:
        npi: str | None = self.cleaned_data["agency_npi"]
        if npi and (problem := npi_problem(npi)):
            raise wrong(problem)
        return npi


class DischargeForm(SentOnce):
    """A discharge, for transitional care."""

    from_kind = fields.one_of("From", STAY_KINDS, required=True)
    on = fields.day("Day of discharge", required=True)
    to = fields.one_of("To", RESIDENCES)
    contact_on = fields.day("First contact")
    contact_by = fields.staff("Contact made by", empty="Not known")
    contact_attempts = forms.IntegerField(label="Attempts that failed", required=False, min_value=0, max_value=99)
    visit_on = fields.day("Visit face to face")
    visit_by = fields.practitioner("Seen by")
    visit_separate = fields.truth("The visit is billed as nothing else")
    medication_reconciled_on = fields.day("Medication reconciled")
    readmitted_on = fields.day("Readmitted")
    non_face_to_face_services = fields.truth("Services beside the visit were furnished")


class OtherClaimForm(SentOnce):
    """A service that someone billed."""

    code = fields.text("Code", required=True, most=5)
    on = fields.day("Date of service", required=True)
    practice_code = fields.text("Billed by practice", help_text="Its name or id; ours where we billed elsewhere.")
    practitioner = fields.text("Billed by practitioner")
    units = forms.IntegerField(label="Units", min_value=1, max_value=999, initial=1)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).upper()
        if problem := hcpcs_problem(code):
            raise wrong(problem)
        return code


class PanelForm(SentOnce):
    """How the patient stands to a practitioner."""

    established = fields.truth("Seen by the practice before")
    last_seen_on = fields.day("Last seen", help_text="Beside the visits of this chart.")
    setting = fields.one_of("Billed from", SETTINGS, help_text="Where it differs from the practice's.")
    primary_care_focal_point = fields.truth(
        "Responsible for all primary care", help_text="Advanced primary care asks it."
    )
    able_to_furnish_all = fields.truth("Able to furnish every element of advanced primary care")
    quality_reporting = fields.truth("Meets its condition on quality reporting")


class NewPatientForm(PatientForm):
    """A new patient, with who pays and who answers: enough to begin."""

    payer = fields.payers("Payer")
    member_id = fields.text("Member number", help_text="For Medicare the MBI of the red, white and blue card.")
    part_b = fields.truth("Medicare Part B")
    qmb = fields.truth("Qualified Medicare Beneficiary", help_text="Owes no share.")
    covered_since = fields.day("Covered from", help_text="Empty: not known, taken as covered.")
    practitioner = fields.practitioner("Practitioner of record", required=True)
    established = fields.truth("Seen by the practice before")
    is_another = forms.BooleanField(label="It is another person of the same name and birth date", required=False)
    groups: fields.Groups = (
        ("Who", ("family_name", "given_name", "born_on", "sex", "language", "phone", "code")),
        ("Who pays", ("payer", "member_id", "part_b", "qmb", "covered_since")),
        ("Who answers", ("practitioner", "established")),
        ("Where", ("residence", "address", "city", "state", "zip")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["died_on"]
        if not self.is_bound:
            self.fields["is_another"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cells = super().clean()
        number = re.sub(r"[\s-]", "", cells.get("member_id") or "").upper() or None
        cells["member_id"] = number
        if number and cells.get("payer") == "medicare_ffs" and (problem := mbi_problem(number)):
            self.add_error("member_id", wrong(problem))
        return cells


class PractitionerForm(SentOnce):
    """Who answers for the patient from a day on."""

    practitioner = fields.practitioner("Practitioner of record", required=True)
    since = fields.day("From", required=True)
    note = forms.CharField(label="Why", max_length=300, required=False)


class ManagerForm(SentOnce):
    """Who works with the patient."""

    care_manager = fields.staff("Care manager")


class RemovalForm(SentOnce):
    """Why a row is taken out of the record."""

    reason = forms.CharField(label="Why it is taken out", max_length=300)
