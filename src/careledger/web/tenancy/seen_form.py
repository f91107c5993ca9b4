"""Forms that notice when someone else changed what they show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms

_CHANGED = "Someone changed this while you had it open; nothing of theirs is lost yet. It now says: {now}. Save again to put yours in its place."


def mark_of(stands: Mapping[str, Any]) -> str:
    """A short mark of what stands; another mark means that it changed."""
    text = json.dumps({key: _plain(value) for key, value in stands.items()}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return None if value in ("", ()) else getattr(value, "pk", value)


class SeenForm(forms.Form):
    """A form over something that stands already; what was sent from an old page is asked about once before it replaces it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, stands: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.stands = dict(stands or {})
        self.mark = mark_of(self.stands)
        super().__init__(data, initial={**self.stands, "seen": self.mark}, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The values, but for the mark.

        A page sent twice says what stands by now, and passes.
        """
        cells = {name: value for name, value in (super().clean() or {}).items() if name != "seen"}
        seen = self.data.get(self.add_prefix("seen"), "")
        if seen and seen != self.mark and not self.errors and mark_of({**self.stands, **cells}) != self.mark:
            self.add_error(None, _CHANGED.format(now=self._now()))
            told: Any = dict(self.data.items())
            told[self.add_prefix("seen")] = self.mark
            self.data = told
        return cells

    def _now(self) -> str:
        """What stands, by the labels of the form, for those fields that differ."""
        differing = [name for name in self.changed_data if name in self.stands and name in self.fields]
        told = (f"{self.fields[name].label}: {_plain(self.stands[name]) or 'nothing'}" for name in differing)
        return "; ".join(told) or "other values"
