"""Asking the engine about a case of one's own, and the library a question in plain words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.responses import Response

from careledger.engine.answer import as_json
from careledger.engine.check import answer_case
from careledger.facts.case import cases_of
from careledger.library.ask.answer import ask as asked
from careledger.policy.strict_yaml import decoded, load
from careledger.web.api import shapes
from careledger.web.api.doors import Door
from careledger.web.billing.queries import policy

asking = Router(tags=["check"])
_CASE = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "description": "a case of docs/case_format.md"}}},
    }
}


@asking.post("/check", auth=Door("check"), openapi_extra=_CASE, summary="What a case may bill")
def check(request: HttpRequest) -> Any:
    """Decide a case and show the proof: the answer of careledger check --json. Nothing of the case is kept."""
    document = load(decoded(request.body, "request"), "request")
    answers = [as_json(answer_case(case, policy())) for case in cases_of(document, policy().payers)]
    return Response(answers if "cases" in document.data else answers[0])


@asking.post("/ask", auth=Door("ask"), summary="What the law says", tags=["ask"])
def ask(request: HttpRequest, data: shapes.Question) -> Any:
    """Ask in plain words whether something can be billed; answered from the law with its citations. Nothing is kept."""
    answer = asked(
        data.question, role=data.role, on=data.on or timezone.localdate(), choices=data.choices, policy=policy()
    )
    return Response(answer.to_dict())
