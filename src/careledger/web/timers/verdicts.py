"""What a second person said of an entry, and what counts by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import current_organisation
from careledger.web.timers.models import TimeApproval, TimeEntry

APPROVED, RETURNED = "approved", "returned"


def counted(found: Any) -> Any:
    """Entries that count: where the house wants a second person, those that have one's approval."""
    house = current_organisation()
    if not house.needs_time_approval:
        return found
    return with_verdict(found).filter(Q(verdict=APPROVED) | Q(worked_on__lt=_since(house)))


def tell(rows: Iterable[TimeEntry]) -> None:
    """Give entries what a page says of their approval: ``waits``, or the last verdict with its reason; nothing where none is
    wanted."""
    house, kept = current_organisation(), list(rows)
    said: dict[int, TimeApproval] = {}
    if house.needs_time_approval and kept:
        said = {
            one.entry_id: one for one in TimeApproval.objects.filter(entry__in=[row.pk for row in kept]).order_by("pk")
        }
    for row in kept:
        last = said.get(row.pk)
        wants = house.needs_time_approval and row.worked_on >= _since(house) and row.kind != "voided"
        row.approval = last.verdict if last else "waits" if wants else ""
        row.approval_reason = last.reason if last else ""


def with_verdict(found: Any) -> Any:
    """Entries with their last verdict, None without one."""
    last = TimeApproval.objects.filter(entry=OuterRef("pk")).order_by("-pk")
    return found.annotate(
        verdict=Subquery(last.values("verdict")[:1]), verdict_reason=Subquery(last.values("reason")[:1])
    )


def _needing(found: Any) -> Any:
    house = current_organisation()
    return found.filter(worked_on__gte=_since(house)) if house.needs_time_approval else found.none()


def _since(house: Organisation) -> Any:
    return house.approval_since or timezone.localdate()


def waiting(by_other_than: Membership | None = None) -> Any:
    """Entries that wait for approval, the oldest first; without those a member may not approve."""
    found = with_verdict(_needing(TimeEntry.objects.current())).filter(verdict=None)
    if by_other_than is not None:
        own = Q(recorded_by=name_of(by_other_than))
        if by_other_than.person_id is not None:
            own |= Q(by=by_other_than.person_id)
        found = found.exclude(own)
    return found.select_related("patient", "by").order_by("worked_on", "sequence")


def returned_to(member: Membership) -> Any:
    """A member's own entries that were given back and not corrected since."""
    found = with_verdict(_needing(TimeEntry.objects.current())).filter(verdict=RETURNED, by=member.person_id)
    return found.select_related("patient", "by").order_by("worked_on", "sequence")


def name_of(member: Membership) -> str:
    """How the ledger names who records: the person's id, else the account's."""
    return member.person.code if member.person else f"user-{member.user_id}"
