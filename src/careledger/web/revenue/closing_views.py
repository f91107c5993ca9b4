"""The month's closing on its page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.billing.views import month_named
from careledger.web.revenue import closing


@door("month.read")
@require_GET
def closing_panel(request: MemberRequest, month: str) -> HttpResponse:
    """Is the month closed, by whom, and what would now be billed otherwise?"""
    asked = month_named(month)
    shown = {
        "month": asked,
        "state": closing.state_of(asked),
        "adjustments": closing.adjustments(asked),
        "is_over": timezone.localdate() > asked.last_on,
    }
    return render(request, "revenue/closing_panel.html", shown)


@door("month.close")
@require_POST
def month_close(request: MemberRequest, month: str) -> HttpResponse:
    """Close the month."""
    asked = month_named(month)
    try:
        made = closing.close(acting_user=request.membership, month=asked)
        messages.success(request, f"{asked} is closed with {len(made.stood)} months ready to bill.")
    except closing.ClosingRefused as refused:
        messages.error(request, str(refused))
    return redirect("month_of", asked)


@door("month.reopen")
@sudo
@require_POST
def month_reopen(request: MemberRequest, month: str) -> HttpResponse:
    """Open a closed month again, with a reason, after asking again who is there."""
    asked = month_named(month)
    try:
        closing.reopen(acting_user=request.membership, month=asked, because=request.POST.get("because", ""))
        messages.success(request, f"{asked} is open again.")
    except closing.ClosingRefused as refused:
        messages.error(request, str(refused))
    return redirect("month_of", asked)
