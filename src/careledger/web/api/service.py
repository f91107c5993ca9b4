"""The API as a whole: its description, its errors, its limits and its routes."""

from __future__ import annotations

from ninja import NinjaAPI

from careledger import __version__
from careledger.web.api.doors import ByAddress, ByOwner
from careledger.web.api.problems import PROBLEM, lay_handlers
from careledger.web.api.routes import lay_routes

_ABOUT = """Programs of a practice work in its clinic by the same rules as people do: a token acts for the member who
made it, within the token's scopes and the member's role, in the member's organisation only. Every chart that is read or
changed stands in the audit log. Errors have one shape (application/problem+json)."""
_REFUSALS = {400: "no JSON", 401: "no token in force", 403: "scope or role does not allow it", 404: "not there, or not yours",
             413: "larger than 5 MB", 422: "cannot be used as it is; says the field", 429: "too many requests"}  # fmt: skip


class ClinicApi(NinjaAPI):
    """The API; its document says of every route how it refuses."""

    def get_openapi_schema(self, **options):  # type: ignore[no-untyped-def]
        schema = super().get_openapi_schema(**options)
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = dict(PROBLEM)
        shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for routes in schema["paths"].values():
            for route in routes.values():
                for status, says in _REFUSALS.items():
                    route["responses"].setdefault(status, {"description": says, "content": shape})
        return schema


api = ClinicApi(
    title="CareLedger",
    version=__version__,
    description=_ABOUT,
    docs_url=None,  # its pages load scripts of third parties
    urls_namespace="api",
    throttle=[ByOwner(), ByAddress()],
)
lay_handlers(api)
lay_routes(api)
