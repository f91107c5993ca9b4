"""Claims: made, held, sent, answered; one claim's life."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from careledger.claims.answers import post_answers, resend
from careledger.claims.checks import Context, checks, help_page, holds
from careledger.claims.follow import correct, void
from careledger.claims.form.pages import pages
from careledger.claims.form.pdf import form_pdf
from careledger.claims.form.proof import proof_pdf
from careledger.claims.model import Claim
from careledger.claims.outbox import receiver_of
from careledger.claims.status import STATES, history, overview
from careledger.claims.store import Store, export, load_claim
from careledger.core.errors import CareLedgerError
from careledger.core.month import Month
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.limits import limited
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.patients.models import Patient
from careledger.web.revenue import book
from careledger.web.revenue.downloads import handed, pdf, written
from careledger.web.revenue.forms import MonthForm, X12Form
from careledger.web.revenue.noting import note_batches, note_files, note_hand
from careledger.web.work.actions import start

PAGE = 50


def now() -> datetime:
    """The practice's local moment, as the store keeps it."""
    return timezone.localtime().replace(tzinfo=None, microsecond=0)


@door("claims.write")
@require_GET
def claims(request: MemberRequest) -> HttpResponse:
    """Where the claims stand, and the list of them."""
    state, month = request.GET.get("state", ""), request.GET.get("month", "")
    with book.store() as store:
        seen = overview(store)
        rows = store.rows(
            "SELECT claim_id, state, month, patient_id, practitioner_id, payer_number, charge_cents, held_by, frequency FROM claim"
            " WHERE (? = '' OR state = ?) AND (? = '' OR month = ?) ORDER BY month DESC, claim_id",
            (state, state, month, month),
        )
        batches = store.rows(
            "SELECT batch_id, file_name, claims, charge_cents, created_at, answer FROM batch ORDER BY batch_id DESC LIMIT 20"
        )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = {
        "seen": seen,
        "states": [(key, STATES[key], count, cents) for key, count, cents in seen.states],
        "page": page,
        "names": names_of(row["patient_id"] for row in page),
        "batches": batches,
        "state": state,
        "month": month,
        "form": MonthForm(initial={"month": month or str(Month.of(timezone.localdate()).previous())}),
        "upload": X12Form(),
        "is_set_up": book.config().submitter is not None,
        "here": "claims",
    }
    return render(request, "revenue/claims.html", shown)


def names_of(codes: Any) -> dict[str, tuple[int, str]]:
    """Patients' page and name by code."""
    found = Patient.objects.filter(code__in=set(codes)).only("pk", "code", "family_name", "given_name")
    return {patient.code: (patient.pk, patient.name) for patient in found}


@door("claims.write")
@require_POST
def make(request: MemberRequest) -> HttpResponse:
    """Make the claims of a month, in the background."""
    form = MonthForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Name the month as YYYY-MM.")
        return redirect("claims")
    job = start(acting_user=request.membership, kind="claims.make", arguments={"month": form.cleaned_data["month"]})
    return redirect("job", job.pk)


@door("claims.write")
@require_POST
def send(request: MemberRequest) -> HttpResponse:
    """Put every ready claim into a batch for its receiver; each is sent once, however often this is pressed."""
    config = book.config()
    if config.submitter is None:
        messages.error(request, "No submitter is set up: enter it in Settings before sending.")
        return redirect("claims")
    with book.store() as store:
        made = export(
            store, book.folder_of() / "sent", config.submitter, lambda claim: receiver_of(config, policy(), claim), now(),
            is_test=config.is_test,
        )  # fmt: skip
        note_batches(store, request.membership, {batch.batch_id for batch in made})
    for batch in made:
        messages.success(
            request, f"Batch {batch.batch_id}: {batch.claims} claims. Download it and hand it to the receiver."
        )
    if not made:
        messages.info(request, "Nothing is ready to be sent.")
    return redirect("claims")


@door("claims.write")
@require_GET
def batch_file(request: MemberRequest, batch_id: int) -> HttpResponse:
    """A batch as it was sent: the same bytes whenever it is downloaded."""
    with book.store() as store:
        row = store.row("SELECT file_name, content FROM batch WHERE batch_id = ?", (batch_id,))
    if row is None:
        raise Http404
    record(acting_user=request.membership, action="claims.downloaded", after={"batch": batch_id})
    return handed(zlib.decompress(row["content"]), Path(row["file_name"]).name, "application/octet-stream")


