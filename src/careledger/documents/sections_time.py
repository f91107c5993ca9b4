"""The minute-by-minute log, the totals against what is needed, and who worked under whose supervision."""

from __future__ import annotations

from collections.abc import Iterator

from careledger.core.month import day_start_s
from careledger.core.patient_month import ProgramMonth
from careledger.core.records import Person, TimeEntry
from careledger.documents.blocks import Block, Column, Section, alarm, facts, heading, note, table
from careledger.documents.data import BinderData, Share
from careledger.documents.sections_record import programs_of, view_of
from careledger.documents.shares import seconds_in
from careledger.documents.wording import (
    LOST,
    NOT_RECORDED,
    clock,
    day,
    day_of,
    listed,
    minutes,
    moment,
    spoken,
    who,
    word,
)
from careledger.engine.wording import clock_of

DAY_S = 24 * 3600


def is_late(data: BinderData, entry: TimeEntry) -> bool:
    """Was the work recorded more days after it than the house allows? False when no one knows when it was recorded."""
    if entry.recorded_s is None:
        return False
    return entry.recorded_s - _ended_s(data, entry) > data.late_after_days * DAY_S


def _ended_s(data: BinderData, entry: TimeEntry) -> int:
    if entry.end_s is not None:
        return entry.end_s
    return day_start_s(entry.on or data.month.first_on, data.zone) + DAY_S


def time_log(data: BinderData) -> Section:
    """Every entry of the month, whether it counts or not."""
    columns = [
        Column("Day", 1.0), Column("In", 0.74), Column("Out", 0.74), Column("Length", 0.68, "right"), Column("Who", 1.3),
        Column("What was done, with whom", 3.1), Column("Recorded", 1.02), Column("Counts", 1.6),
    ]  # fmt: skip
    shares: dict[str, list[Share]] = {}
    for share in data.shares:
        shares.setdefault(share.entry_id, []).append(share)
    entries = data.entries()
    rows = [_row(data, entry, shares[entry.entry_id]) for entry in entries]
    late = [entry for entry in entries if is_late(data, entry)]
    rows.append(_sum(data, entries))
    blocks: list[Block] = [
        note(
            f"Clock times are those of {data.zone.key}. Lengths are minutes and seconds, never rounded. Every entry of the "
            f"month is shown, whether it counts or not. LATE: recorded more than {data.late_after_days} days after the work."
        )
    ]
    if late:
        blocks.append(alarm(f"{len(late)} of {len(entries)} entries were recorded late; they are marked in the log."))
    return Section("time_log", "Time log", (*blocks, table(columns, rows, strong=[len(entries)])))


def _sum(data: BinderData, entries: list[TimeEntry]) -> list[str]:
    """The last row: all that was logged, and what counts by program."""
    logged = sum(seconds_in(entry, data.month, data.zone) for entry in entries)
    counted: dict[str, int] = {}
    for share in data.shares:
        counted[share.program] = counted.get(share.program, 0) + share.counted_s
    told = "\n".join(f"{program.upper()} {minutes(seconds)}" for program, seconds in counted.items())
    return ["Total", "", "", minutes(logged), "", f"{len(entries)} entries", "", told]


def _row(data: BinderData, entry: TimeEntry, shares: list[Share]) -> list[str]:
    person = data.person(entry.by)
    zone = data.zone
    times = (
        ["", ""]
        if entry.start_s is None or entry.end_s is None
        else [clock(entry.start_s, zone), clock(entry.end_s, zone)]
    )
    on = entry.on if entry.start_s is None else day_of(entry.start_s, zone)
    name = who(person, entry.by) if person is not None and person.credential else f"{who(person, entry.by)} ({word(person.kind if person else None)})"  # fmt: skip
    recorded = NOT_RECORDED if entry.recorded_s is None else moment(entry.recorded_s, zone)
    if is_late(data, entry):
        recorded += f" LATE by {(int(entry.recorded_s or 0) - _ended_s(data, entry)) // DAY_S} days"
    return [
        day(on),
        *times,
        minutes(seconds_in(entry, data.month, zone)),
        name,
        _what(data, entry),
        recorded,
        _counts(shares),
    ]


def _what(data: BinderData, entry: TimeEntry) -> str:
    activity = data.policy.activity_id(entry.activity)
    said = view_of(data).activities()[activity].says if activity else entry.activity
    parts = [said or "kind of work not recorded", entry.note or "", f"with {entry.contact}" if entry.contact else ""]
    parts.append("patient present" if entry.patient_present else "")
    parts.append("" if entry.documented else "note not recorded" if entry.documented is None else "no note")
    return "; ".join(part for part in parts if part) + f" [{entry.entry_id}]"


