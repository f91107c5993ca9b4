"""Work and when it was done: a seeded diary in which nobody is in two places, unless a situation asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from careledger.core.records import TimeEntry
from careledger.synthetic.draw import Draw, rows

_OPENS_AT = 8 * 60 + 30
_CLOSES_AT = 17 * 60
_GAP_MINUTES = 3
_LONGEST_CONTACT_S = 14 * 60
_COPIES = "ma-ortiz"
"""Who copies notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A stretch of work to be put into the diary.

    Attributes:
        kind: which notes fit: contact, desk, oversight or own.
        days: days it may be done on; the first that has room is drawn.
        start: a fixed start, where a situation needs one.
        recorded_days_later: how late it was written down; None on the same day.
    """

    patient_id: str
    by: str
    seconds: int
    kind: str
    days: tuple[date, ...]
    programs: tuple[str, ...] = ("ccm",)
    start: datetime | None = None
    recorded_days_later: int = 0
    activity: str | None = None
    documented: bool = True


@dataclass(slots=True)
class Diary:
    """The clinic's diary; fixed work is entered first, the rest finds room around it."""

    draw: Draw
    zone: ZoneInfo
    _busy: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _entries: list[TimeEntry] = field(default_factory=list)

    def enter(self, works: Iterable[Work]) -> list[TimeEntry]:
        """Every piece of work as an entry, in the order of time."""
        everything = list(works)
        for work in everything:
            if work.start is not None:
                self._write(work, int(work.start.timestamp()))
        for work in everything:
            if work.start is None:
                self._write(work, self._room(work))
        ordered = sorted(self._entries, key=lambda entry: (entry.start_s or 0, entry.patient_id, entry.by))
        return [_numbered(entry, number) for number, entry in enumerate(ordered, start=1)]

    def _room(self, work: Work) -> int:
        """A start at which neither the worker nor anyone else on the patient is busy."""
        latest = _CLOSES_AT - work.seconds // 60 - 1
        for _ in range(2000):
            day = self.draw.random.choice(work.days)
            minute = self.draw.random.randrange(_OPENS_AT, latest)
            start = int(datetime.combine(day, time(minute // 60, minute % 60), self.zone).timestamp())
            end = start + work.seconds + _GAP_MINUTES * 60
            if self._is_free(work.by, start, end) and self._is_free(work.patient_id, start, end):
                return start
        raise ValueError(f"the diary of {work.by} has no room left; ask for fewer patients")

    def _is_free(self, who: str, start: int, end: int) -> bool:
        return all(end <= since or until <= start for since, until in self._busy.get(who, ()))

    def _write(self, work: Work, start: int) -> None:
        end = start + work.seconds
        for who in (work.by, work.patient_id):
            self._busy.setdefault(who, []).append((start, end))
        note = self.draw.random.choice([row for row in rows("notes") if row["kind"] == work.kind])
        self._entries.append(
            TimeEntry(
                entry_id="",
                patient_id=work.patient_id,
                by=work.by,
                programs=work.programs,
                start_s=start,
                end_s=end,
                activity=work.activity or note["activity"],
                documented=work.documented,
                patient_present=False,
                note=f"{note['note']}{_detail(work, start)}",
                recorded_s=end + 120 + work.recorded_days_later * 86400,
            )
        )


def _detail(work: Work, start: int) -> str:
    """What only this call was about, by a draw of its own, so that notes tell nothing of the draws around them.

    One assistant writes the same words every time: the radar is to find that.
    """
    fitting = [row for row in rows("details") if row["kind"] == work.kind]
    if not fitting or work.by == _COPIES:
        return ""
    draw = Random(f"{work.patient_id} {work.by} {start}")
    told = draw.sample(fitting, 2)
    numbers = ([draw.randint(int(row["least"]), int(row["most"])) for _ in range(2)] for row in told)
    return "".join(f" {row['detail'].format(*drawn)}" for row, drawn in zip(told, numbers, strict=True))


def pieces(draw: Draw, seconds: int, write: Callable[[int, int], Work]) -> list[Work]:
    """Work of a total length as contacts of up to 14 minutes; ``write`` gets number and seconds of each."""
    lengths: list[int] = []
    while seconds > 0:
        length = seconds if seconds <= _LONGEST_CONTACT_S else draw.random.randrange(4 * 60, _LONGEST_CONTACT_S)
        lengths.append(length)
        seconds -= length
    return [write(number, length) for number, length in enumerate(lengths)]


def weekdays(first: date, last: date) -> tuple[date, ...]:
    """Working days from one day to another, both included."""
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() < 5)


def _numbered(entry: TimeEntry, number: int) -> TimeEntry:
    return TimeEntry(**{**{name: getattr(entry, name) for name in TimeEntry.__slots__}, "entry_id": f"t{number:05d}"})
