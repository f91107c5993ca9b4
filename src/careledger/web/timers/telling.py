"""What must be told of work before it enters the ledger by a person's hand; pages, timer and API are judged alike."""

from __future__ import annotations

from datetime import date

from careledger.core.errors import LedgerError
from careledger.core.records import TimeEntry as WorkRecord
from careledger.web.billing.queries import policy

CONTACTS = (
    "patient",
    "family or caregiver",
    "practitioner",
    "other clinician",
    "pharmacy",
    "home health agency",
    "nobody",
)
MOST_NOTE, MOST_REASON = 4000, 300
"""Characters."""


class TimeRefused(LedgerError):
    """Time that may not be recorded: what is wrong and what to do, beside the field it concerns."""

    def __init__(self, problem: str, mend: str, field: str | None = None) -> None:
        super().__init__(f"{problem}; {mend}")
        self.field = field

    @property
    def sentence(self) -> str:
        """For a page."""
        text = str(self)
        return f"{text[:1].upper()}{text[1:]}."


def check_told(work: WorkRecord, on: date) -> None:
    """TimeRefused unless it is told what was done, in words policy knows on the day, and with a note.

    Args:
        on: the day the work began, in the practice's zone.
    """
    if work.activity is None:
        raise TimeRefused("it is not told what was done", "choose an activity", "activity")
    if work.activity not in policy().on(on).activities():
        raise TimeRefused("policy knows no such activity", "choose one of the list", "activity")
    if work.contact is not None and work.contact not in CONTACTS:
        raise TimeRefused("there is no such contact", f"choose one of {', '.join(CONTACTS)}", "contact")
    if not (work.note or "").strip():
        raise TimeRefused("work without a note does not count", "write what was done", "note")
    if len(work.note or "") > MOST_NOTE:
        raise TimeRefused(f"the note is longer than {MOST_NOTE} characters", "shorten it", "note")


def check_reason(reason: str) -> None:
    """TimeRefused unless the reason of a correction can be read at a glance; that there is one, the ledger asks."""
    if len(reason) > MOST_REASON:
        raise TimeRefused(f"the reason is longer than {MOST_REASON} characters", "shorten it", "reason")
