"""The only door to a patient."""

from __future__ import annotations

from django.http import Http404

from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.patients.models import Patient


def get_patient_for(member: Membership, patient_id: int, permission: str = "chart.read") -> Patient:
    """A patient of the member's organisation.

    Raises:
        Http404: no such patient, or another organisation's: whoever asks cannot tell which; or the role may not.
    """
    if not may(member.role, permission):
        raise Http404
    found = (
        Patient.objects.select_related("care_manager").filter(pk=patient_id, organisation=member.organisation).first()
    )
    if found is None:
        raise Http404
    patient: Patient = found
    return patient
