"""The form of a new token."""

from __future__ import annotations

from typing import Any

from django import forms

from careledger.web.api.scopes import offered_to
from careledger.web.api.tokens import LONGEST_DAYS


class TokenForm(forms.Form):
    """What a token is for, what it may do, and how long."""

    name = forms.CharField(
        max_length=80, label="What will use it", help_text="Such as: time import of the phone system"
    )
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=90, label="Days it lives", help_text=f"{LONGEST_DAYS} at most"
    )
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="What it may do")

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(name, f"{scope.says} ({name})") for name, scope in offered_to(role).items()]
