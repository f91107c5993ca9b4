"""Who may enter and as what: making a user, another role, leaving, a lost second factor. Each is in the audit log."""

from __future__ import annotations

import secrets

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership, User
from careledger.web.accounts.roles import ROLES
from careledger.web.audit.actions import record
from careledger.web.tenancy.models import Person

ADMINISTRATOR = "administrator"


class UserRefused(CareLedgerError):
    """A change to a user that may not be made: what is wrong and what to do."""


@transaction.atomic
def add_user(
    *, acting_user: Membership, email: str, first_name: str, last_name: str, role: str, person: Person | None
) -> tuple[Membership, str]:
    """Make a user of the organisation; returns the membership and a first passphrase, to be changed at the first sign-in.

    Raises:
        UserRefused: the address has a user already, or the role needs a person of the directory.
    """
    address = email.strip().lower()
    if User.objects.filter(email__iexact=address).exists():
        raise UserRefused("this address has a user already; choose another address, or ask for it to be given free")
    _check(acting_user, role, person)
    word = secrets.token_urlsafe(12)
    user = User.objects.create_user(
        address, word, first_name=first_name.strip(), last_name=last_name.strip(), must_change_passphrase=True
    )
    member = Membership.objects.create(user=user, organisation=acting_user.organisation, role=role, person=person)
    after = {"user": user.pk, "role": role, "person": person.code if person else None}
    record(acting_user=acting_user, action="user.added", target=member, after=after)
    return member, word


@transaction.atomic
def change_user(*, acting_user: Membership, member: Membership, role: str, person: Person | None) -> None:
    """Give a member another role or person. They are signed out everywhere, so that no open page keeps the old role.

    Raises:
        UserRefused: one's own role, the last administrator's, or a person who has a user already.
    """
    _check(acting_user, role, person, member)
    if role != member.role:
        _keep_one_administrator(acting_user, member)
    before = {"role": member.role, "person": member.person.code if member.person else None}
    after = {"role": role, "person": person.code if person else None}
    if before == after:
        return
    Membership.objects.filter(pk=member.pk).update(role=role, person=person)
    record(acting_user=acting_user, action="user.changed", target=member, before=before, after=after)
    sign_out_everywhere(member)


@transaction.atomic
def set_active(*, acting_user: Membership, member: Membership, is_active: bool) -> None:
    """Close the door to someone who left, or open it again. What they did stays under their name.

    Raises:
        UserRefused: oneself, or the last administrator.
    """
    if member.is_active == is_active:
        return
    _keep_one_administrator(acting_user, member)
    Membership.objects.filter(pk=member.pk).update(is_active=is_active)
    record(acting_user=acting_user, action="user.returned" if is_active else "user.left", target=member)
    sign_out_everywhere(member)


@transaction.atomic
def reset_factors(*, acting_user: Membership, member: Membership) -> str:
    """For someone who lost the phone: second factors away and a new first passphrase, which is returned.

    Raises:
        UserRefused: oneself; another administrator does it.
    """
    if member.pk == acting_user.pk:
        raise UserRefused("your own second factor is reset by another administrator")
    Authenticator.objects.filter(user=member.user).delete()
    word = secrets.token_urlsafe(12)
    member.user.set_password(word)
    member.user.must_change_passphrase = True
    member.user.save()
    record(acting_user=acting_user, action="user.factors_reset", target=member)
    sign_out_everywhere(member)
    return word


def sign_out_everywhere(member: Membership) -> None:
    """End every session of a member's user."""
    for session in UserSession.objects.filter(user=member.user):
        session.end()


def _check(acting_user: Membership, role: str, person: Person | None, member: Membership | None = None) -> None:
    if role not in dict(ROLES):
        raise UserRefused("there is no such role; choose one of the list")
    if person is None and role in ("nurse", "practitioner"):
        raise UserRefused("who logs time is a person of the practice; choose who it is, or add the person first")
    others = Membership.objects.filter(organisation=acting_user.organisation, person=person, is_active=True)
    if person is not None and others.exclude(pk=member.pk if member else None).exists():
        raise UserRefused("this person has a user already; choose another person")


def _keep_one_administrator(acting_user: Membership, member: Membership) -> None:
    if member.pk == acting_user.pk:
        raise UserRefused("your own role is changed by another administrator")
    left = Membership.objects.filter(organisation=member.organisation, role=ADMINISTRATOR, is_active=True)
    if member.role == ADMINISTRATOR and not left.exclude(pk=member.pk).exists():
        raise UserRefused("this is the last administrator; make another one first")
