"""What the SQL is told: the month's borders, and the policy values it compares with, as small tables.

Ids of values follow one pattern for every program (``<program>.stays.excluded_stay_kinds``), so a new program needs policy
and no SQL. A program without a value gets the reading that counts less, but for professions and supervision, where the
records' own classes stand in until its policy names them.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from careledger.core.month import Month, day_start_s
from careledger.core.records import CLINICAL_STAFF_KINDS, MDM_LEVELS, PRACTITIONER_KINDS, PROGRAMS
from careledger.facts.dialect import Cell
from careledger.policy.model import Value
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView

PRECEDENCE = (
    "same_person_twice",
    "other_program",
    "not_this_practitioner",
    "not_clinical",
    "no_supervision",
    "outside_us",
    "not_integrated",
    "part_of_visit",
    "activity_not_counted",
    "after_death",
    "in_facility",
    "outside_episode",
    "before_consent",
    "after_revocation",
    "before_start",
    "activity_unknown",
    "not_documented",
    "two_at_once",
)
"""Of several reasons why a second does not count, the first of these is given. What the people and the days forbid comes
before what a completed record could still mend, so that mendable seconds are only those that would then count."""

COUNTED = len(PRECEDENCE) + 1
DEFAULT_ZONE = "America/New_York"
FOREVER = date(9999, 12, 31)

Tables = Mapping[str, tuple[str, Sequence[tuple[Cell, ...]]]]
"""Table name to its column definitions and rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The stretch of time under consideration.

    Attributes:
        month: the service month.
        through: last day whose minutes are looked at; the month's last unless a question is asked of an earlier day.
        zones: IANA time zones of the practices.
    """

    month: Month
    through: date
    zones: tuple[str, ...]

    def starts(self, zone: str) -> list[tuple[date, int]]:
        """Every day up to the one after ``through`` with its first second in a zone."""
        days = (self.through - self.month.first_on).days + 2
        clock = ZoneInfo(zone)
        return [
            (day, day_start_s(day, clock)) for day in (self.month.first_on + timedelta(days=n) for n in range(days))
        ]

    def borders(self) -> tuple[int, int]:
        """First second of the month in any zone, and the second after the last in any zone."""
        all_starts = [self.starts(zone) for zone in self.zones]
        return min(starts[0][1] for starts in all_starts), max(starts[-1][1] for starts in all_starts)


ABOVE = 1 << 32
"""Above every second of a month and the days around it; times a number it parts the seconds of one from those of another."""


def literals(span: Span, view: PolicyView) -> dict[str, Cell]:
    """Single values the SQL text names with a dollar sign."""
    lo_s, hi_s = span.borders()
    return {
        "lo_s": lo_s,
        "hi_s": hi_s,
        "month": str(span.month),
        "first_on": span.month.first_on,
        "last_on": span.month.last_on,
        "through_on": span.through,
        "days_of_month": span.month.days,
        "default_zone": DEFAULT_ZONE,
        "chronic_months": _number(view, "ccm.eligibility.expected_months"),
        "complex_months": _number(view, "pcm.eligibility.expected_months"),
        "serious_months": _number(view, "pin.eligibility.expected_months"),
        "oversight_months": _number(view, "cpo.conditions.lookback_months"),
        "prior_service_days": _number(view, "cpo.certification.prior_service_days"),
        "transition_days": _number(view, "tcm.period.days"),
        "visit_days": _number(view, "tcm.levels.moderate_visit_days"),
        "contact_days": _number(view, "tcm.contact.business_days"),
        "planning_code": _text(view, "ccm.extra_planning.code"),
        "counted": COUNTED,
        "above": ABOVE,
        "programs": len(PROGRAMS) + 1,
        **{reason: place for place, reason in enumerate(PRECEDENCE, start=1)},
    }


def calendar_tables(span: Span, *, has_discharges: bool) -> Tables:
    """Time zones, days, and the seconds at which days start and end, counted from the first second of the month."""
    lo_s = span.borders()[0]
    zones: list[tuple[Cell, ...]] = []
    spans: list[tuple[Cell, ...]] = []
    for number, zone in enumerate(span.zones, start=1):
        starts = span.starts(zone)
        zones.append((number, zone, starts[0][1] - lo_s, starts[-1][1] - lo_s))
        spans += [(number, day, start - lo_s, end - lo_s) for (day, start), (_, end) in pairwise(starts)]
    days = [(span.month.first_on + timedelta(days=n),) for n in range(span.month.days)]
    return {
        "workdays": ("day_on DATE, day_text VARCHAR, number INTEGER", _workdays(span) if has_discharges else []),
        "zones": ("zone_no INTEGER, zone VARCHAR, start_s INTEGER, end_s INTEGER", zones),
        "calendar": ("zone_no INTEGER, day_on DATE, start_s INTEGER, end_s INTEGER", spans),
        "days": ("day_on DATE", days),
    }


def _workdays(span: Span) -> list[tuple[Cell, ...]]:
    """Days around the month, each with how many business days there were up to it: Monday to Friday, no federal holiday."""
    from holidays import country_holidays  # only here: a moment of start-up

    first, last = span.month.first_on - timedelta(days=62), span.month.last_on + timedelta(days=62)
    closed = country_holidays("US", years=range(first.year, last.year + 1))
    rows: list[tuple[Cell, ...]] = []
    number = 0
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        number += day.weekday() < 5 and day not in closed
        rows.append((day, day.isoformat(), number))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """Texts that occur in the tables and hold words or wordings, each once; SQL only compares whole texts.

    Attributes:
        programs: what entries were logged to, such as ``ccm`` or ``ccm rpm``.
        activities: wordings of activities.
        covers: (program, what consents cover).
        elements: (program, elements of care plans).
        works_with: (person, practitioners they are integrated with).
        named: programs of consents, enrolments and care plans.
    """

    programs: tuple[str, ...]
    activities: tuple[str, ...]
    covers: tuple[tuple[str, str], ...]
    elements: tuple[tuple[str, str], ...]
    works_with: tuple[tuple[str, str], ...]
    named: tuple[str, ...]

    def present(self) -> list[str]:
        """Every program that occurs, in the house's order."""
        found = {word for text in self.programs for word in text.split(" ")}.union(self.named)
        return [name for name in PROGRAMS if name in found]


