"""The director's log: agreements, work under them, statements and their approval."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.documents.director_statement import statement_pdf
from careledger.oversight.director.statement import terms_of
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.billing.queries import policy
from careledger.web.oversight import director, queries
from careledger.web.oversight.exports import pdf_answer
from careledger.web.oversight.forms import AgreementForm, DirectorWorkForm
from careledger.web.oversight.models import DirectorAgreement, DirectorEntry


@door("oversight.read")
@require_GET
def director_log(request: MemberRequest) -> HttpResponse:
    """Every agreement."""
    rows = DirectorAgreement.objects.select_related("director", "approver__user").order_by("-starts_on", "pk")
    page = {"rows": rows, "here": "oversight", "tab": "director", "month": Month.of(timezone.localdate())}
    return render(request, "oversight/director.html", page)


@door("oversight.approve")
def agree(request: MemberRequest) -> HttpResponse:
    """Record an agreement; who records it approves the months."""
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = director.agree(acting_user=request.membership, cells=form.cells())
        except InputError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Recorded. Work can be logged under it.")
            return redirect("director_statement", oversight_pk=row.pk)
    page = {"form": form, "here": "oversight", "tab": "director"}
    return render(request, "oversight/agree.html", page, status=422 if form.errors else 200)


def _agreement(pk: int) -> DirectorAgreement:
    found = DirectorAgreement.objects.select_related("director", "approver__user", "organisation")
    row: DirectorAgreement = get_object_or_404(found, pk=pk)
    return row


@door("oversight.write")
def log_work(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """Log a stretch under an agreement."""
    row = _agreement(oversight_pk)
    form = DirectorWorkForm(row.duties, request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        cells = {name: form.cleaned_data[name] for name in ("duty", "start_s", "end_s", "on", "what")}
        try:
            director.log(acting_user=request.membership, agreement=row, **cells)
        except InputError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Logged. It is administrative time and never reaches a claim.")
            return redirect("director_statement", oversight_pk=row.pk)
    page = {"form": form, "row": row, "here": "oversight", "tab": "director"}
    return render(request, "oversight/director_work.html", page, status=422 if form.errors else 200)


@door("oversight.read")
@require_GET
def statement_page(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """A month under an agreement, with what a reviewer would ask about."""
    row, today = _agreement(oversight_pk), timezone.localdate()
    month = queries.month_named(request.GET.get("month"), today)
    view = policy().on(month.last_on)
    told = director.statement_of(row, month, view)
    page = {
        "row": row, "told": told, "month": month, "months": queries.months_to_choose(today), "here": "oversight",
        "tab": "director", "terms": terms_of(told.agreement, view), "is_over": month.last_on < today,
        "is_approver": row.approver_id == request.membership.pk, "duties": [(row.duties[one], count) for one, count in told.by_duty.items()],
    }  # fmt: skip
    return render(request, "oversight/statement.html", page)


@door("oversight.read")
@require_GET
def statement_file(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """The statement as PDF, for the personal-services file."""
    row, today = _agreement(oversight_pk), timezone.localdate()
    month = queries.month_named(request.GET.get("month"), today)
    view = policy().on(month.last_on)
    told = director.statement_of(row, month, view)
    content = statement_pdf(told, view, request.membership.organisation.zone, today)
    return pdf_answer(f"director-{row.pk}-{month}.pdf", content)


@door("oversight.approve")
@require_POST
def approve_month(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """The approver's signature under a month."""
    row = _agreement(oversight_pk)
    month = queries.month_named(request.POST.get("month"), timezone.localdate())
    try:
        director.approve(
            acting_user=request.membership, agreement=row, month=month, signature=request.POST.get("signature", ""),
            view=policy().on(month.last_on),
        )  # fmt: skip
        messages.success(request, "Signed. Nothing more is logged into the month.")
    except InputError as refused:
        messages.error(request, str(refused))
    answer = redirect("director_statement", oversight_pk=row.pk)
    answer["Location"] += f"?month={month}"
    return answer


@door("oversight.write")
@require_POST
def void(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """Take an entry back, with the reason."""
    entry = get_object_or_404(DirectorEntry.objects.select_related("agreement"), pk=oversight_pk)
    try:
        director.void(acting_user=request.membership, entry=entry, why=request.POST.get("why", ""))
        messages.success(request, "Voided. The entry stays in the log with the reason.")
    except InputError as refused:
        messages.error(request, str(refused))
    return redirect("director_statement", oversight_pk=entry.agreement_id)
