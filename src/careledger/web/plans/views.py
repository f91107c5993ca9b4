"""The care plan: the page of one plan, its beginning from templates, and the editor of its items."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.patients.models import Patient
from careledger.web.plans import queries
from careledger.web.plans.access import get_plan_for, part_named
from careledger.web.plans.actions import (
    PlanChanged,
    PlanRefused,
    begin_plan,
    codes_of,
    latest_version,
    remove_item,
    save_item,
)
from careledger.web.plans.content import Content, Part, empty, filled, item_of
from careledger.web.plans.differences import differences, title_of
from careledger.web.plans.elements import HELP, elements_of, programs_with_plans
from careledger.web.plans.forms import FORMS, ItemForm
from careledger.web.plans.models import PlanVersion
from careledger.web.plans.shown import shown_plan
from careledger.web.plans.starters import starters, suggested

PAGE = 50
ASSESSED = ("cognitive_functional_assessment", "environmental_evaluation", "caregiver_assessment")
"""Elements for which the latest assessments are worth a look while one writes."""


@door("chart.read")
@require_GET
def plans(request: MemberRequest) -> HttpResponse:
    """Plans that wait for someone: to sign, to give, to review, to write."""
    tab, today = request.GET.get("tab", "sign"), timezone.localdate()
    mine = request.membership.person if request.GET.get("whose") == "mine" else None
    page = Paginator(queries.plan_list(tab, today, mine), PAGE).get_page(request.GET.get("page"))
    tabs = [(key, label, queries.plan_list(key, today, mine).count()) for key, label in queries.PLAN_TABS]
    shown = {"page": page, "tab": tab, "tabs": tabs, "whose": request.GET.get("whose", ""), "here": "plans"}
    return render(request, "plans/list.html", shown)


@door("chart.read")
@require_GET
def plan(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """One plan: what it holds, what it lacks, who signed it and who has a copy."""
    patient = get_plan_for(request.membership, patient_id, program)
    record_read(acting_user=request.membership, patient=patient, page="plan")
    page = queries.plan_page(patient, program, timezone.localdate())
    shown = {
        **common(patient, program),
        "plan": page,
        "parts": shown_plan(page.content, page.goals),
        "versions": queries.versions_of(patient, program)[:5],
        "latest": queries.latest_of_each(page.assessments),
    }
    return render(request, "plans/plan.html", shown)


@door("chart.write")
def templates(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """Begin the plan from condition templates, or lay more of them into it."""
    patient = get_plan_for(request.membership, patient_id, program, "chart.write")
    if request.method == "POST":
        chosen = request.POST.getlist("template")
        begin_plan(acting_user=request.membership, patient=patient, program=program, templates=chosen)
        messages.success(request, "The templates are in the plan. Make them the patient's own.")
        return redirect("plan", patient.pk, program)
    version = latest_version(patient, program)
    has = {one["id"] for one in version.content["problems"]} if version else set()
    fits = suggested(codes_of(patient))
    rows = [(one, fits.get(key, []), f"t-{key}" in has) for key, one in starters().items()]
    rows.sort(key=lambda row: (not row[1], row[0].name.en))
    page = {**common(patient, program), "rows": rows, "is_new": version is None}
    return render(request, "plans/templates.html", page)


@door("chart.write")
def item(request: MemberRequest, patient_id: int, program: str, part: str, item_id: str) -> HttpResponse:
    """Add an item to the plan, or change or remove one."""
    patient = get_plan_for(request.membership, patient_id, program, "chart.write")
    kind = part_named(part)
    version = latest_version(patient, program)
    content = version.content if version else empty()
    number = version.number if version else 0
    base = _number(request.POST.get("base"), number)
    standing = _standing(patient, program, kind, item_id, content)
    if request.method != "POST":
        if standing is None and not _is_open(kind, item_id, content, program):
            return _removed(request, patient, program, kind, item_id)
        form = _form(kind, content, program, item_id, None, standing)
        return _item_page(request, patient, program, kind, item_id, form, number)
    if "remove" in request.POST:
        return _remove(request, patient, program, kind, item_id, base)
    form = _form(kind, content, program, item_id, request.POST, None)
    if form.is_valid():
        typed = form.item(_id_of(item_id, request.POST.get("once")))
        try:
            save_item(
                acting_user=request.membership, patient=patient, program=program, part=part, item=typed, base=base
            )
        except PlanChanged as changed:
            return _conflict(request, patient, program, kind, item_id, form, typed, changed)
        except PlanRefused as refused:
            form.add_error(None, f"{refused}.")
        else:
            messages.success(request, _saved(base, number))
            return redirect("plan", patient.pk, program)
    return _item_page(request, patient, program, kind, item_id, form, base)


def _standing(patient: Patient, program: str, kind: Part, item_id: str, content: Content) -> dict[str, Any] | None:
    """The item as it stands; None for a new one, and for one that stood in an earlier version only.

    Raises:
        Http404: there never was such an item: ids are made here and not in an address.
    """
    found = item_of(content, kind.id, item_id)
    if found is not None or _is_open(kind, item_id, content, program):
        return found
    if queries.last_with(patient, program, kind.id, item_id) is None:
        raise Http404
    return None


def _is_open(kind: Part, item_id: str, content: Content, program: str) -> bool:
    """May an item of this id be written where none stands: a new one, or an element that policy asks for in words?"""
    if kind.id != "texts":
        return item_id == "new"
    return item_id in {one.id for one in elements_of(content, program, timezone.localdate())}


def _removed(request: MemberRequest, patient: Patient, program: str, kind: Part, item_id: str) -> HttpResponse:
    """What was taken out cannot be edited; the last version that has it can be read."""
    last = queries.last_with(patient, program, kind.id, item_id)
    page = {**common(patient, program), "kind": kind, "last": last, "title": _title(last, kind, item_id)}
    return render(request, "plans/removed.html", page, status=404)


def _title(version: PlanVersion | None, kind: Part, item_id: str) -> str:
    found = item_of(version.content, kind.id, item_id) if version else None
    return title_of(kind, found) if found else ""


def _saved(base: int, number: int) -> str:
    """What is told after saving; that somebody else's work stands beside one's own, too."""
    return "Saved." if base == number else "Saved, together with what a colleague changed meanwhile."


def _remove(
    request: MemberRequest, patient: Patient, program: str, kind: Part, item_id: str, base: int
) -> HttpResponse:
    try:
        remove_item(
            acting_user=request.membership, patient=patient, program=program, part=kind.id, item_id=item_id, base=base
        )
        messages.success(request, "Removed. Earlier versions keep it.")
    except PlanChanged as changed:
        who = changed.latest.made_by.user
        messages.error(request, f"{who} changed this meanwhile. Look at it as it stands, and remove it then.")
        return redirect("plan_item", patient.pk, program, kind.id, item_id)
    return redirect("plan", patient.pk, program)


def _conflict(
    request: MemberRequest,
    patient: Patient,
    program: str,
    kind: Part,
    item_id: str,
    form: ItemForm,
    typed: dict[str, Any],
    changed: PlanChanged,
) -> HttpResponse:
    """What was typed stays in the form; beside it stands what the other person wrote."""
    beside = {} if kind.id == "problems" else {"problems": changed.latest.content["problems"]}
    theirs = {**beside, kind.id: [changed.theirs] if changed.theirs else []}
    mine = {**beside, kind.id: [filled(kind.id, typed["id"], typed)]}
    conflict = {"version": changed.latest, "changes": differences(theirs, mine), "is_gone": changed.theirs is None}
    return _item_page(request, patient, program, kind, item_id, form, changed.latest.number, conflict)


def _item_page(
    request: MemberRequest,
    patient: Patient,
    program: str,
    kind: Part,
    item_id: str,
    form: ItemForm,
    base: int,
    conflict: dict[str, Any] | None = None,
) -> HttpResponse:
    page = {
        **common(patient, program),
        "form": form,
        "kind": kind,
        "item_id": item_id,
        "is_new": item_id == "new",
        "base": base,
        "once": request.POST.get("once") or uuid4().hex,
        "conflict": conflict,
        "element": item_id if kind.id == "texts" else "",
        "says": HELP.get(item_id, ""),
        "asked": queries.latest_of_each(queries.scored(patient)) if item_id in ASSESSED else [],
    }
    return render(request, "plans/item.html", page, status=422 if form.errors or conflict else 200)


def _form(kind: Part, content: Content, program: str, item_id: str, data: Any, standing: Any) -> ItemForm:
    more: dict[str, Any] = {}
    if kind.id == "texts":
        found = {one.id: one for one in elements_of(content, program, timezone.localdate())}
        more["is_optional"] = item_id in found and found[item_id].is_optional
    return FORMS[kind.id](data, content=content, item=standing, **more)


def _id_of(item_id: str, once: str | None) -> str:
    """A new item takes the form's own key, so that the same form sent twice is one item."""
    if item_id != "new":
        return item_id[:120]
    key = (once or "").lower()
    return key if len(key) == 32 and all(sign in "0123456789abcdef" for sign in key) else uuid4().hex


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise


def common(patient: Patient, program: str) -> dict[str, Any]:
    """What every page of a plan knows."""
    return {
        "patient": patient,
        "program": program,
        "programs": programs_with_plans(timezone.localdate()),
        "spanish": (patient.language or "").startswith("es"),
        "here": "plans",
    }
