"""Fixtures of the web tests: the cast, a clock that stands, and a browser-less client for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.cast import NOON, Cast, make_cast

from careledger.web.tenancy.scope import acting_in


class Clock:
    """The tests' clock: it stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)

    @property
    def s(self) -> int:
        return int(self.at.timestamp())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clinic's clock, at noon of the tests' present."""
    standing = Clock()
    monkeypatch.setattr(timezone, "now", standing)
    return standing


@pytest.fixture
def cast(db: None, clock: Clock) -> Cast:
    """The cast; the test is outside any scope."""
    return make_cast()


@pytest.fixture
def inside(cast: Cast) -> Iterator[Cast]:
    """The cast, with the test acting inside the clinic and its time zone."""
    with acting_in(cast.clinic), timezone.override(cast.clinic.zone):
        yield cast


@pytest.fixture
def as_role(cast: Cast) -> Callable[[str], Client]:
    """A client signed in as a role of the clinic, or as the ``stranger`` of another one."""

    def client_of(role: str) -> Client:
        client = Client()
        member = cast.stranger if role == "stranger" else cast[role]
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of
