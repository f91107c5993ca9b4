"""The register of situations: label to the function that tells it."""

from __future__ import annotations

from collections.abc import Callable

from careledger.synthetic.story import Story

Telling = Callable[[Story], None]
SITUATIONS: dict[str, Telling] = {}


def situation(tell: Telling) -> Telling:
    """Register a situation under its function's name, which is its label in ``data/situations.csv``."""
    SITUATIONS[tell.__name__] = tell
    return tell
