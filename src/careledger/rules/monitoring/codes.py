"""Requirements of remote physiologic and therapeutic monitoring."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.common import Rules

REQUIREMENTS: Mapping[str, Rules] = {}

TOUCHED: Mapping[str, tuple[str, ...]] = {}
