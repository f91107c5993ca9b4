"""Signing in, out, and failing to, in the audit log of every organisation the user belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from careledger.web.accounts.models import Membership, User
from careledger.web.audit.actions import record
from careledger.web.tenancy.scope import acting_in


def listen() -> None:
    """Hear the signals."""
    user_logged_in.connect(_came, dispatch_uid="audit_in")
    user_logged_out.connect(_went, dispatch_uid="audit_out")
    password_changed.connect(_changed, dispatch_uid="audit_passphrase")
    user_login_failed.connect(_failed, dispatch_uid="audit_failed")


def _came(sender: Any, user: Any, **_: Any) -> None:
    _note("session.began", user.pk)


def _went(sender: Any, user: Any, **_: Any) -> None:
    if user is not None:
        _note("session.ended", user.pk)


def _changed(sender: Any, user: Any, **_: Any) -> None:
    """Only the user knows the passphrase now."""
    User.objects.filter(pk=user.pk).update(must_change_passphrase=False)
    _note("passphrase.changed", user.pk)


def _failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    """A wrong passphrase for an address that exists; an unknown address belongs to no organisation's log."""
    email = credentials.get("email") or credentials.get("username") or ""
    for member in Membership.objects.filter(user__email__iexact=email).select_related("organisation", "user"):
        _note("session.refused", member.user_id)


def _note(action: str, user_id: int) -> None:
    for member in Membership.objects.filter(user_id=user_id).select_related("organisation", "user"):
        with acting_in(member.organisation):
            record(acting_user=member, action=action)
