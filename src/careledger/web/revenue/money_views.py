"""What came back: remittances, files put aside, denials as work, measures."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.claims.denials import Denial, denial, denials, end_denial
from careledger.claims.measures import measures
from careledger.claims.posting import PostResult, Release, post_835, quarantined, release_file
from careledger.claims.posting.paper import post_paper
from careledger.claims.status import open_work
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read_835 import read_835
from careledger.claims.x12.remittance import PaymentEnd
from careledger.core.errors import CareLedgerError
from careledger.core.money import dollars
from careledger.core.month import Month
from careledger.documents import source
from careledger.documents.appeal import build_appeal
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.limits import limited
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.patients.models import Patient
from careledger.web.revenue import book
from careledger.web.revenue.claim_views import names_of, now
from careledger.web.revenue.downloads import pdf
from careledger.web.revenue.forms import AppealForm, EndDenialForm, PaperForm, ReleaseForm, X12Form
from careledger.web.revenue.noting import note_files, note_hand


@door("claims.write")
@require_GET
def remits(request: MemberRequest) -> HttpResponse:
    """Payments posted, files put aside, payments that wait for a person."""
    with book.store() as store:
        shown = {
            "payments": store.rows("SELECT * FROM payment ORDER BY payment_id DESC LIMIT 100"),
            "aside": quarantined(store),
            "waiting": [row for row in open_work(store) if row["kind"] != "denied"],
            "form": X12Form(),
            "paper": PaperForm(),
            "release": ReleaseForm(),
            "here": "claims",
        }
    return render(request, "revenue/remits.html", shown)


@door("claims.write")
@limited("upload")
@require_POST
def post(request: MemberRequest) -> HttpResponse:
    """Look at an 835 with its balances, or post it whole and once."""
    form = X12Form(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["file"])))
        return redirect("remits")
    file = form.cleaned_data["file"]
    content, name = file.read(), Path(file.name).name[:100]
    try:
        if request.POST.get("act") == "look":
            return render(
                request, "revenue/look.html", {"rows": list(_looked(content)), "name": name, "here": "claims"}
            )
        note_hand(request.membership, hashlib.sha256(content).hexdigest())
        with book.store() as store:
            result = post_835(store, content, name, policy(), now())
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("remits")
    _tell(request, result)
    return redirect("remits")


def _looked(content: bytes) -> Iterator[tuple[str, str]]:
    """Payments with their balance, and what is wrong, in the order of the file."""
    for event in read_835(io.BytesIO(content)):
        if isinstance(event, Finding):
            yield "finding", str(event)
        elif isinstance(event, PaymentEnd):
            kept = f", kept back {dollars(event.kept_cents)}" if event.kept_cents else ""
            sums = (
                f"{event.claims} claims, charged {dollars(event.charged_cents)}, paid {dollars(event.paid_cents)}{kept}"
            )
            yield "payment", f"payment {event.payment.trace}: {dollars(event.payment.amount_cents)}; {sums}"
        else:
            paid = f"charged {dollars(event.charge_cents)}, paid {dollars(event.paid_cents)}"
            yield "claim", f"claim {event.control_number}: {paid}"


@door("claims.write")
@limited("upload")
@require_POST
def paper(request: MemberRequest) -> HttpResponse:
    """A paper remittance that was keyed with its source; the same checks as for an 835."""
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["file"])))
        return redirect("remits")
    file = form.cleaned_data["file"]
    content = file.read()
    note_hand(request.membership, hashlib.sha256(content).hexdigest())
    try:
        with book.store() as store:
            result = post_paper(store, content, Path(file.name).name[:100], policy(), now())
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("remits")
    _tell(request, result)
    return redirect("remits")


@door("claims.write")
@require_POST
def release(request: MemberRequest, file_id: str) -> HttpResponse:
    """Post a file that was put aside, on a person's word."""
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why it may be posted.")
        return redirect("remits")
    word = Release(by=str(request.membership.user), because=form.cleaned_data["because"])
    note_hand(request.membership, file_id, "file.released")
    try:
        with book.store() as store:
            result = release_file(store, file_id, policy(), now(), word)
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("remits")
    _tell(request, result)
    return redirect("remits")


