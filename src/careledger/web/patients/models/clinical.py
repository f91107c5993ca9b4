"""Conditions, visits, stays and the other facts of a chart."""

from __future__ import annotations

from django.db import models

from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import WordsField, day, prose, truth, word
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow


class Condition(OrganisationRow):
    """A diagnosis, with the clinician's word on it.

    Attributes:
        word_of: the practitioner whose word it is, by code; null for what an electronic record told.
    """

    patient = patient_link("conditions")
    icd10 = models.CharField(max_length=10)
    chronic = truth()
    expected_months = models.IntegerField(null=True, blank=True)
    significant_risk = truth()
    complex = truth()
    since = day()
    until = day()
    chronic_basis = WordsField(default=())
    word_of = word()

    def __str__(self) -> str:
        return self.icd10


class Visit(OrganisationRow):
    """An encounter with a practitioner."""

    patient = patient_link("visits")
    practitioner = person_link()
    on = models.DateField()
    code = word()
    face_to_face = truth()
    discussed = WordsField(null=True)
    need_and_plan_documented = truth()
    telehealth = truth()

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Stay(OrganisationRow):
    """Days in a facility; ``until`` is the day of discharge."""

    patient = patient_link("stays")
    kind = models.CharField(max_length=40)
    since = models.DateField()
    until = day()
    facility_paid_for_care_management = truth()

    def __str__(self) -> str:
        return f"stay {self.pk}"


class AgencyEpisode(OrganisationRow):
    """Home health or hospice service under a signed plan of care."""

    patient = patient_link("agency_episodes")
    kind = models.CharField(max_length=40)
    agency_npi = word()
    since = day()
    until = day()
    medicare_covered = truth()
    plan_signed_by = word()
    financial_interest = truth()
    employed_by_agency = truth()
    coordinated_this_month = truth()
    certified_on = day()
    recertified_on = day()

    def __str__(self) -> str:
        return f"episode {self.pk}"


class Discharge(OrganisationRow):
    """A discharge, for transitional care."""

    patient = patient_link("discharges")
    from_kind = models.CharField(max_length=40)
    on = models.DateField()
    to = word()
    contact_on = day()
    contact_by = word()
    contact_attempts = models.IntegerField(null=True, blank=True)
    contact_attempted_on = WordsField(default=())
    contact_before_discharge = truth()
    visit_on = day()
    visit_by = word()
    visit_separate = truth()
    medication_reconciled_on = day()
    readmitted_on = day()
    non_face_to_face_services = truth()

    def __str__(self) -> str:
        return f"discharge {self.pk}"

    @property
    def from_(self) -> str:
        return self.from_kind

    @from_.setter
    def from_(self, kind: str) -> None:
        self.from_kind = kind


class Device(OrganisationRow):
    """A remote-monitoring device's month."""

    patient = patient_link("devices")
    kind = models.CharField(max_length=10)
    set_up_on = day()
    first_use = truth()
    days_with_data = models.IntegerField(null=True, blank=True)
    period_since = day()
    period_until = day()
    live_contact = truth()
    fda_device = truth()
    auto_transmits = truth()
    system = word()
    supplied_by = word()

    def __str__(self) -> str:
        return f"device {self.pk}"


class Behavioral(OrganisationRow):
    """Behavioural health facts."""

    patient = patient_link("behavioral")
    diagnosis = truth()
    initiating_month = truth()
    validated_scale = truth()
    psychiatric_consultant = word()
    service = word()
    elements_documented = truth()
    note = prose()

    def __str__(self) -> str:
        return f"behavioral {self.pk}"
