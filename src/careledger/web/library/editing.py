"""The editors' pages: submit, review, compare versions; every act is public within the clinic."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from careledger.core.errors import CareLedgerError
from careledger.library.load import load_library
from careledger.library.workflow import State, difference, possible, state_of
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.library import actions, queries
from careledger.web.library.models import ACTS

_DO = {
    "begin_review": "Begin the review", "approve": "Approve", "send_back": "Send back", "dispute": "Mark as disputed",
    "supersede": "Mark as superseded", "withdraw": "Withdraw", "go_stale": "Mark as stale", "comment": "Comment",
}  # fmt: skip
TEMPLATE = """---
id: our-own-article
title: "..."
question: "...?"
verdict: explains
family: program
status: submitted
author: "..."
last_updated: 2026-01-01
codes: []
---

One sentence that answers the question.

## Claims

1. A statement. [topic.value or source id]
"""


@door("library.write")
@require_GET
def desk(request: MemberRequest) -> HttpResponse:
    """Every article with its standing here, those that wait for someone first."""
    events = queries.histories()
    ours = queries.library_of(events)
    notes = [note for notes in ours.notes.values() for note in notes]
    order = ("disputed", "stale", "under_review", "submitted", "approved", "superseded", "withdrawn")
    rows = sorted([*ours.articles.values(), *notes], key=lambda one: (one.id not in events, order.index(one.status)))
    shown = [(one, len(events.get(one.id, ())), len(state_of(events.get(one.id, ())).versions)) for one in rows]
    return render(request, "library/desk.html", {"rows": shown, "here": "library"})


@door("library.read")
@require_GET
def article_history(request: MemberRequest, article_id: str) -> HttpResponse:
    """The public history of an article, its versions and what changed between two of them."""
    events = queries.history(article_id)
    if not events and article_id not in load_library().articles:
        raise Http404
    return render(request, "library/history.html", _history_page(request, article_id, events))


def _history_page(request: MemberRequest, article_id: str, events: Any) -> dict[str, Any]:
    state = state_of(events)
    role = request.membership.role
    moves = possible(state if events else State("submitted"))
    own = str(request.membership.user_id) in state.authors
    held = [
        one for one in _DO if one in moves and (one == "comment" or may(role, "library.review"))
    ] if may(role, "library.write") else []  # fmt: skip
    acts = dict(ACTS)
    return {
        "article_id": article_id, "events": [(event, acts[event.act]) for event in events], "state": state,
        "diff": _difference(state, request.GET.get("from"), request.GET.get("to")), "is_author": own,
        "versions": list(enumerate(state.versions, 1)), "may": [(one, _DO[one]) for one in held], "here": "library",
        "is_local": article_id not in load_library().articles,
    }  # fmt: skip


def _difference(state: State, old: str | None, new: str | None) -> list[tuple[str, str]]:
    """Lines of the comparison, each with its kind; the last two versions when none are named."""
    count = len(state.versions)
    if count < 2:
        return []
    one = _number(old, count - 1, count)
    other = _number(new, count, count)
    lines = difference(state.versions[one - 1], state.versions[other - 1]).splitlines()[2:]
    return [({"+": "ins", "-": "del"}.get(line[:1], "same"), line) for line in lines]


def _number(text: str | None, usual: int, count: int) -> int:
    return int(text) if text and text.isdigit() and 1 <= int(text) <= count else usual


@door("library.write")
@require_POST
def do_act(request: MemberRequest, article_id: str) -> HttpResponse:
    """An act of the workflow on an article; all but comments need the reviewer's permission."""
    what = request.POST.get("act", "")
    if what not in _DO or (what != "comment" and not may(request.membership.role, "library.review")):
        messages.error(request, "Your role may comment; reviewing is for practitioners, the director and compliance.")
        return redirect("library_history", article_id=article_id)
    if _acted(request, article_id, what, request.POST.get("reason", "")):
        messages.success(request, "Kept in the history of the article.")
    return redirect("library_history", article_id=article_id)


@door("library.read")
@require_POST
def report_error(request: MemberRequest, article_id: str) -> HttpResponse:
    """An error that a reader reports stands in the article's history for the reviewers."""
    said = request.POST.get("reason", "").strip()[:2_000]
    if not said:
        messages.error(request, "Nothing was reported: say what is wrong and where.")
    elif _acted(request, article_id, "comment", f"Error reported: {said}"):
        messages.success(request, "Thank you. The reviewers see your report in the article's history.")
    return redirect("library_article", article_id=article_id)


def _acted(request: MemberRequest, article_id: str, what: Any, reason: str) -> bool:
    if article_id not in load_library().articles and not queries.history(article_id):
        raise Http404
    try:
        actions.act(acting_user=request.membership, article=article_id, act=what, reason=reason)
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return False
    return True


@door("library.write")
def submit_article(request: MemberRequest) -> HttpResponse:
    """A local article or note, as Markdown; the same id again submits its next version."""
    asked = request.GET.get("article", "")
    versions = state_of(queries.history(asked)).versions if asked else ()
    text = request.POST.get("text") or (versions[-1] if versions else TEMPLATE)
    page = {"text": text, "here": "library"}
    if request.method != "POST":
        return render(request, "library/submit.html", page)
    try:
        id_ = actions.submit(acting_user=request.membership, text=text[:100_000])
    except CareLedgerError as refused:
        return render(request, "library/submit.html", {**page, "refused": str(refused)}, status=422)
    messages.success(request, "Submitted. Another person reviews it.")
    return redirect("library_history", article_id=id_)
