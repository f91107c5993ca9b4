"""The token address of SMART Backend Services: OAuth's form in, OAuth's JSON out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from careledger.web.api.doors import ByAddress, ByGuesser
from careledger.web.fhir_api.signin import SignInRefused, sign_in

_KEEP_NOT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Sign in with a signed assertion; refusals say OAuth's error and nothing of what was sent."""
    if request.method != "POST":
        return _said({"error": "invalid_request", "error_description": "send a form by POST"}, 405)
    if not ByAddress().allow_request(request):
        return _said({"error": "temporarily_unavailable", "error_description": "too many requests; wait"}, 429)
    form = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    try:
        return _said(sign_in(form, request.build_absolute_uri(request.path)), 200)
    except SignInRefused as refused:
        if refused.error == "invalid_client" and not ByGuesser().allow_request(request):
            return _said(
                {"error": "temporarily_unavailable", "error_description": "too many wrong sign-ins; wait"}, 429
            )
        status = 401 if refused.error == "invalid_client" else 400
        return _said({"error": refused.error, "error_description": refused.says}, status)


def _said(told: dict[str, object], status: int) -> HttpResponse:
    return JsonResponse(told, status=status, headers=_KEEP_NOT)
