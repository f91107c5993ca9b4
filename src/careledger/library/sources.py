"""Sources that a claim may name: policy's, and the library's own research."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from careledger.policy.model import Source
from careledger.policy.store import Policy
from careledger.policy.strict_yaml import load_path

_OWN = Path(__file__).parent / "data" / "sources.yaml"


def sources_of(policy: Policy) -> Mapping[str, Source]:
    """Every source by id; policy's own wins where both have one."""
    return {**_own(), **policy.sources}


@lru_cache(maxsize=1)
def _own() -> dict[str, Source]:
    return {id_: Source(id=id_, **_checked(row)) for id_, row in load_path(_OWN).data["sources"].items()}


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    day = row["checked"]
    return {**row, "checked": day if isinstance(day, date) else date.fromisoformat(day)}
