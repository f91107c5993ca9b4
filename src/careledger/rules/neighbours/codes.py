"""Requirements of neighbouring services: advance care planning, cognitive assessment, contacts at a distance, dialysis, services never paid."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.common import Rules

REQUIREMENTS: Mapping[str, Rules] = {}

TOUCHED: Mapping[str, tuple[str, ...]] = {}
