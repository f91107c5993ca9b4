"""The month's note of a patient, printed from the clinic's records."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone

from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.documents import source
from careledger.documents.monthly_note import build_monthly_note
from careledger.web.billing.queries import policy
from careledger.web.patients.models import Patient
from careledger.web.revenue import book


def note_pdf(patient: Patient, month_text: str) -> bytes:
    """The note as PDF.

    Raises:
        Http404: no practitioner stands on the patient's panel, so that there is no note.
    """
    month = Month.parse(month_text)
    on = min(timezone.localdate(), month.last_on)
    with book.tables(month, [patient]) as folder, source(folder, policy()) as opened:
        try:
            found = opened.binder_data(patient.code, month, prepared_on=on)
        except InputError:
            raise Http404 from None
        return build_monthly_note(found[0])
