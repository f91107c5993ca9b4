"""What every page knows: who is signed in, where they may go, and the running timer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from careledger.web.accounts.lock import is_locked, minutes_of
from careledger.web.accounts.roles import may

PLACES = (
    ("Today", "today", "chart.find", "today"),
    ("Patients", "patients", "chart.find", "patients"),
    ("Plans", "plans", "chart.read", "plans"),
    ("Enrolment", "enrolment", "chart.read", "enrolment"),
    ("Month", "month", "month.read", "month"),
    ("Claims", "claims", "claims.write", "claims"),
    ("Oversight", "oversight", "oversight.read", "oversight"),
    ("Library", "library", "library.read", "library"),
    ("Audit", "audit", "audit.read", "audit"),
    ("Settings", "settings", "settings.write", "settings"),
)
"""(label, address name, permission, key): the navigation, in order."""


def house(request: HttpRequest) -> dict[str, Any]:
    """Membership, navigation and timer for the base template."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"membership": None, "is_demo": settings.IS_DEMO, "has_mail": settings.HAS_MAIL}
    if is_locked(request):
        return {"membership": None, "locked_for": membership, "is_demo": settings.IS_DEMO}
    places = [(label, name, key) for label, name, permission, key in PLACES if may(membership.role, permission)]
    return {
        "membership": membership,
        "places": places,
        "is_demo": settings.IS_DEMO,
        "timer": _timer(membership),
        "lock_s": minutes_of(membership) * 60,
        "engagement": getattr(request, "engagement", None),
    }


def _timer(membership: Any) -> Any:
    from careledger.web.timers.queries import running_timer

    return running_timer(membership) if may(membership.role, "time.log") else None
