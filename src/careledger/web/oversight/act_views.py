"""The five components of oversight: log an act, and see at once what it is for billing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from careledger.core.errors import CareLedgerError
from careledger.oversight.components.classify import Act, classify, components
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.oversight.forms import ActForm
from careledger.web.oversight.models import OversightAct
from careledger.web.patients.models import Patient

IS_FOR = {
    "cpo_minutes": "Minutes that count towards care plan oversight",
    "ccm_minutes": "Minutes that count towards CCM",
    "part_of_visit": "Part of a visit",
    "administrative": "Administrative: no Part B code pays it",
    "not_counted": "Counts for no program",
}
_MOST = 100


@door("oversight.read")
@require_GET
def acts(request: MemberRequest) -> HttpResponse:
    """The components with their templates, and the acts logged last."""
    found = OversightAct.objects.select_related("patient", "author__user")
    if request.GET.get("component") in components():
        found = found.filter(component=request.GET["component"])
    rows = [(one, components()[one.component]["says"], IS_FOR[one.is_for]) for one in found[:_MOST]]
    page = {"rows": rows, "components": components(), "here": "oversight", "tab": "acts"}
    return render(request, "oversight/acts.html", page)


@door("oversight.act")
def log_act(request: MemberRequest) -> HttpResponse:
    """Log an act of a component; the answer says what it is for billing, with its sources."""
    named = request.GET.get("component", "")
    component = named if named in components() else next(iter(components()))
    form = ActForm(component, request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        row = _logged(request.membership, component, form)
        if row is not None:
            told = f"{IS_FOR[row.is_for]}: {row.why} ({', '.join(row.cite)})."
            messages.success(request, f"Logged. {told}")
            return redirect("acts")
    page = {"form": form, "component": component, "components": components(), "here": "oversight", "tab": "acts"}
    return render(request, "oversight/log_act.html", page, status=422 if form.errors else 200)


def _logged(member: Membership, component: str, form: ActForm) -> OversightAct | None:
    cells: dict[str, Any] = form.cleaned_data
    code = cells["patient"].strip()
    patient = Patient.objects.filter(code=code).first() if code else None
    if code and patient is None:
        form.add_error("patient", "No patient of the practice has this id; see the chart.")
        return None
    try:
        return log(acting_user=member, component=component, patient=patient, told=form.told(), cells=cells)
    except CareLedgerError as refused:
        form.add_error(None, str(refused))
        return None


@transaction.atomic
def log(*, acting_user: Membership, component: str, patient: Patient | None, told: dict[str, str], cells: dict[str, Any]) -> OversightAct:  # fmt: skip
    """Keep an act with what it is for billing under the policy of its day; it makes no time entry."""
    kind = acting_user.person.kind if acting_user.person else "other"
    act = Act(
        act_id="act", component=component, activity=cells["activity"], by=str(acting_user.user_id), kind=kind, on=cells["on"],
        minutes=cells["minutes"], patient=patient.code if patient else None, part_of_visit=cells["part_of_visit"],
        under_agency_plan=cells["under_agency_plan"],
    )  # fmt: skip
    standing = classify(act, policy().on(act.on))
    row: OversightAct = OversightAct.objects.create(
        component=component, activity=act.activity, on=act.on, minutes=act.minutes, patient=patient, told=told,
        part_of_visit=act.part_of_visit, under_agency_plan=act.under_agency_plan, concerns=cells["concerns"],
        is_for=standing.is_for, why=standing.why, cite=list(standing.cite), author=acting_user, kind=kind,
        signature=cells["signature"], recorded_at=timezone.now(),
    )  # fmt: skip
    record(
        acting_user=acting_user, action="oversight.logged", patient=patient, target=row, after={"is_for": row.is_for}
    )
    return row
