"""Quality improvement: aims, run charts, plan-do-study-act cycles, notes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.oversight import improving
from careledger.web.oversight.aims import as_domain, chart_of
from careledger.web.oversight.forms import AimForm, CycleForm, PointForm
from careledger.web.oversight.models import Aim, Cycle


@door("oversight.read")
@require_GET
def aims(request: MemberRequest) -> HttpResponse:
    """Every aim with where it stands."""
    rows = [(row, as_domain(row)) for row in Aim.objects.prefetch_related("points", "cycles", "notes")]
    return render(request, "oversight/aims.html", {"rows": rows, "here": "oversight", "tab": "aims"})


@door("oversight.write")
@transaction.atomic
def new_aim(request: MemberRequest) -> HttpResponse:
    """Set an aim."""
    form = AimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        improving.keep(acting_user=request.membership, row=row, action="aim.set", says=row.says)
        return redirect("aim", oversight_pk=row.pk)
    page = {"form": form, "title": "Set an aim", "here": "oversight", "tab": "aims"}
    return render(request, "oversight/form.html", page, status=422 if form.errors else 200)


@door("oversight.read")
def aim(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """An aim's run chart, cycles and notes; a post adds a point, a cycle or a note."""
    row = get_object_or_404(Aim.objects.prefetch_related("points", "cycles", "notes__by__user"), pk=oversight_pk)
    may_write = may(request.membership.role, "oversight.write")
    forms: dict[str, Any] = {"point": PointForm(), "cycle": CycleForm(initial={"since": timezone.localdate()})}
    if request.method == "POST" and may_write:
        what = request.POST.get("what", "")
        if _added(request, row, what, forms):
            messages.success(request, "Kept.")
            return redirect("aim", oversight_pk=row.pk)
    told = as_domain(row)
    page = {
        "row": row, "told": told, "chart": chart_of(told), "forms": forms, "may_write": may_write, "here": "oversight", "tab": "aims",
        "last": told.points[-1] if told.points else None,
    }  # fmt: skip
    failed = any(form.errors for form in forms.values())
    return render(request, "oversight/aim.html", page, status=422 if failed else 200)


@transaction.atomic
def _added(request: MemberRequest, row: Aim, what: str, forms: dict[str, Any]) -> bool:
    """Add what was sent to an aim; False when it is not whole."""
    if what == "note":
        text = request.POST.get("text", "").strip()
        if text:
            improving.note(acting_user=request.membership, aim=row, text=text)
        return bool(text)
    kind = {"point": PointForm, "cycle": CycleForm}.get(what)
    if kind is None:
        return False
    form = forms[what] = kind(request.POST)
    if not form.is_valid():
        return False
    form.instance.aim = row
    if what == "point":
        form.instance.recorded_at = timezone.now()
    improving.keep(acting_user=request.membership, row=form.save(commit=False), action=f"aim.{what}_added")
    return True


@door("oversight.write")
@transaction.atomic
def cycle(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """Go on with a cycle."""
    row = get_object_or_404(Cycle, pk=oversight_pk)
    form = CycleForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        improving.keep(acting_user=request.membership, row=form.save(commit=False), action="cycle.changed")
        return redirect("aim", oversight_pk=row.aim_id)
    page = {"form": form, "title": "Plan, do, study, act", "here": "oversight", "tab": "aims"}
    return render(request, "oversight/form.html", page, status=422 if form.errors else 200)
