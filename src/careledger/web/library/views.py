"""Library: ask, search, read an article in the order a reader needs it, try a case, look a code or a rule up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import yaml
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from careledger.core.errors import CareLedgerError
from careledger.engine.answer import Answer
from careledger.engine.check import answer_case
from careledger.facts.case import cases_of
from careledger.library.article import ROLES, STATUSES, Article
from careledger.library.ask import AskAnswer, ask
from careledger.library.page import NOT_ADVICE
from careledger.library.references import KIND_WORDS
from careledger.library.site import FAMILY_TITLES
from careledger.policy.show import show
from careledger.policy.strict_yaml import load
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.billing.queries import policy
from careledger.web.library import queries
from careledger.web.library.queries import PAYERS, SETTINGS, Choices

READERS = {
    "nurse": "care_manager", "practitioner": "physician", "biller": "biller", "director": "medical_director",
    "compliance": "compliance_officer",
}  # fmt: skip
"""The reader's role that a member's role suggests."""
_ROLE_WORDS = {role: role.replace("_", " ") for role in ROLES}


@dataclass(frozen=True, slots=True)
class ChipRow:
    """A fact the answer depends on, with an address for each of its values."""

    says: str
    options: tuple[tuple[str, str, bool], ...]


@door("library.read")
@require_GET
def library(request: MemberRequest) -> HttpResponse:
    """Every article by family, or what a search finds."""
    words = request.GET.get("q", "").strip()[:300]
    ours = queries.library_of(queries.histories())
    found = queries.found(words, timezone.localdate(), ours) if words else None
    page = {"families": _families(ours.articles), "found": found, "q": words, "here": "library"}
    return render(request, "library/library.html", page)


def _families(articles: Mapping[str, Article]) -> list[tuple[str, list[Article]]]:
    titles = {**FAMILY_TITLES, **{one.family: FAMILY_TITLES.get(one.family, one.family) for one in articles.values()}}
    rows = [(title, [one for one in articles.values() if one.family == key]) for key, title in titles.items()]
    return [(title, found) for title, found in rows if found]


@door("library.read")
@require_GET
def article(request: MemberRequest, article_id: str) -> HttpResponse:
    """An article: verdict first, then what it depends on, why, and everything that stands behind it."""
    events = queries.histories()
    ours = queries.library_of(events)
    if article_id not in ours.articles:
        raise Http404
    today, chosen = timezone.localdate(), _choices(request)
    shown = queries.page_for(ours, article_id, chosen, today)
    decided = queries.engine_says(shown.article, chosen, today)
    page = {
        "page": shown, "chips": list(_chips(request, chosen)), "chosen": chosen, "decided": decided,
        "case": _case_text(decided), "not_advice": NOT_ADVICE, "here": "library", "kinds": KIND_WORDS,
        "approved": shown.status == "approved", "acts": len(events.get(article_id, ())),
        "reports": may(request.membership.role, "library.read"),
    }  # fmt: skip
    return render(request, "library/article.html", page)


def _choices(request: MemberRequest) -> Choices:
    given, today = request.GET, timezone.localdate()
    role = given.get("role", READERS.get(request.membership.role))
    year = given.get("year", "")
    return Choices(
        role=role if role in ROLES else None,
        payer=_known(given.get("payer"), PAYERS), setting=_known(given.get("setting"), SETTINGS),
        year=int(year) if year.isdigit() and int(year) in queries.years(today) else today.year,
    )  # fmt: skip


def _known(value: str | None, options: tuple[tuple[str, str], ...]) -> str:
    return value if value in dict(options) else options[0][0]


def _chips(request: MemberRequest, chosen: Choices) -> Iterator[ChipRow]:
    years = tuple((str(year), str(year)) for year in queries.years(timezone.localdate()))
    rows = (
        ("role", "You are", tuple(_ROLE_WORDS.items())),
        ("payer", "Payer", PAYERS),
        ("year", "Year", years),
        ("setting", "Setting", SETTINGS),
    )
    now = {"role": chosen.role or "", "payer": chosen.payer, "year": str(chosen.year), "setting": chosen.setting}
    for key, says, options in rows:
        yield ChipRow(
            says, tuple((words, f"?{urlencode({**now, key: value})}", now[key] == value) for value, words in options)
        )


def _case_text(answer: AskAnswer | None) -> str:
    if answer is None or answer.case is None:
        return ""
    return str(yaml.safe_dump(answer.case, sort_keys=False, allow_unicode=True))


@door("library.read")
@require_POST
def try_case(request: MemberRequest) -> HttpResponse:
    """A case in the case format, decided by the same engine as a close; nothing of it is kept."""
    text = request.POST.get("case", "")[:20_000]
    try:
        answers = [answer_case(case, policy()) for case in cases_of(load(text, "the box"), policy().payers)][:5]
    except CareLedgerError as refused:
        return render(request, "library/tried.html", {"refused": str(refused)}, status=422)
    return render(request, "library/tried.html", {"answers": [_rows(one) for one in answers]})


def _rows(answer: Answer) -> dict[str, Any]:
    refused = [
        (one.code, one.verdict, [finding.says for finding in one.because], one.next_step) for one in answer.refused
    ]
    billable = [(one.decision.code, one.decision.units, one.on, one.allowed_cents) for one in answer.billable]
    return {"month": answer.month, "billable": billable, "refused": refused, "version": answer.policy_version[:12]}


@door("library.read")
@require_http_methods(["GET", "POST"])
def ask_page(request: MemberRequest) -> HttpResponse:
    """A question in plain words and its answer; the question is not kept.

    It is posted, so that no server's log holds it. Only a question that names nobody gets an address to share.
    """
    told = request.POST if request.method == "POST" else request.GET
    text = told.get("q", "").strip()[:2_000]
    role = told.get("role", READERS.get(request.membership.role, ""))
    choices = {key[2:]: str(value) for key, value in told.items() if key.startswith("c-") and value}
    page: dict[str, Any] = {"q": text, "roles": _ROLE_WORDS, "role": role, "here": "library", "kinds": KIND_WORDS}
    try:
        answer = ask(text, role if role in ROLES else None, timezone.localdate(), choices, policy()) if text else None
    except CareLedgerError as refused:
        return render(request, "library/ask.html", {**page, "refused": str(refused)}, status=422)
    if answer is not None and answer.question is None:
        page |= {"answer": replace(answer, asks_back=None), "chips": [], "case": _case_text(answer), "is_named": True}
    elif answer is not None and request.method == "POST":
        return redirect(reverse("library_ask") + _address(text, role, choices))
    elif answer is not None:
        page |= {"answer": answer, "chips": _ask_chips(answer, text, role, choices), "case": _case_text(answer)}
        page["back"] = _asked_back(answer, text, role, choices)
    return render(request, "library/ask.html", page)


def _address(text: str, role: str, choices: Mapping[str, str]) -> str:
    return "?" + urlencode({"q": text, "role": role, **{f"c-{key}": value for key, value in choices.items()}})


def _ask_chips(answer: AskAnswer, text: str, role: str, choices: Mapping[str, str]) -> list[ChipRow]:
    def row(chip: Any) -> ChipRow:
        return ChipRow(
            chip.says.capitalize(),
            tuple(
                (one.says, _address(text, role, {**choices, chip.id: one.value}), one.value == chip.chosen)
                for one in chip.options
            ),
        )

    return [row(chip) for chip in answer.depends_on]


def _asked_back(answer: AskAnswer, text: str, role: str, choices: Mapping[str, str]) -> str:
    back = answer.asks_back
    return _address(text, role, {**choices, back.chip: back.value}) if back else ""


@door("library.read")
@require_GET
def code_page(request: MemberRequest, code: str) -> HttpResponse:
    """Everything that governs a code today, with its articles."""
    if code not in policy().codes():
        raise Http404
    shown = show(policy(), code, timezone.localdate())
    ours = queries.library_of(queries.histories())
    about = [one for one in ours.articles.values() if code in one.codes]
    topics = [replace(topic, values=tuple(one for one in topic.values if not one.absent)) for topic in shown.topics]
    page = {"shown": shown, "topics": topics, "about": about, "here": "library"}
    return render(request, "library/code.html", page)


@door("library.read")
@require_GET
def topics(request: MemberRequest) -> HttpResponse:
    """Every topic of policy."""
    words = request.GET.get("q", "").strip().lower()
    found = [one for one in policy().topics.values() if words in f"{one.id} {one.says} {' '.join(one.governs)}".lower()]
    return render(request, "library/topics.html", {"topics": found, "q": words, "here": "library"})


@door("library.read")
@require_GET
def topic(request: MemberRequest, topic_id: str) -> HttpResponse:
    """A topic's values in force today under fee-for-service Medicare, with their sources."""
    found = policy().topics.get(topic_id)
    if found is None:
        raise Http404
    values = policy().on(timezone.localdate()).all_of(f"{topic_id}.")
    rows = [(one, [policy().sources[id_] for id_ in one.cite]) for one in values]
    return render(request, "library/topic.html", {"topic": found, "rows": rows, "here": "library"})


__all__ = ["STATUSES", "article", "ask_page", "code_page", "library", "topic", "topics", "try_case"]
