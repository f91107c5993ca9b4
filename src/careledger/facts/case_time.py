"""Time in a case: start and end in the clinic's time zone, or a day and minutes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from careledger.core.records import PROGRAMS, TimeEntry
from careledger.policy.strict_yaml import kind_of

Refuse = Callable[[tuple[str | int, ...], str, str], None]

KEYS = (
    "by", "program", "start", "end", "on", "minutes", "activity", "documented", "patient_present", "part_of_visit",
    "contact", "note",
)  # fmt: skip
DAY_S = 24 * 3600
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?")


def time_entry(
    row: Any, entry_id: str, patient_id: str, zone_of: Mapping[str, str], refuse: Refuse
) -> TimeEntry | None:
    """One entry, or None with its faults told to ``refuse``."""
    faults: list[bool] = []

    def fault(path: tuple[str | int, ...], problem: str, mend: str) -> None:
        faults.append(True)
        refuse(path, problem, mend)

    if not isinstance(row, dict):
        fault(
            (), f"{kind_of(row)} stands where a mapping is due", "write {by: ..., program: ..., start: ..., end: ...}"
        )
        return None
    _known_keys(row, fault)
    by = row.get("by")
    if not isinstance(by, str) or not by:
        fault(("by",), "who worked is missing or no text", "name a person of `people`")
    zone = zone_of.get(by, "America/New_York") if isinstance(by, str) else "America/New_York"
    values = {**_when(row, zone, fault), **_words(row, fault), **_flags(row, fault)}
    programs = _programs(row.get("program"), fault)
    if faults:
        return None
    return TimeEntry(entry_id=entry_id, patient_id=patient_id, by=str(by), programs=programs, **values)


def instant_s(text: str, zone: str) -> int:
    """Seconds UTC of ``2026-03-02T10:00[:SS][offset]``; without an offset in the zone. ValueError when it is no instant."""
    if _INSTANT.fullmatch(text) is None:
        raise ValueError("no instant")
    found = datetime.fromisoformat(text)
    return int((found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).timestamp())


def _known_keys(row: Mapping[str, Any], fault: Refuse) -> None:
    for key in row:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, 1)
            fault((key,), "unknown key", f"did you mean {near[0]}?" if near else f"known keys are {', '.join(KEYS)}")


def _programs(value: Any, fault: Refuse) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words:
        fault(("program",), "the program is missing", f"write one of {', '.join(PROGRAMS)}, or a list")
        return ()
    for word in words:
        if word not in PROGRAMS:
            fault(("program",), "no such program", f"write one of {', '.join(PROGRAMS)}")
    return tuple(word for word in words if isinstance(word, str))


def _when(row: Mapping[str, Any], zone: str, fault: Refuse) -> dict[str, Any]:
    start, end, on, minutes = (row.get(key) for key in ("start", "end", "on", "minutes"))
    seconds = _seconds(minutes, fault)
    if start is None and end is None:
        day = date.fromisoformat(on) if isinstance(on, str) and _DAY.fullmatch(on) else on
        if not isinstance(day, date) or seconds is None:
            fault(
                ("start",),
                "neither start and end nor a day and minutes are given",
                "write start and end, or on and minutes",
            )
            return {}
        return {"on": day, "seconds": seconds}
    start_s, end_s = _instant(start, "start", zone, fault), _instant(end, "end", zone, fault)
    if start_s is not None and end is None and seconds is not None:
        end_s = start_s + seconds
    if start_s is None or end_s is None:
        if start is None or end is None:
            missing = "start" if start is None else "end"
            fault((missing,), f"{missing} is missing", "write both start and end, or start and minutes")
        return {}
    return _checked(start_s, end_s, fault)


def _checked(start_s: int, end_s: int, fault: Refuse) -> dict[str, Any]:
    if end_s <= start_s:
        fault(
            ("end",),
            "the entry ends before or when it starts",
            "correct start or end; work past midnight ends on the next day",
        )
    elif end_s - start_s > DAY_S:
        fault(
            ("end",),
            f"the entry is {(end_s - start_s) // 3600} hours long",
            "an entry is at most 24 hours; split or correct it",
        )
    return {"start_s": start_s, "end_s": end_s}


def _seconds(minutes: Any, fault: Refuse) -> int | None:
    if minutes is None:
        return None
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        fault(("minutes",), f"{kind_of(minutes)} is no number of minutes", "write minutes such as 12 or 12.5")
        return None
    seconds = int(Decimal(str(minutes)) * 60)
    if not 0 < seconds <= DAY_S:
        fault(("minutes",), "minutes are not between 0 and 1440", "correct the length of the entry")
        return None
    return seconds


def _instant(value: Any, key: str, zone: str, fault: Refuse) -> int | None:
    if value is None:
        return None
    mend = "write it as 2026-03-02T10:00, in the clinic's time or with an offset"
    if not isinstance(value, str):
        fault((key,), f"{kind_of(value)} is no time of day", mend)
        return None
    try:
        return instant_s(value, zone)
    except ZoneInfoNotFoundError:
        return None
    except ValueError:
        fault((key,), "this is no day and time", mend)
        return None


def _words(row: Mapping[str, Any], fault: Refuse) -> dict[str, Any]:
    found = {}
    for key in ("activity", "contact", "note"):
        value = row.get(key)
        if value is not None and not isinstance(value, str):
            fault((key,), f"{kind_of(value)} stands where a text is due", "write a text")
        found[key] = value
    return found


def _flags(row: Mapping[str, Any], fault: Refuse) -> dict[str, Any]:
    found = {}
    for key in ("documented", "patient_present", "part_of_visit"):
        value = row.get(key)
        if value is not None and not isinstance(value, bool):
            fault((key,), f"{kind_of(value)} stands where true or false is due", "write true or false")
        found[key] = value
    return found
