"""Kinds of work, found in each app's ``jobs.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from careledger.web.accounts.models import Membership

Tell = Callable[[str, int, int], None]
"""Told what is being done, how much is done and how much there is."""

Work = Callable[[dict[str, Any], "Membership", Tell], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work and what people call it."""

    id: str
    label: str
    work: Work


_KINDS: dict[str, Kind] = {}


def kind(id_: str, label: str) -> Callable[[Work], Work]:
    """Register a function as a kind of work."""

    def wrap(work: Work) -> Work:
        _KINDS[id_] = Kind(id_, label, work)
        return work

    return wrap


def kind_of(id_: str) -> Kind:
    """A kind by id; KeyError when no app knows it."""
    if id_ not in _KINDS:
        autodiscover_modules("jobs")
    return _KINDS[id_]