def _tell(request: MemberRequest, result: PostResult) -> None:
    with book.store() as store:
        note_files(store, result.file_id, {"payments": result.payments, "claims": result.claims})
    if result.state == "before":
        messages.info(request, "Every payment in it was posted before; nothing is posted twice.")
        return
    for reason in result.reasons[:10]:
        messages.error(request, reason)
    if result.state == "quarantined":
        messages.error(request, "The file is put aside whole; nothing of it is posted.")
        return
    messages.success(
        request,
        f"{result.payments} payments, {dollars(result.paid_cents)}; {result.claims} claims, {dollars(result.posted_cents)} posted.",
    )
    if result.denied_lines:
        messages.error(request, f"{result.denied_lines} lines were denied: they wait under Denials.")
    if result.unmatched:
        messages.error(request, f"{result.unmatched} claims wait for a person to match them.")


@contextmanager
def _records_behind(found: list[Denial]) -> Iterator[Path]:
    codes = {one.claim.patient_id for one in found}
    months = sorted({one.claim.month for one in found})
    month = Month.parse(months[-1]) if months else Month.of(timezone.localdate())
    with book.tables(month, list(Patient.objects.filter(code__in=codes))) as folder:
        yield folder


@door("claims.write")
@require_GET
def denied(request: MemberRequest) -> HttpResponse:
    """Denied lines, the most urgent first: what they usually mean, what our records say, what to do, by when."""
    with book.store() as store:
        bare = list(denials(store, policy()))
        with _records_behind(bare) as folder:
            found = list(denials(store, policy(), folder)) if bare else []
    shown: dict[str, Any] = {
        "denials": found,
        "names": names_of(one.claim.patient_id for one in found),
        "today": timezone.localdate(),
        "end": EndDenialForm(),
        "appeal": AppealForm(),
        "here": "claims",
    }
    return render(request, "revenue/denials.html", shown)


@door("claims.write")
@require_POST
def end(request: MemberRequest, work_id: int) -> HttpResponse:
    """End a denial on a person's word."""
    form = EndDenialForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say how it ended, and why.")
        return redirect("denials")
    how, because = form.cleaned_data["how"], form.cleaned_data["because"]
    try:
        with book.store() as store:
            end_denial(store, work_id, how, str(request.membership.user), because, now())
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("denials")
    record(acting_user=request.membership, action="denial.ended", after={"denial": work_id, "how": how})
    messages.success(request, f"Denial {work_id} is ended.")
    return redirect("denials")


@door("claims.write")
@require_POST
def appeal(request: MemberRequest, work_id: int) -> HttpResponse:
    """The letter that asks the payer to look again; it quotes the month's decision with its proof."""
    form = AppealForm(request.POST)
    say = (form.cleaned_data["say"],) if form.is_valid() and form.cleaned_data["say"] else ()
    today = timezone.localdate()
    with book.store() as store:
        bare = next((one for one in denials(store, policy()) if one.work_id == work_id), None)
        if bare is None:
            raise Http404
        month = Month.parse(bare.claim.month)
        with book.tables(month, list(Patient.objects.filter(code=bare.claim.patient_id))) as folder:
            found = denial(store, policy(), work_id, folder)
            with source(folder, policy()) as opened:
                data = opened.binder_data(
                    found.claim.patient_id, month, prepared_on=today, biller=found.claim.practitioner_id
                )[0]
            made = build_appeal(found, policy(), today, data, say)
    record(acting_user=request.membership, action="appeal.printed", after={"denial": work_id})
    return pdf(made, f"appeal_{work_id}.pdf")


@door("oversight.read")
@require_GET
def money(request: MemberRequest) -> HttpResponse:
    """What was charged, allowed, paid and given up by payer and code, and the rates that follow."""
    with book.store() as store:
        seen = measures(store, timezone.localdate())
    view = policy().on(timezone.localdate())
    published = [
        (one.id.rpartition(".")[2].replace("_", " "), one)
        for one in view.all_of("house.published.")
        if "collect" in one.id or "charges" in one.id or "percent_of_charges" in one.id
    ]
    return render(request, "revenue/money.html", {"seen": seen, "published": published, "here": "claims"})


@door("claims.write")
@require_GET
def shares(request: MemberRequest) -> HttpResponse:
    """What patients owe by what payers decided last, claim by claim; nothing of it is stored."""
    from careledger.claims.status import share

    with book.store() as store:
        rows = store.rows(
            "SELECT claim_id, ledger_id, patient_id, month FROM claim WHERE claim_id = ledger_id AND state IN ('exported', 'taken') ORDER BY month DESC, claim_id LIMIT 2000"
        )
        found = [(row, share(store, row["ledger_id"])) for row in rows]
    owed = [(row, one) for row, one in found if one.patient_cents > 0]
    shown = {
        "rows": owed,
        "names": names_of(row["patient_id"] for row, _ in owed),
        "total": sum(one.patient_cents for _, one in owed),
        "here": "claims",
    }
    return render(request, "revenue/shares.html", shown)