def policy_tables(month: Month, policy: Policy, view: PolicyView, wordings: Wordings) -> Tables:
    """Policy in force at the end of the month, for the programs and wordings that occur."""
    present = wordings.present()
    by_program = [_ProgramPolicy(view, policy, month, PROGRAMS.index(name) + 1, name) for name in present]
    spoken = [(wording, policy.activity_id(wording)) for wording in wordings.activities]
    named = {program.name: program for program in by_program}
    return {
        "rule_programs": (_PROGRAM_COLUMNS, [program.row() for program in by_program]),
        "rule_kinds": ("program_no TINYINT, kind VARCHAR, role VARCHAR", _rows(by_program, "kinds")),
        "rule_levels": ("program_no TINYINT, level VARCHAR", _rows(by_program, "levels")),
        "rule_stays": ("program_no TINYINT, kind VARCHAR", _rows(by_program, "stays")),
        "rule_activities": (
            "program_no TINYINT, activity VARCHAR, counts BOOLEAN, direct_contact BOOLEAN", _rows(by_program, "activities")
        ),
        "rule_codes": ("program_no TINYINT, code VARCHAR, since DATE, until DATE", _rows(by_program, "codes")),
        "rule_wordings": ("wording VARCHAR, activity VARCHAR", [row for row in spoken if row[1] is not None]),
        "rule_logged": ("programs VARCHAR, program_no TINYINT, place TINYINT", list(_places(wordings.programs))),
        "rule_integrated": (
            "person_id VARCHAR, with_id VARCHAR",
            [(person, other) for person, text in wordings.works_with for other in text.split(" ")],
        ),
        "rule_consent_lacks": (
            "program_no TINYINT, covers VARCHAR, lacks VARCHAR",
            [(named[name].number, text, _lacks(named[name].statements(), text)) for name, text in wordings.covers],
        ),
        "rule_plan_lacks": (
            "program_no TINYINT, elements VARCHAR, lacks VARCHAR",
            [(named[name].number, text, _lacks(named[name].elements(), text)) for name, text in wordings.elements],
        ),
        **_general_tables(policy, view),
    }  # fmt: skip


def _places(texts: Iterable[str]) -> Iterable[tuple[Cell, ...]]:
    """Each program of what an entry was logged to, once, with its place: the first uses the time."""
    for text in texts:
        for place, name in enumerate(dict.fromkeys(text.split(" ")), start=1):
            yield text, PROGRAMS.index(name) + 1, place


def _lacks(required: Iterable[str], text: str) -> str:
    """Required words that a text leaves out, sorted; ``all`` leaves out none."""
    has = text.split(" ")
    return "" if has == ["all"] else " ".join(sorted(set(required).difference(has)))


