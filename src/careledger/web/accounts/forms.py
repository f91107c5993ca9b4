"""Forms of users and roles."""

from __future__ import annotations

from typing import Any

from django import forms

from careledger.web.accounts.roles import ROLES
from careledger.web.tenancy.models import Person


class RoleForm(forms.Form):
    """What someone is here."""

    role = forms.ChoiceField(choices=ROLES, label="Role")
    person = forms.ModelChoiceField(None, required=False, label="Person of the practice", empty_label="nobody")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.order_by("name")


class UserForm(RoleForm):
    """A new user."""

    email = forms.EmailField(label="E-mail address", max_length=200)
    first_name = forms.CharField(max_length=150, label="Given name")
    last_name = forms.CharField(max_length=150, label="Family name")
    field_order = ("email", "first_name", "last_name", "role", "person")
