"""The utilisation study: claims and enrolment files in, figures and a report out; the files themselves are not kept."""

from __future__ import annotations

import base64
import csv
import io
import tempfile
from pathlib import Path
from typing import Any
from zlib import error as ZlibError

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from careledger.core.errors import CareLedgerError
from careledger.documents.report import report_html, report_pdf
from careledger.documents.study_report import study_report
from careledger.oversight.study.run import run_study, write_figures
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.limits import limited
from careledger.web.accounts.roles import may
from careledger.web.accounts.uploads import unpacks_beyond
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.oversight.exports import csv_answer, pdf_answer
from careledger.web.oversight.models import StudyReport

_ENDINGS = (".csv", ".csv.gz", ".txt", ".parquet", ".tsv")
MOST_BYTES = 200 * 1024 * 1024
"""Larger studies run on the command line, where nothing is uploaded."""
MOST_UNPACKED = 2 * 1024**3
"""Most bytes one compressed file may unpack to here."""


@door("oversight.read")
@limited("upload")
def studies(request: MemberRequest) -> HttpResponse:
    """Studies run here; a post with files runs one."""
    page: dict[str, Any] = {"here": "oversight", "tab": "studies", "may_run": may(request.membership.role, "radar.run")}
    if request.method == "POST" and page["may_run"]:
        try:
            row = _run(request)
        except CareLedgerError as refused:
            page["refused"] = str(refused)
        else:
            messages.success(request, "The study is done.")
            return redirect("study", oversight_pk=row.pk)
    page["rows"] = StudyReport.objects.select_related("by__user").defer("report", "pdf_base64", "figures")
    return render(request, "oversight/studies.html", page, status=422 if "refused" in page else 200)


@transaction.atomic
def _run(request: MemberRequest) -> StudyReport:
    today = timezone.localdate()
    aside: Path = settings.DATA / "work"
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=aside) as folder:
        claims, enrollment = (_saved(request, Path(folder), name) for name in ("claims", "enrollment"))
        found = run_study(claims, enrollment, policy(), today, threads=2)
        figures = Path(folder) / "figures.csv"
        write_figures(found, figures)
        report = study_report(found, policy(), today)
        row: StudyReport = StudyReport.objects.create(
            name=request.POST.get("name", "").strip()[:200] or f"Study of {today}", at=timezone.now(), by=request.membership,
            figures=figures.read_text(encoding="utf-8"), report=report_html(**report),
            pdf_base64=base64.b64encode(report_pdf(**report)).decode(),
        )  # fmt: skip
    record(acting_user=request.membership, action="study.ran", target=row, after={"name": row.name})
    return row


def _saved(request: MemberRequest, folder: Path, name: str) -> Path:
    """Uploaded files in a folder of their own, under names that cannot leave it."""
    from careledger.core.errors import InputError, Place

    files = request.FILES.getlist(name)
    if not files:
        raise InputError(Place(name), "no file was chosen", "choose claims and enrollment files")
    if sum(one.size or 0 for one in files) > MOST_BYTES:
        raise InputError(Place(name), "the files are larger than 200 MB", "run 'careledger study' on the command line")
    target = folder / name
    target.mkdir()
    for one in files:
        plain = Path(one.name or "file").name
        if not plain.lower().endswith(_ENDINGS):
            raise InputError(Place(plain[:60]), "not a file of claims", f"choose {', '.join(_ENDINGS)}")
        _refuse_bomb(one, plain)
        with (target / plain).open("wb") as out:
            out.writelines(one.chunks())
    return target


def _refuse_bomb(file: Any, name: str) -> None:
    from careledger.core.errors import InputError, Place

    if not name.lower().endswith(".gz"):
        return
    try:
        is_bomb = unpacks_beyond(file, MOST_UNPACKED)
    except (OSError, EOFError, ZlibError):
        raise InputError(Place(name[:60]), "the compressed file is cut or broken", "copy it again") from None
    if is_bomb:
        raise InputError(Place(name[:60]), "the file unpacks to more than 2 GB", "run 'careledger study' instead")
    file.seek(0)


@door("oversight.read")
@require_GET
def study(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """A study's figures with their definitions, numerators and intervals."""
    row = get_object_or_404(
        StudyReport.objects.select_related("by__user").defer("pdf_base64", "report"), pk=oversight_pk
    )
    figures = list(csv.reader(io.StringIO(row.figures)))
    if request.GET.get("as") == "csv":
        return csv_answer(f"study-{row.pk}.csv", figures[0], figures[1:])
    page = {"row": row, "groups": _groups(figures), "here": "oversight", "tab": "studies"}
    return render(request, "oversight/study.html", page)


def _groups(rows: list[list[str]]) -> list[tuple[str, str, list[dict[str, str]]]]:
    """Figures by name, each with its definition and its rows."""
    head, found = rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert {"figure", "definition", "numerator", "denominator"} <= set(head)
    names = dict.fromkeys(one["figure"] for one in found)
    parts = [(name, [one for one in found if one["figure"] == name]) for name in names]
    return [(name, part[0]["definition"], part) for name, part in parts]


@door("oversight.read")
@require_GET
def study_pdf(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """A study's report with its plots."""
    row = get_object_or_404(StudyReport.objects.only("pdf_base64"), pk=oversight_pk)
    return pdf_answer(f"study-{oversight_pk}.pdf", base64.b64decode(row.pdf_base64))