def _general_tables(policy: Policy, view: PolicyView) -> Tables:
    closes = (
        _flag(view, "ccm.stays.admission_day_excluded", True),
        _flag(view, "ccm.stays.discharge_day_excluded", False),
    )
    facilities = [(kind, *closes) for kind in _words(view, "ccm.stays.excluded_stay_kinds")]
    return {
        "rule_facilities": ("kind VARCHAR, closes_admission BOOLEAN, closes_discharge BOOLEAN", facilities),
        "rule_acts": ("act VARCHAR, code VARCHAR", _acts(policy, view)),
        "rule_lookbacks": ("code VARCHAR, since_on DATE", _lookbacks(view)),
        "rule_pains": ("prefix VARCHAR", [(one,) for one in _words(view, "pain.eligibility.diagnosis_prefixes")]),
        "rule_peers": ("kind VARCHAR", [(kind,) for kind in _words(view, "pin.supervision.peer_kinds")]),
        "rule_planning": ("code VARCHAR, since DATE, until DATE", _dated(policy, "ccm.extra_planning.visit_codes")),
        "rule_reasons": ("reason_no INTEGER, reason VARCHAR", list(enumerate(PRECEDENCE, start=1))),
        "rule_payers": ("payer VARCHAR, kind VARCHAR", [(id_, payer.kind) for id_, payer in policy.payers.items()]),
        "rule_complexity": ("level_no INTEGER, level VARCHAR", list(enumerate(MDM_LEVELS, start=1))),
        "practitioner_kinds": ("kind VARCHAR", [(kind,) for kind in PRACTITIONER_KINDS]),
    }


_PROGRAM_COLUMNS = (
    "program_no TINYINT, program VARCHAR, needs_consent BOOLEAN, stops_at_revocation BOOLEAN, counts_others BOOLEAN, "
    "counts_practitioners BOOLEAN, names_levels BOOLEAN, counts_outside_us BOOLEAN, counts_presence BOOLEAN, "
    "needs_documentation BOOLEAN, closes_admission BOOLEAN, closes_discharge BOOLEAN, initiating_months INTEGER, "
    "needs_discussion BOOLEAN, accepts_telehealth BOOLEAN, review_since DATE, has_statements BOOLEAN, has_elements BOOLEAN, "
    "opens_for_all BOOLEAN, needs_need BOOLEAN, needs_training BOOLEAN, needs_one_day BOOLEAN, needs_further BOOLEAN"
)


