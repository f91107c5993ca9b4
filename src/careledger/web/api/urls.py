from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from careledger.web.api.problems import problem
from careledger.web.api.service import api


@csrf_exempt  # it does nothing, and a page about cookies is no answer to a program
def no_route(request: HttpRequest) -> HttpResponse:
    """An address under the API that is none: programs read an error of the one shape, not a page."""
    return problem(api, request, 404, "there is no such route; /api/openapi.json lists them")


urlpatterns = [path("", api.urls), re_path("", no_route, name="api_no_route")]
