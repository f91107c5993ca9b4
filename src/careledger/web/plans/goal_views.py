"""Goals: the list across patients, and one goal with its readings, chart and reviews."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.plans import queries
from careledger.web.plans.access import get_goal_for, get_reading_for
from careledger.web.plans.actions import PlanRefused
from careledger.web.plans.acts_forms import GoalReviewForm, ReadingForm, WithdrawForm
from careledger.web.plans.charts import progress_chart
from careledger.web.plans.goal_actions import add_reading, review_goal, withdraw_reading
from careledger.web.plans.models import ACHIEVEMENTS, Goal
from careledger.web.plans.progress import proposed_status
from careledger.web.plans.targets import read_target

PAGE = 50


@door("chart.read")
@require_GET
def goals(request: MemberRequest) -> HttpResponse:
    """Goals across patients that want a look."""
    tab, today = request.GET.get("tab", "risk"), timezone.localdate()
    mine = request.membership.person if request.GET.get("whose") == "mine" else None
    page = Paginator(queries.goal_list(tab, today, mine), PAGE).get_page(request.GET.get("page"))
    page.object_list = queries.with_last_reading(page.object_list)
    tabs = [(key, label, queries.goal_list(key, today, mine).count()) for key, label in queries.GOAL_TABS]
    shown = {
        "page": page,
        "tab": tab,
        "tabs": tabs,
        "whose": request.GET.get("whose", ""),
        "today": today,
        "here": "plans",
    }
    return render(request, "plans/goals.html", shown)


@door("chart.read")
@require_GET
def goal(request: MemberRequest, patient_id: int, goal_pk: int) -> HttpResponse:
    """One goal: how it fares, reading by reading."""
    found = get_goal_for(request.membership, patient_id, goal_pk)
    record_read(acting_user=request.membership, patient=found.patient, page="goal")
    return _page(request, found)


@door("chart.write")
@require_POST
def reading(request: MemberRequest, patient_id: int, goal_pk: int) -> HttpResponse:
    """Record a reading."""
    found = get_goal_for(request.membership, patient_id, goal_pk, "chart.write")
    form = ReadingForm(request.POST)
    if form.is_valid():
        add_reading(acting_user=request.membership, goal=found, **form.cleaned_data)
        messages.success(request, "Recorded.")
        return redirect("goal", patient_id, goal_pk)
    return _page(request, found, reading_form=form)


@door("chart.write")
@require_POST
def withdraw(request: MemberRequest, patient_id: int, goal_pk: int, reading_pk: int) -> HttpResponse:
    """Take a wrong reading back."""
    found = get_goal_for(request.membership, patient_id, goal_pk, "chart.write")
    row = get_reading_for(found, reading_pk)
    form = WithdrawForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        withdraw_reading(acting_user=request.membership, reading=row, reason=reason)
        messages.success(request, "Taken back. The reading stays in the record with the reason.")
    except PlanRefused as refused:
        messages.error(request, f"{refused}.".capitalize())
    return redirect("goal", patient_id, goal_pk)


@door("chart.write")
@require_POST
def review(request: MemberRequest, patient_id: int, goal_pk: int) -> HttpResponse:
    """Say how a goal fares."""
    found = get_goal_for(request.membership, patient_id, goal_pk, "chart.write")
    form = GoalReviewForm(request.POST)
    if form.is_valid():
        try:
            review_goal(acting_user=request.membership, goal=found, **form.cleaned_data)
            messages.success(request, "Reviewed.")
            return redirect("goal", patient_id, goal_pk)
        except PlanRefused as refused:
            form.add_error("next_on", f"{refused}.".capitalize())
    return _page(request, found, review_form=form)


def _page(request: MemberRequest, found: Goal, **forms: Any) -> HttpResponse:
    """A goal's page; with a form that was refused it answers 422."""
    rows, target, today = queries.readings_of(found), read_target(found.target), timezone.localdate()
    standing = [row for row in rows if not hasattr(row, "withdrawal")]
    proposed = proposed_status([row.value for row in standing], target, found.due_on, today)
    initial = {"status": proposed or found.status, "once": uuid4().hex}
    page = {
        "patient": found.patient,
        "goal": found,
        "target": target,
        "readings": rows[::-1],
        "last": standing[-1] if standing else None,
        "chart": progress_chart([(row.on, row.value) for row in standing], target, found.measure or found.text),
        "proposed": dict(ACHIEVEMENTS).get(proposed or ""),
        "reviews": found.reviews.select_related("by__user")[:20],
        "reading_form": ReadingForm(initial={"on": today, "once": uuid4().hex}, auto_id="reading_%s"),
        "review_form": GoalReviewForm(initial=initial, auto_id="review_%s"),
        "today": today,
        "here": "plans",
        **forms,
    }
    return render(request, "plans/goal.html", page, status=422 if forms else 200)
