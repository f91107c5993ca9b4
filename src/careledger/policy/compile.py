"""Read policy files to the compact form that is kept in a cache."""

from __future__ import annotations

from typing import Any

from careledger.core.errors import PolicyError
from careledger.policy.checks import check
from careledger.policy.reading import read
from careledger.policy.section import Bundle, Entry


def compiled(files: dict[str, str], version: str) -> dict[str, Any]:
    """Policy files (name to text) as one plain mapping.

    Raises:
        PolicyError: the first of the problems that ``policy lint`` would list.
    """
    bundle = read(files)
    problems = bundle.problems or check(bundle)
    if problems:
        first = problems[0]
        more = f" ({len(problems) - 1} more: careledger policy lint)" if len(problems) > 1 else ""
        raise PolicyError(first.place, first.problem, first.mend + more)
    return plain(bundle, version)


def plain(bundle: Bundle, version: str) -> dict[str, Any]:
    """A bundle without places, ready for JSON."""
    values: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for entry in bundle.entries:
        values.setdefault(entry.layer, {}).setdefault(entry.id, []).append(_row(entry))
    return {
        "version": version,
        "sources": bundle.sources,
        "topics": bundle.topics,
        "codes": bundle.codes,
        "activities": bundle.activities,
        "conflicts": bundle.conflicts,
        "payers": bundle.payers,
        "overlays": bundle.overlays,
        "values": values,
    }


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "value": entry.value,
        "cite": list(entry.cite),
        "since": entry.since.isoformat(),
        "until": None if entry.until is None else entry.until.isoformat(),
        "confirmed": entry.confirmed,
        "disputed": entry.disputed,
        "note": entry.note,
        "absent": entry.absent,
    }