def _counts(shares: list[Share]) -> str:
    lines = []
    for share in shares:
        program = share.program.upper()
        if share.counted_s or not share.lost:
            lines.append(f"{program} {minutes(share.counted_s)}")
        lines += [
            f"{program} not {minutes(seconds)}: {LOST.get(reason, word(reason))}"
            for reason, seconds in share.lost.items()
        ]
    return "\n".join(lines)


def totals(data: BinderData) -> Section:
    """What was logged, what counts, what is needed, program by program and code by code."""
    blocks: list[Block] = []
    for name in programs_of(data):
        program = data.facts.program(name)
        blocks += [heading(word(name)), facts(_program(program))]
        if program.lost:
            rows = [
                [LOST.get(reason, word(reason)), minutes(seconds)] for reason, seconds in sorted(program.lost.items())
            ]
            blocks.append(table([Column("Why minutes do not count", 4), Column("min:s", 1, "right")], rows))
    columns = [
        Column("Code", 0.6), Column("What is needed", 3.2), Column("Clock", 1.5), Column("Stands at", 0.9, "right"),
        Column("Met", 0.9),
    ]  # fmt: skip
    blocks += [heading("Totals against the thresholds"), table(columns, _thresholds(data))]
    return Section("totals", "Totals against thresholds", tuple(blocks))


def _program(program: ProgramMonth) -> list[tuple[str, str]]:
    return [
        ("Logged in the month", spoken(program.logged_s)),
        ("Counts: clinical staff", spoken(program.staff_s)),
        ("Counts: billing practitioner", spoken(program.own_s)),
        ("Counts: team as a whole, no second twice", spoken(program.team_s)),
        ("Counted without start and end", spoken(program.untimed_s)),
        ("Does not count", spoken(sum(program.lost.values()))),
    ]


_CLOCKS = {"team_s": "team", "staff_s": "clinical staff", "own_s": "practitioner"}


def _thresholds(data: BinderData) -> Iterator[list[str]]:
    """A row for every step of a decision that reads a clock, with the minutes it was held against."""
    view = view_of(data)
    for decision in data.decision.decisions:
        for finding in decision.because:
            clocks = [name for name in finding.facts if name.partition(".")[2] in _CLOCKS]
            limits = [
                f"{value.value} min" for id_ in finding.uses if id_.endswith("_minutes") and (value := view.peek(id_))
            ]
            if not clocks or not limits:
                continue
            needed = f"{listed(dict.fromkeys(limits))}: {finding.says}"
            have = clock_of(data.facts, clocks[0])
            yield [decision.code, needed, _CLOCKS[clocks[0].partition(".")[2]], minutes(have), _met(finding.outcome)]


def _met(outcome: str) -> str:
    return {
        "met": "yes",
        "unmet": "no",
        "not_yet": "not yet",
        "judgement": "a person decides",
        "unknown": "unknown",
    }.get(outcome, "")


def supervision(data: BinderData) -> Section:
    """Who worked, in which profession, under whose supervision."""
    worked = {entry.by for entry in data.entries()}
    columns = [
        Column("Person", 2), Column("Profession", 1.5), Column("Credential", 1), Column("NPI", 1.1), Column("Employment", 1.1),
        Column("Supervision", 1), Column("Works in", 1.2),
    ]  # fmt: skip
    rows = [
        _person(data, person)
        for person in data.rows("people", Person)
        if person.person_id in worked | {data.facts.biller}
    ]
    practice = data.practice
    level = view_of(data).find("ccm.supervision.level")
    pairs = [
        ("Billing and supervising practitioner", who(data.biller)),
        ("Supervision the service asks for", str(level.value) if level else NOT_RECORDED),
        ("Urgent access 24 hours, 7 days", {True: "yes", False: "no", None: NOT_RECORDED}[data.facts.access_24_7]),
        (
            "Structured record in a certified EHR",
            {True: "yes", False: "no", None: NOT_RECORDED}[data.facts.certified_ehr],
        ),
        ("Practice", (practice.name if practice else None) or NOT_RECORDED),
    ]
    return Section("supervision", "Supervision and staff", (facts(pairs), table(columns, rows)))


def _person(data: BinderData, person: Person) -> list[str]:
    same = person.practice_id == data.biller.practice_id
    return [
        person.name or person.person_id,
        word(person.kind),
        person.credential or NOT_RECORDED,
        person.npi or "",
        word(person.employment),
        person.supervision,
        "this practice" if same else person.practice_id or NOT_RECORDED,
    ]
