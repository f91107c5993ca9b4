"""A thread whose database is away says so once, and once that it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import pytest
from django.db import InterfaceError, OperationalError

from careledger.web.accounts.rest import Rest
from careledger.web.billing.keeper import keep_once
from careledger.web.work.runner import work_once

FAILS = (OperationalError, OperationalError, OperationalError, InterfaceError, None, None, OperationalError, None)


@pytest.mark.parametrize(
    ("step", "inner", "module"),
    [
        (work_once, "do_all", "careledger.web.work.runner"),
        (partial(keep_once, "me"), "holds_lease", "careledger.web.billing.keeper"),
    ],
)
def test_it_is_said_once_a_change(
    step: Callable[[Rest], None], inner: str, module: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    coming = iter(FAILS)

    def once(*_: object) -> bool:
        error = next(coming)
        if error is not None:
            raise error("database is locked: row of a patient")
        return False

    monkeypatch.setattr(f"{module}.{inner}", once)
    monkeypatch.setattr("careledger.web.accounts.rest.close_old_connections", lambda: None)
    rest = Rest(logging.getLogger(module), "the work")
    with caplog.at_level(logging.WARNING, logger=module):
        for _ in FAILS:
            step(rest)
    said = [one.getMessage().removeprefix("the work ") for one in caplog.records if one.name == module]
    assert [one.partition(" and ")[0] for one in said] == [
        "rests after OperationalError", "rests after InterfaceError", "goes on; it had rested after InterfaceError",
        "rests after OperationalError", "goes on; it had rested after OperationalError",
    ]  # fmt: skip
    assert "locked" not in caplog.text
