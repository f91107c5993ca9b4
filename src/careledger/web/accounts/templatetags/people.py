"""People as pages name them: by name and credential. Their ids stand in the audit log and in what is exported."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from careledger.web.accounts.models import Membership
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import current_organisation

register = template.Library()
_ACCOUNT = "user-"
"""Before the number of an account that is nobody of the directory, as the time ledger names it."""


@register.simple_tag(takes_context=True)
def who(context: template.Context, named: Any) -> str:
    """``Hana Kim, RN`` for an id of the directory or for who is signed in; a name as it stands, a dash for nobody.

    Args:
        named: a person's id, an account as the ledger names it, a name, or a ``Membership``.
    """
    if isinstance(named, Membership):
        return _people(context)["pk"].get(named.person_id) or str(named.user)
    if not named:
        return "—"
    text = str(named)
    return _people(context)["code"].get(text) or _account(text) or text


def _people(context: template.Context) -> dict[str, dict[Any, str]]:
    """The directory, read once for a request."""
    request: HttpRequest | None = context.get("request")
    found: dict[str, dict[Any, str]] | None = getattr(request, "directory", None)
    if found is None:
        rows = list(Person.objects.only("pk", "code", "name", "credential"))
        found = {"pk": {row.pk: str(row) for row in rows}, "code": {row.code: str(row) for row in rows}}
        if request is not None:
            request.directory = found
    return found


def _account(text: str) -> str | None:
    number = text.removeprefix(_ACCOUNT)
    if number == text or not number.isdecimal():
        return None
    member = (
        Membership.objects.select_related("user")
        .filter(user_id=int(number), organisation=current_organisation())
        .first()
    )
    return None if member is None else str(member.user)