class _ProgramPolicy:
    """Policy of one program, as rows of the parameter tables."""

    def __init__(self, view: PolicyView, policy: Policy, month: Month, number: int, name: str) -> None:
        self.view, self.policy, self.month, self.number, self.name = view, policy, month, number, name

    def row(self) -> tuple[Cell, ...]:
        review = self._number("care_plan.review_months")
        needs_need = self._flag(
            False, "eligibility.needs_need_and_plan_documented", "initiating_visit.needs_need_and_plan"
        )
        needs_training = self._flag(False, "supervision.needs_certified_or_trained")
        needs_one_day = self._flag(False, "time_rules.each_day_alone")
        return (
            self.number,
            self.name,
            self._flag(False, "consent.before_services"),
            "revocation" in self._words("time_rules.ends_with"),
            self._flag(True, "time.counts_staff"),
            bool(self._practitioners()),
            bool(self._words("supervision.sufficient_levels")),
            self._flag(False, "supervision.outside_us_counts"),
            self._flag(True, "time.patient_present_counts"),
            self._flag(False, "time.needs_documented_minutes", "time_rules.needs_documented_minutes"),
            self._flag(True, "stays.admission_day_excluded", "conditions.admission_day_excluded"),
            self._flag(False, "stays.discharge_day_excluded", "conditions.discharge_day_excluded"),
            self._number("initiating_visit.lookback_months"),
            self._flag(True, "initiating_visit.must_be_discussed"),
            self._flag(False, "initiating_visit.telehealth_accepted"),
            None if review is None else months_before(self.month.last_on, review),
            bool(self.statements()),
            bool(self.elements()),
            self._flag(False, "initiating_visit.needed_for_established"),
            needs_need,
            needs_training,
            needs_one_day,
            needs_need or needs_training or needs_one_day or self._flag(False, "first_visit.needs_in_person"),
        )

    def kinds(self) -> list[tuple[Cell, ...]]:
        staff = self._words("supervision.clinical_staff_kinds") or CLINICAL_STAFF_KINDS
        practitioners = [kind for kind in self._practitioners() if kind not in staff]
        roles = {**dict.fromkeys(staff, "staff"), **dict.fromkeys(practitioners, "practitioner")}
        return [(self.number, kind, role) for kind, role in roles.items()]

    def levels(self) -> list[tuple[Cell, ...]]:
        return [(self.number, level) for level in self._words("supervision.sufficient_levels")]

    def stays(self) -> list[tuple[Cell, ...]]:
        kinds = self._words("stays.excluded_stay_kinds", "conditions.excluded_stay_kinds")
        return [(self.number, kind) for kind in kinds]

    def activities(self) -> list[tuple[Cell, ...]]:
        return [
            (self.number, id_, self.name in activity.counts_for, activity.direct_contact)
            for id_, activity in self.view.activities().items()
        ]

    def statements(self) -> tuple[str, ...]:
        return self._words("consent.required_statements")

    def elements(self) -> tuple[str, ...]:
        return self._words("care_plan.elements", "assessment.elements")

    def codes(self) -> list[tuple[Cell, ...]]:
        return [(self.number, *row) for row in _dated(self.policy, f"{self.name}.initiating_visit.codes")]

    def _practitioners(self) -> tuple[str, ...]:
        if self.view.has(f"{self.name}.supervision.clinical_staff_kinds"):
            return self._words("supervision.practitioner_kinds_as_staff")
        return PRACTITIONER_KINDS

    def _first(self, *names: str) -> Value | None:
        for name in names:
            found = self.view.find(f"{self.name}.{name}")
            if found is not None:
                return found.value
        return None

    def _flag(self, default: bool, *names: str) -> bool:
        found = self._first(*names)
        return default if found is None else bool(found)

    def _number(self, *names: str) -> int | None:
        found = self._first(*names)
        return found if isinstance(found, int) else None

    def _words(self, *names: str) -> tuple[str, ...]:
        found = self._first(*names)
        return found if isinstance(found, tuple) else ()


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last day when it has no such day."""
    whole = day.year * 12 + day.month - 1 - months
    year, number = divmod(whole, 12)
    return date(year, number + 1, min(day.day, calendar.monthrange(year, number + 1)[1]))


def _acts(policy: Policy, view: PolicyView) -> list[tuple[Cell, ...]]:
    """Acts whose day a line carries, and the codes that pay for them."""
    codes: dict[str, tuple[str | None, ...]] = {
        "planned": (_text(view, "ccm.extra_planning.code"),),
        "certified": (_text(view, "cpo.certification.initial_code"),),
        "recertified": (_text(view, "cpo.certification.recertification_code"),),
        "oversaw": tuple(sorted(policy.topics["cpo.claim"].governs)),
        "talked": (_text(view, "acp.conversation.base_code"), _text(view, "acp.conversation.add_on_code")),
        "assessed": (_text(view, "cognitive.assessment.code"),),
        "visited": (_text(view, "tcm.levels.moderate_code"), _text(view, "tcm.levels.high_code")),
    }
    return [(act, code) for act, listed in codes.items() for code in listed if code is not None]


def _lookbacks(view: PolicyView) -> list[tuple[Cell, ...]]:
    """Codes of which it matters that they were billed before the month, with the first day that counts."""
    first = view.day.replace(day=1)
    interval, gap = _number(view, "cognitive.assessment.interval_days"), _number(view, "cocm.episode.gap_months")
    period = _number(view, "tcm.period.days")
    since: dict[str, date] = {}
    if interval is not None:
        since[str(_text(view, "cognitive.assessment.code"))] = first - timedelta(days=interval)
    if gap is not None:
        since |= dict.fromkeys(_words(view, "cocm.episode.month_codes"), months_before(first, gap))
    if period is not None:
        codes = (_text(view, "tcm.levels.moderate_code"), _text(view, "tcm.levels.high_code"))
        since |= dict.fromkeys((code for code in codes if code), first - timedelta(days=period))
    ever = (
        _text(view, "rpm.set_up.code"),
        _text(view, "rtm.set_up.code"),
        _text(view, "pain.practitioner_time.base_code"),
    )
    since |= dict.fromkeys((code for code in ever if code), date(1965, 1, 1))
    return list(since.items())


def _rows(programs: list[_ProgramPolicy], table: str) -> list[tuple[Cell, ...]]:
    return [row for program in programs for row in getattr(program, table)()]


def _dated(policy: Policy, id_: str) -> list[tuple[Cell, ...]]:
    """(code, since, until) of a dated list of codes, over all dates."""
    return [
        (code, value.since, value.until or FOREVER)
        for value in policy.timeline(id_)
        if isinstance(value.value, tuple)
        for code in value.value
    ]


def _number(view: PolicyView, id_: str) -> int | None:
    found = view.find(id_)
    return found.value if found is not None and isinstance(found.value, int) else None


def _text(view: PolicyView, id_: str) -> str | None:
    found = view.find(id_)
    return None if found is None else str(found.value)


def _flag(view: PolicyView, id_: str, default: bool) -> bool:
    found = view.find(id_)
    return default if found is None else bool(found.value)


def _words(view: PolicyView, id_: str) -> tuple[str, ...]:
    found = view.find(id_)
    return found.value if found is not None and isinstance(found.value, tuple) else ()
