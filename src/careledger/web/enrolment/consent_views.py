"""Taking consent, and the form to print."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from careledger.documents.consent import about, heading, statement
from careledger.documents.consent.texts import Language
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.enrolment import actions, printing, programs
from careledger.web.enrolment.actions import SAID
from careledger.web.enrolment.forms import ConsentForm
from careledger.web.enrolment.shares import estimate
from careledger.web.enrolment.views import patient_in
from careledger.web.patients.models import Patient
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.queries import line_of
from careledger.web.patients.sending import carry_out
from careledger.web.revenue.downloads import pdf
from careledger.web.tenancy.models import Person


@door("chart.write")
def consent(request: MemberRequest, program: str, patient_id: int) -> HttpResponse:
    """The share of the cost first, then each statement, then who, how and when."""
    patient = patient_in(request, program, patient_id, "chart.write")
    language = printing.language_of(request.GET.get("language"), patient)
    if request.method == "POST" and "switch" in request.POST:
        return _page(request, program, patient, _consent_form(request, patient, program, is_sent=False), language)
    form = _consent_form(request, patient, program)

    def act() -> None:
        cells = form.cleaned_data
        actions.take_consent(
            acting_user=request.membership, patient=patient, program=program, given_on=cells["given_on"],
            form=cells["form"], practitioner=Person.objects.get(code=cells["practitioner"]), told=form.told,
            given_by=cells["given_by"], representative=cells["representative"],
            language=language, begins=cells["begins"], seen=cells["seen"],
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carry_out(request, form, act, "Consent is recorded."):
        return redirect("place", program, patient.pk)
    return _page(request, program, patient, form, language)


def _consent_form(request: MemberRequest, patient: Patient, program: str, is_sent: bool = True) -> ConsentForm:
    """With the statements of the day of consent; 404 where policy asks for no consent to the program.

    Args:
        is_sent: False where only the language is switched: ticks and typing are kept, and nothing is judged yet.
    """
    today = timezone.localdate()
    given_on = parse_date(request.POST.get("given_on") or "") if _is_day(request.POST.get("given_on")) else None
    asked = programs.statements(program, given_on or today) or programs.statements(program, today)
    if not asked:
        raise Http404
    person = of_record(patient, today)
    initial = {"given_on": today, "seen": patient.revision, "practitioner": person.code if person else ""}
    sent = request.POST if is_sent else None
    form = ConsentForm(sent or None, program=program, statements=asked, initial=initial)
    if not is_sent:
        form.keep(request.POST)
    return form


def _is_day(text: str | None) -> bool:
    try:
        return parse_date(text or "") is not None
    except ValueError:
        return False


def _page(
    request: MemberRequest, program: str, patient: Patient, form: ConsentForm, language: Language
) -> HttpResponse:
    today = timezone.localdate()
    share = estimate(patient, program, today)
    person = of_record(patient, today)
    terms = printing.terms_of(program, share, person, today)
    shown = {
        "patient": patient,
        "program": program,
        "name": programs.name_of(program),
        "form": form,
        "share": share,
        "language": language,
        "languages": programs.LANGUAGES,
        "heading": heading(program, language),
        "about": about(program, language),
        "points": [(form[SAID + id_], statement(id_, terms, language)) for id_ in form.statements],
        "details": [form[name] for name in ("form", "given_by", "representative", "given_on", "practitioner")],
        "sources": programs.sources(program, today, "required_statements", "forms"),
        "here": "enrolment",
    }
    return render(request, "enrolment/consent.html", shown, status=422 if form.errors else 200)


@door("chart.read")
@require_GET
def consent_blank(request: MemberRequest, program: str) -> HttpResponse:
    """The form for anyone, blank."""
    if program not in programs.consented(timezone.localdate()):
        raise Http404
    language = printing.language_of(request.GET.get("language"))
    return pdf(printing.blank(program, language), f"consent-{program}-{language}.pdf")


@door("chart.read")
@require_GET
def consent_prepared(request: MemberRequest, program: str, patient_id: int) -> HttpResponse:
    """The form for a patient to sign."""
    patient = patient_in(request, program, patient_id)
    if program not in programs.consented(timezone.localdate()):
        raise Http404
    record_read(acting_user=request.membership, patient=patient, page="consent_form")
    language = printing.language_of(request.GET.get("language"), patient)
    made = printing.prepared(patient, program, estimate(patient, program, timezone.localdate()), language)
    return pdf(made, f"consent-{program}-{patient.code}-{language}.pdf")


@door("chart.read")
@require_GET
def consent_printed(request: MemberRequest, program: str, patient_id: int, consent_id: int) -> HttpResponse:
    """The form of a recorded consent."""
    patient = patient_in(request, program, patient_id)
    row = patient.consents.prefetch_related("revocations").filter(pk=consent_id, program=program).first()
    if row is None:
        raise Http404
    record_read(acting_user=request.membership, patient=patient, page="consent_form")
    language = printing.language_of(request.GET.get("language") or row.language, patient)
    made = printing.recorded(patient, line_of(row), estimate(patient, program, timezone.localdate()), language)
    return pdf(made, f"consent-{program}-{patient.code}-{row.pk}-{language}.pdf")
