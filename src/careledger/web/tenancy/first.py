"""The first administrator of an empty clinic, made by a command on the server: nobody can do it from outside."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from careledger.core.errors import CareLedgerError
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in


class FirstRefused(CareLedgerError):
    """A first administrator that may not be made: what is wrong and what to do."""


@transaction.atomic
def make_first_administrator(*, organisation: str, email: str, given: str, family: str) -> str:
    """Make the organisation and its administrator in an empty database; returns the first passphrase, to be changed at once.

    Raises:
        FirstRefused: the database holds an organisation already, or the address is none.
    """
    from careledger.web.accounts.models import Membership, User
    from careledger.web.audit.actions import record

    if Organisation.objects.exists():
        raise FirstRefused(
            "this clinic has its organisation already; its administrators make further users under Settings"
        )
    try:
        validate_email(email)
    except ValidationError:
        raise FirstRefused("this is no e-mail address; the administrator signs in by one") from None
    name = organisation.strip()
    if not name:
        raise FirstRefused("the organisation has no name; give it with --organisation")
    house = Organisation.objects.create(slug=slugify(name)[:50] or "clinic", name=name)
    word = secrets.token_urlsafe(12)
    user = User.objects.create_user(
        email, word, first_name=given.strip(), last_name=family.strip(), must_change_passphrase=True
    )
    with acting_in(house):
        member = Membership.objects.create(user=user, organisation=house, role="administrator")
        after = {"user": user.pk, "role": member.role, "organisation": house.slug}
        record(acting_user=None, action="user.added", target=member, after=after)
    return word
