"""The privacy officer's pages: search and export the log, open audits to auditors and end them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.audit import queries
from careledger.web.audit.actions import record
from careledger.web.audit.engagements import EngagementRefused, end_engagement, open_engagement
from careledger.web.audit.export import csv_lines
from careledger.web.audit.forms import EngagementForm, SearchForm
from careledger.web.audit.models import Engagement


@door("audit.read")
def audit(request: MemberRequest) -> HttpResponse:
    """Events, newest first."""
    form = SearchForm(request.GET)
    page = Paginator(queries.events(form.search), 50).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    return render(request, "audit/log.html", {"here": "audit", "page": page, "form": form, "asked": asked.urlencode()})


@door("audit.read")
@sudo
def export(request: MemberRequest) -> HttpResponse:
    """What a search finds, as CSV; that it was exported stands in the log too."""
    asked = {name: value for name, value in request.GET.items() if value}
    search = SearchForm(request.GET).search
    record(acting_user=request.membership, action="audit.exported", after=asked)
    # Made before it is sent: the scope ends with the view.
    answer = HttpResponse("".join(csv_lines(queries.rows(search))), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-log-{timezone.localdate()}.csv"'
    return answer


@door("audits.open")
def audits(request: MemberRequest) -> HttpResponse:
    """Audits, open and over; a new one."""
    return _audits(request, EngagementForm(acting_user=request.membership))


@door("audits.open")
@sudo
def audit_open(request: MemberRequest) -> HttpResponse:
    """Open an audit to an auditor."""
    form = EngagementForm(request.POST or None, acting_user=request.membership)
    if request.method != "POST" or not form.is_valid():
        return _audits(request, form, status=422 if form.errors else 200)
    cells = {name: form.cleaned_data[name] for name in ("auditor", "name", "since", "until", "patients")}
    try:
        open_engagement(acting_user=request.membership, months=form.months, **cells)
    except EngagementRefused as refused:
        text = str(refused)
        form.add_error(None, f"{text[:1].upper()}{text[1:]}.")
        return _audits(request, form, status=422)
    messages.success(request, "The audit is open. Its auditor sees these patients and months, and nothing else.")
    return redirect("audits")


@door("audits.open")
@require_POST
def audit_end(request: MemberRequest, engagement_id: int) -> HttpResponse:
    """End an audit now."""
    row = Engagement.objects.filter(pk=engagement_id).first()
    if row is None:
        raise Http404
    end_engagement(acting_user=request.membership, engagement=row)
    messages.success(request, "Ended. Its auditor sees nothing any more.")
    return redirect("audits")


def _audits(request: MemberRequest, form: EngagementForm, status: int = 200) -> HttpResponse:
    on = timezone.localdate()
    found = Engagement.objects.select_related("membership__user").prefetch_related("months__patient")[:100]
    rows = [(row, row.is_open(on), sorted({one.month for one in row.months.all()}), _codes(row)) for row in found]
    return render(request, "audit/audits.html", {"here": "audit", "rows": rows, "form": form}, status=status)


def _codes(row: Engagement) -> list[str]:
    return sorted({one.patient.code for one in row.months.all()})
