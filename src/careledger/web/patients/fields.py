"""Fields of the chart's forms: what is unknown stays unknown, and a form knows which chart it was opened on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django import forms

from careledger.core.records import PRACTITIONER_KINDS
from careledger.web.billing.queries import policy
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.templatetags.formats import payer as payer_words

Choices = list[tuple[str, str]]
Groups = tuple[tuple[str, tuple[str, ...]], ...]


class SentOnce(forms.Form):
    """A form that does its work once, and notices that the chart was changed since it was opened.

    Attributes:
        changes: what others wrote meanwhile, when the form is refused for it.
        groups: headings with the names of the fields beneath them, for a long form; the rest follows without a heading.
    """

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64, initial=lambda: str(uuid4()))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    changes: tuple[Any, ...] = ()
    groups: Groups = ()

    def cells(self) -> dict[str, Any]:
        """What was typed, without what the form carries for itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("once", "seen")}

    def layout(self) -> list[tuple[str, list[Any]]]:
        """The visible fields in their groups."""
        grouped = {name for _, names in self.groups for name in names}
        rest = [field for field in self.visible_fields() if field.name not in grouped]
        found = [(title, [self[name] for name in names]) for title, names in self.groups]
        return [*found, ("", rest)] if rest else found

    def look_again(self, changes: Iterable[Any], revision: int) -> None:
        """Show what others wrote, and take it over where the writer of this form left a field as it stood.

        Sent again, the form says that its writer has seen the changes.
        """
        self.changes = tuple(changes)
        typed = self.data.copy()
        for change in reversed(self.changes):
            for name, stood in (change.before or {}).items():
                if name in self.fields and typed.getlist(name) == _as_sent(stood):
                    typed.setlist(name, _as_sent((change.after or {}).get(name)))
        typed["seen"] = str(revision)
        self.data = typed


def _as_sent(value: Any) -> list[str]:
    """A value of the audit log as a browser would send it."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return ["" if value is None else str(value)]


def day(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    """A day."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def text(label: str, *, required: bool = False, help_text: str = "", most: int = 120, **attrs: Any) -> forms.CharField:
    """A short text; empty is unknown."""
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=most, empty_value=None, widget=widget
    )


def truth(label: str, *, required: bool = False, help_text: str = "") -> forms.TypedChoiceField:
    """Yes, no, or not known."""
    return forms.TypedChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        choices=[("", "Not known"), ("True", "Yes"), ("False", "No")],
        coerce=lambda value: value == "True",
        empty_value=None,
    )


def one_of(
    label: str, words: Iterable[str], *, required: bool = False, help_text: str = "", empty: str = "Not known"
) -> forms.TypedChoiceField:
    """One word of a list of the core."""
    choices = [("", "Choose" if required else empty), *((one, one.replace("_", " ")) for one in words)]
    return forms.TypedChoiceField(
        label=label, required=required, help_text=help_text, choices=choices, empty_value=None
    )


def practitioner(label: str, *, required: bool = False, help_text: str = "") -> forms.TypedChoiceField:
    """A practitioner of the directory, by code."""
    return forms.TypedChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        choices=_practitioners("Choose a practitioner" if required else "Not known"),
        empty_value=None,
    )


def staff(label: str, *, required: bool = False, empty: str = "Nobody") -> forms.TypedChoiceField:
    """Anyone of the directory, by code."""

    def choices() -> Choices:
        return [("", empty), *((one.code, str(one)) for one in Person.objects.order_by("name", "pk"))]

    return forms.TypedChoiceField(label=label, required=required, choices=choices, empty_value=None)


def payers(label: str, *, required: bool = True) -> forms.TypedChoiceField:
    """A payer policy knows."""

    def choices() -> Choices:
        known = sorted(policy().payers, key=lambda id_: (id_ != "medicare_ffs", id_))
        return [("", "Choose who pays"), *((id_, payer_words(id_)) for id_ in known)]

    return forms.TypedChoiceField(label=label, required=required, choices=choices, empty_value=None)


def _practitioners(empty: str) -> Callable[[], Choices]:
    def choices() -> Choices:
        found = Person.objects.filter(kind__in=PRACTITIONER_KINDS).order_by("name", "pk")
        return [("", empty), *((one.code, str(one)) for one in found)]

    return choices
