"""The scope: every row belongs to an organisation, and a query outside a scope raises instead of showing all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from careledger.web.tenancy.walls import tell

if TYPE_CHECKING:
    from careledger.web.tenancy.models import Organisation

_current: ContextVar[Organisation | None] = ContextVar("organisation", default=None)

Narrowing = Callable[[models.QuerySet[Any]], models.QuerySet[Any]]
_narrowing: ContextVar[Narrowing | None] = ContextVar("narrowing", default=None)


class UnscopedQuery(RuntimeError):
    """A query on an organisation's rows was made without saying which organisation."""


@contextmanager
def acting_in(organisation: Organisation) -> Iterator[None]:
    """Inside the block every query sees this organisation's rows and no others."""
    outer = _current.get()
    token = _current.set(organisation)
    tell(organisation.pk)
    try:
        yield
    finally:
        _current.reset(token)
        tell(None if outer is None else outer.pk)


def organisation_in_scope() -> Organisation | None:
    """The organisation in scope, or None."""
    return _current.get()


def current_organisation() -> Organisation:
    """The organisation in scope; UnscopedQuery without one."""
    found = _current.get()
    if found is None:
        raise UnscopedQuery("no organisation is in scope; wrap the work in acting_in(organisation)")
    return found


def locked_organisation() -> Organisation:
    """The organisation in scope with its row locked until the transaction ends: who asks for it works alone in the house.

    Without its key, which every row of the house refers to: who writes such a row need not wait for us, nor we for them.
    """
    house = current_organisation()
    found: Organisation = type(house).objects.select_for_update(no_key=True).get(pk=house.pk)
    return found


@contextmanager
def narrowed_to(narrowing: Narrowing | None) -> Iterator[None]:
    """Inside the block every scoped query is cut down further, as an auditor's to the audit; None is the whole again."""
    token = _narrowing.set(narrowing)
    try:
        yield
    finally:
        _narrowing.reset(token)


def is_narrowed() -> bool:
    """Is only a part of the organisation in sight? Then nothing may be derived from it and kept."""
    return _narrowing.get() is not None


def in_scope(found: Any) -> Any:
    """A query cut down to what is in scope."""
    narrowing = _narrowing.get()
    own = found.filter(organisation=current_organisation())
    return own if narrowing is None else narrowing(own)


class ScopedManager(models.Manager[Any]):
    """Rows of the organisation in scope only."""

    def get_queryset(self) -> models.QuerySet[Any]:
        found: models.QuerySet[Any] = in_scope(super().get_queryset())
        return found

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's; rows without an organisation belong to the one in scope."""
        rows = list(objs)
        for row in rows:
            row.take_organisation()
        return super().bulk_create(rows, *args, **kwargs)


class OrganisationRow(models.Model):
    """A row that belongs to one organisation. ``objects`` is scoped; ``everywhere`` is for the verifier and commands.

    Attributes:
        patient_path: how a query reaches the patient, where the row has no field ``patient`` of its own.
        for_auditors: the row tells of no patient, and an auditor may read it; otherwise it is hidden from auditors.
    """

    patient_path: ClassVar[str | None] = None
    for_auditors: ClassVar[bool] = False
    organisation = models.ForeignKey("tenancy.Organisation", on_delete=models.PROTECT, related_name="+")
    objects = ScopedManager()
    everywhere = models.Manager()

    class Meta:
        abstract = True

    def take_organisation(self) -> None:
        """Belong to the organisation in scope; UnscopedQuery when the row is another's."""
        current = current_organisation()
        if self.organisation_id is None:
            self.organisation = current
        if self.organisation_id != current.pk:
            raise UnscopedQuery("the row belongs to another organisation than the one in scope")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.take_organisation()
        super().save(*args, **kwargs)
