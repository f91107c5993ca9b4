"""A clock put forward by hand, and quarters of an hour of one nurse."""

from __future__ import annotations

from careledger.core.records import TimeEntry

NOW_S = 1_775_000_000  # 2026-03-31
START_S = NOW_S - 12 * 3600


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now_s = NOW_S

    def __call__(self) -> int:
        return self.now_s


def work(number: int, **changes: object) -> TimeEntry:
    """A quarter of an hour of one nurse, the next number the next quarter."""
    start_s = START_S + 900 * number
    cells = {
        "entry_id": f"e{number}", "patient_id": "p-1", "by": "rn-1", "programs": ("ccm",), "start_s": start_s,
        "end_s": start_s + 900, "activity": "call_patient", "note": "talked about salt",
    }  # fmt: skip
    return TimeEntry(**{**cells, **changes})  # type: ignore[arg-type]
