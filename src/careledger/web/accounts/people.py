"""Settings, Users and roles: the list, a new user, another role, leaving, a lost second factor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from careledger.web.accounts.actions import UserRefused, add_user, change_user, reset_factors, set_active
from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.accounts.forms import RoleForm, UserForm
from careledger.web.accounts.models import Membership


@door("users.write")
def users(request: MemberRequest) -> HttpResponse:
    """Everyone who may enter, and a new one."""
    return _page(request, UserForm())


@door("users.write")
@sudo
def user_add(request: MemberRequest) -> HttpResponse:
    """Make a user; the first passphrase is shown this once."""
    form = UserForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        member, word = add_user(acting_user=request.membership, **form.cleaned_data)
    except UserRefused as refused:
        form.add_error(None, _sentence(refused))
        return _page(request, form, status=422)
    return _first_word(request, member, word)


@door("users.write")
@sudo
def user_change(request: MemberRequest, member_id: int) -> HttpResponse:
    """Another role or person."""
    member = _member(request, member_id)
    form = RoleForm(request.POST or None, initial={"role": member.role, "person": member.person_id})
    if request.method == "POST" and form.is_valid():
        try:
            change_user(acting_user=request.membership, member=member, **form.cleaned_data)
        except UserRefused as refused:
            form.add_error(None, _sentence(refused))
        else:
            messages.success(request, f"Changed. {member.user} signs in anew.")
            return redirect("users")
    shown = {"here": "settings", "member": member, "form": form}
    return render(request, "accounts/user.html", shown, status=422 if form.errors else 200)


@door("users.write")
@sudo
@require_POST
def user_active(request: MemberRequest, member_id: int) -> HttpResponse:
    """Someone leaves, or comes back."""
    member = _member(request, member_id)
    try:
        set_active(acting_user=request.membership, member=member, is_active=not member.is_active)
    except UserRefused as refused:
        messages.error(request, _sentence(refused))
    return redirect("users")


@door("users.write")
@sudo
@require_POST
def user_reset(request: MemberRequest, member_id: int) -> HttpResponse:
    """A lost second factor."""
    member = _member(request, member_id)
    try:
        word = reset_factors(acting_user=request.membership, member=member)
    except UserRefused as refused:
        messages.error(request, _sentence(refused))
        return redirect("users")
    return _first_word(request, member, word)


def _member(request: MemberRequest, member_id: int) -> Membership:
    found = _members(request).filter(pk=member_id).first()
    if found is None:
        raise Http404
    return found


def _members(request: MemberRequest) -> Any:
    found = Membership.objects.filter(organisation=request.membership.organisation)
    return found.select_related("user", "person").order_by("-is_active", "user__last_name", "pk")


def _first_word(request: MemberRequest, member: Membership, word: str) -> HttpResponse:
    return render(request, "accounts/first_word.html", {"here": "settings", "member": member, "word": word})


def _page(request: MemberRequest, form: UserForm, status: int = 200) -> HttpResponse:
    shown = {"here": "settings", "members": _members(request), "form": form}
    return render(request, "accounts/users.html", shown, status=status)


def _sentence(refused: UserRefused) -> str:
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."
