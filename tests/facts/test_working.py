"""Nothing but what a command has to say stands in its output."""

from __future__ import annotations

import re
from pathlib import Path

import careledger
from careledger.facts.working import working_database


def test_a_long_statement_draws_no_bar() -> None:
    """A bar would stand in the middle of what a command prints, JSON included."""
    with working_database() as con:
        assert con.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


def test_every_connection_is_made_there() -> None:
    home = Path(careledger.__file__).parent
    callers = [
        file.relative_to(home).as_posix()
        for file in sorted(home.rglob("*.py"))
        if re.search(r"duckdb\.connect\(", file.read_text("utf-8"))
    ]
    assert callers == ["facts/working.py"]
