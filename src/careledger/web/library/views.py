"""Library: the rules in force, each value with its dates and sources."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.billing.queries import policy


@door("library.read")
def library(request: MemberRequest) -> HttpResponse:
    """Every topic of policy."""
    words = request.GET.get("q", "").strip().lower()
    topics = [
        one for one in policy().topics.values() if words in f"{one.id} {one.says} {' '.join(one.governs)}".lower()
    ]
    return render(request, "library/topics.html", {"topics": topics, "q": words, "here": "library"})


@door("library.read")
def topic(request: MemberRequest, topic_id: str) -> HttpResponse:
    """A topic's values in force today under fee-for-service Medicare, with their sources."""
    found = policy().topics.get(topic_id)
    if found is None:
        raise Http404
    values = policy().on(timezone.localdate()).all_of(f"{topic_id}.")
    rows = [(one, [policy().sources[id_] for id_ in one.cite]) for one in values]
    return render(request, "library/topic.html", {"topic": found, "rows": rows, "here": "library"})
