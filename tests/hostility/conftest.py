"""The cast of the web tests, for the attacks on the clinic."""

from __future__ import annotations

from tests.web.conftest import as_role, cast, clock, inside

__all__ = ["as_role", "cast", "clock", "inside"]
