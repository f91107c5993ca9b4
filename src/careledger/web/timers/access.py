"""The door to a time entry: through its patient."""

from __future__ import annotations

from django.http import Http404

from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.patients.access import get_patient_for
from careledger.web.timers.models import TimeEntry


def get_entry_for(member: Membership, entry_pk: int) -> TimeEntry:
    """An entry of a patient the member may see; to be corrected by who worked, or by who approves time.

    Raises:
        Http404: no such entry, or not the member's to correct.
    """
    row = TimeEntry.objects.select_related("patient", "by", "corrects").filter(pk=entry_pk).first()
    if row is None:
        raise Http404
    entry: TimeEntry = row
    get_patient_for(member, entry.patient_id)
    if entry.by_id != member.person_id and not may(member.role, "time.approve"):
        raise Http404
    return entry
