"""The policy of the package, loaded once, and small folders of policy files to break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.policy.sound_policy import SOUND

from careledger.policy import Policy, load_policy

Folder = Callable[..., Path]


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A sound folder of policy files, with the files given put in place of its own (None takes one away)."""

    def make(changes: dict[str, str | None] | None = None) -> Path:
        for name, text in {**SOUND, **(changes or {})}.items():
            path = tmp_path / "policy" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
        return tmp_path / "policy"

    return make
