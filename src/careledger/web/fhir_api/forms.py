"""The form of a new program."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from careledger.web.fhir_api.clients import offered_to

_MOST = 64 * 1024


def said(scope: str) -> str:
    """A scope in words."""
    kind = scope.partition("/")[2].partition(".")[0]
    if scope.endswith(".cu"):
        return "Add patients and change their demographics"
    return {"*": "Read everything", "Binary": "Read the notes' PDF files"}.get(kind, f"Read and search {kind}")


class ClientForm(forms.Form):
    """What a program is, by which keys it is known, and what it may do."""

    name = forms.CharField(max_length=80, label="Program", help_text="Such as: quality reports of the network")
    jwks = forms.CharField(
        required=False,
        max_length=_MOST,
        label="Public keys",
        help_text="A JWKS: RSA of 2048 bits or more (RS384), or P-384 (ES384)",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    jwks_url = forms.URLField(
        required=False, max_length=300, assume_scheme="https", label="Or their address", help_text="https only"
    )
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="What it may do")

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(one, f"{said(one)} ({one})") for one in offered_to(role)]

    def clean_jwks(self) -> Any:
        """The keys as JSON."""
        text = self.cleaned_data["jwks"].strip()
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise forms.ValidationError("This is no JSON; paste the whole JWKS.") from None
