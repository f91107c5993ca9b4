"""Words and numbers as a reviewer reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from careledger.core.records import Person
from careledger.engine.wording import duration

NOT_RECORDED = "not recorded"

KINDS = {
    "np": "nurse practitioner", "pa": "physician assistant", "cns": "clinical nurse specialist", "cnm": "nurse-midwife",
    "lcsw": "clinical social worker", "mft": "marriage and family therapist", "mhc": "mental health counselor",
    "rn": "registered nurse", "lpn": "licensed practical nurse", "ma": "medical assistant",
    "chw": "community health worker", "snf": "skilled nursing facility", "snf_part_a": "skilled nursing (Part A)",
    "ltch": "long-term care hospital", "medicare_ffs": "Medicare Part B", "ccm": "Chronic care management",
    "pcm": "Principal care management", "cpo": "Care plan oversight", "bhi": "Behavioral health integration",
    "rpm": "Remote physiologic monitoring", "rtm": "Remote therapeutic monitoring", "apcm": "Advanced primary care management",
    "tcm": "Transitional care management",
}  # fmt: skip
STATEMENTS = {
    "availability": "the service is available to the patient",
    "cost_sharing": "a share of the cost falls to the patient",
    "one_practitioner": "only one practitioner is paid for a month",
    "right_to_stop": "the patient may stop at any time, from the end of the month",
}
LOST = {
    "not_clinical": "not clinical staff",
    "no_supervision": "without the supervision asked for",
    "outside_us": "worked outside the United States",
    "not_integrated": "staff of another practice, not integrated",
    "in_facility": "patient was an inpatient that day",
    "outside_episode": "no agency served the patient that day",
    "before_consent": "before consent",
    "after_revocation": "after consent was revoked",
    "before_start": "before the program started",
    "after_death": "after the patient's death",
    "part_of_visit": "part of a separately paid visit",
    "activity_not_counted": "this work does not count here",
    "activity_unknown": "wording of the work is not known",
    "not_documented": "no note documents it",
    "same_person_twice": "same person counted elsewhere then",
    "two_at_once": "a second person at the same time",
    "other_program": "used by another program",
    "not_this_practitioner": "only the practitioner's own time counts",
}


def word(id_: str | None) -> str:
    """An id in words: ``home_health`` is "home health"."""
    return NOT_RECORDED if id_ is None else KINDS.get(id_, id_.replace("_", " "))


def yes(flag: bool | None) -> str:
    return NOT_RECORDED if flag is None else "yes" if flag else "no"


def day(on: date | None) -> str:
    return NOT_RECORDED if on is None else on.isoformat()


def clock(instant_s: int, zone: ZoneInfo, *, seconds: bool = True) -> str:
    """The time of day; with seconds where they are not zero."""
    at = datetime.fromtimestamp(instant_s, UTC).astimezone(zone)
    return at.strftime("%H:%M:%S" if seconds and at.second else "%H:%M")


def day_of(instant_s: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(instant_s, UTC).astimezone(zone).date()


def moment(instant_s: int, zone: ZoneInfo) -> str:
    """Day and time of an instant."""
    return f"{day_of(instant_s, zone).isoformat()} {clock(instant_s, zone, seconds=False)}"


def minutes(seconds: int) -> str:
    """``12:00``: minutes and seconds, never rounded."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def spoken(seconds: int) -> str:
    """``23 min``, ``19 min 59 s``, ``0 min``."""
    return duration(seconds) if seconds else "0 min"


def who(person: Person | None, id_: str | None = None) -> str:
    """A person with credential: ``Ann Lee, RN``; the id when no name is recorded."""
    if person is None:
        return id_ or NOT_RECORDED
    name = person.name or person.person_id
    credential = person.credential or ""
    return f"{name}, {credential}" if credential and not name.endswith(credential) else name


def listed(words: Iterable[str]) -> str:
    return ", ".join(words) or NOT_RECORDED