@door("claims.write")
@require_GET
def forms_pdf(request: MemberRequest) -> HttpResponse:
    """The claims that are ready, for pre-printed CMS-1500 forms."""
    with book.store() as store:
        ready = _all(store, "ready")
    record(acting_user=request.membership, action="claims.printed", after={"claims": len(ready)})
    signed_on = timezone.localdate()
    made = written(lambda file: form_pdf(file, [page for claim in ready for page in pages(claim, signed_on)]))
    return pdf(made, "cms1500.pdf")


@door("claims.write")
@require_GET
def proofs_pdf(request: MemberRequest) -> HttpResponse:
    """Every claim that is ready or held, to read, with the reason."""
    context = Context(policy=policy(), sent_on=timezone.localdate())
    with book.store() as store:
        found = [(claim, holds(claim, context)) for claim in (*_all(store, "ready"), *_all(store, "held"))]
    record(acting_user=request.membership, action="claims.printed", after={"claims": len(found)})
    return pdf(written(lambda file: proof_pdf(file, found)), "claims_to_read.pdf")


def _all(store: Store, state: str) -> list[Claim]:
    numbers = [
        row["claim_id"] for row in store.rows("SELECT claim_id FROM claim WHERE state = ? ORDER BY claim_id", (state,))
    ]
    return [claim for number in numbers if (claim := load_claim(store, number)) is not None]


@door("claims.write")
@limited("upload")
@require_http_methods(["POST"])
def answers(request: MemberRequest) -> HttpResponse:
    """A TA1, 999 or 277CA from the receiver: what was taken, and what comes back to work."""
    form = X12Form(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["file"])))
        return redirect("claims")
    file = form.cleaned_data["file"]
    content = file.read()
    file_id = hashlib.sha256(content).hexdigest()
    note_hand(request.membership, file_id)
    try:
        with book.store() as store:
            result = post_answers(store, content, Path(file.name).name[:100], now())
            note_files(store, file_id, {"taken": result.taken, "rejected": len(result.rejected)})
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("claims")
    if result.state == "before":
        messages.info(request, "The same file was read before; nothing is changed.")
    else:
        messages.success(request, f"{result.taken} claims taken, {len(result.rejected)} returned to work.")
    for strange in result.strange[:5]:
        messages.error(request, f"Not ours: {strange}")
    return redirect("claims")


@door("claims.write")
@require_GET
def claim(request: MemberRequest, number: str) -> HttpResponse:
    """One claim: its lines, what holds it and how to mend that, and its life."""
    with book.store() as store:
        found, body = history(store, number), load_claim(store, number)
    if found is None or body is None:
        raise Http404
    held_by = str(found.claim["held_by"]).split() if found.claim["state"] == "held" else []
    context = Context(policy=policy(), sent_on=timezone.localdate())
    stops = [hold for hold in holds(body, context) if hold.check in held_by] if held_by else []
    told = {hold.check for hold in stops}
    known = dict(checks())
    kept = [(one, help_page(one).replace("``", "")) for one in held_by if one in known and one not in told]
    shown = {
        "found": found,
        "claim": found.claim,
        "state": STATES[found.claim["state"]],
        "holds": stops,
        "kept": kept,
        "name": names_of([found.claim["patient_id"]]).get(found.claim["patient_id"]),
        "can_follow": found.claim["state"] in ("exported", "taken") and found.claim["frequency"] != "8",
        "here": "claims",
    }
    return render(request, "revenue/claim.html", shown)


@door("claims.write")
@require_POST
def follow(request: MemberRequest, number: str) -> HttpResponse:
    """Correct a claim the payer has, take it back, or send a rejected one again."""
    how, control = request.POST.get("how"), request.POST.get("payer_control", "").strip()[:50]
    because = request.POST.get("because", "").strip()[:300]
    try:
        with book.store() as store:
            if how == "void":
                made = void(store, number, now(), control).control_number
            elif how == "correct":
                made = correct(store, number, now(), control, _held_by).control_number
            elif how == "resend" and because:
                made = number if resend(store, number, now(), str(request.membership.user_id), because) else ""
            else:
                made = ""
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("claim", number)
    if not made:
        messages.error(request, "Say why it is sent again; only a rejected claim can be.")
        return redirect("claim", number)
    record(acting_user=request.membership, action=f"claim.{how}", after={"claim": number, "made": made})
    messages.success(request, f"{made} is made; it leaves with the next batch.")
    return redirect("claim", made)


def _held_by(claim: Claim) -> list[str]:
    context = Context(policy=policy(), sent_on=timezone.localdate())
    return sorted({hold.check for hold in holds(claim, context)})
