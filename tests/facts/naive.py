"""The time arithmetic once more, deliberately naive: every second is looked at by itself, in plain Python.

Written from the rules in words and never from the SQL. It knows nothing of intervals, windows or joins: for each second of
each entry it asks, in the order of precedence, why the second might not count.

    - A month and its days are those of the billing practitioner's practice.
    - A person is in one place at a time: of entries that claim the same second the one that started first has it; of those
      that started together the longer one; then the patient, the program and the wording that come first.
    - Time logged to several programs belongs to the first one named.
    - Care plan oversight is the practitioner's own documented work without the patient; nobody else's time counts.
    - For other programs clinical staff and practitioners of the kinds that policy names count, who work in the practice or
      are integrated with it, under supervision, inside the United States.
    - Nothing counts before consent or after its revocation, before the program starts, in hospital (from the day of
      admission to the day before discharge), or after the day of death.
    - Two at work for one patient at once count once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from careledger.core.month import Month
from careledger.core.records import CLINICAL_STAFF_KINDS, PRACTITIONER_KINDS, Consent, Panel, Person, TimeEntry, Visit
from careledger.policy import Policy, PolicyView


@dataclass
class Clocks:
    """What the naive way finds for one program."""

    staff_s: int = 0
    own_s: int = 0
    team_s: int = 0
    logged_s: int = 0
    untimed_s: int = 0
    lost: Counter[str] = field(default_factory=Counter)


class Naive:
    """One world of records, looked at second by second."""

    def __init__(self, records: dict[str, list], month: Month, policy: Policy) -> None:
        self.records, self.month, self.policy = records, month, policy
        self.view: PolicyView = policy.on(month.last_on)
        self.people: dict[str, Person] = {person.person_id: person for person in records["people"]}
        self.zones = {practice.practice_id: ZoneInfo(practice.time_zone) for practice in records["practices"]}
        self.patients = {patient.patient_id: patient for patient in records["patients"]}
        self.holder = self._who_holds_what()

    # who has a second

    def _who_holds_what(self) -> dict[tuple[str, int], str]:
        """(person, second) to the entry that has it."""
        holder: dict[tuple[str, int], tuple] = {}
        for entry in self.records["time_entries"]:
            if entry.start_s is None:
                continue
            rank = (entry.start_s, -entry.end_s, entry.patient_id, *_content(entry), entry.entry_id)
            for second in range(entry.start_s, entry.end_s):
                key = (entry.by, second)
                if key not in holder or rank < holder[key]:
                    holder[key] = rank
        return {key: rank[-1] for key, rank in holder.items()}

    # the clocks

    def clocks(self, panel: Panel) -> dict[str, Clocks]:
        """Clocks of every program with time logged in the month."""
        zone = self._zone(panel.biller_id)
        found: dict[str, Clocks] = defaultdict(Clocks)
        seconds: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
        for entry in self.records["time_entries"]:
            if entry.patient_id != panel.patient_id:
                continue
            for program in dict.fromkeys(entry.programs):
                if entry.start_s is None:
                    self._untimed(entry, program, panel, found[program])
                else:
                    self._timed(entry, program, panel, zone, found[program], seconds)
        for program, clocks in found.items():
            self._unite(clocks, {role: seconds[program, role] for role in ("staff", "own", "other")})
        return {program: clocks for program, clocks in found.items() if clocks.logged_s}

    def _timed(
        self, entry: TimeEntry, program: str, panel: Panel, zone: ZoneInfo, clocks: Clocks, seconds: dict
    ) -> None:
        for second in range(entry.start_s, entry.end_s):
            day = datetime.fromtimestamp(second, zone).date()
            if not self.month.first_on <= day <= self.month.last_on:
                continue
            clocks.logged_s += 1
            reason = self._reason(entry, program, panel, day, self.holder[entry.by, second] == entry.entry_id)
            if reason is None:
                seconds[program, self._role(entry, program, panel)].add((entry.by, second))
            else:
                clocks.lost[reason] += 1

    def _untimed(self, entry: TimeEntry, program: str, panel: Panel, clocks: Clocks) -> None:
        if not self.month.first_on <= entry.on <= self.month.last_on:
            return
        clocks.logged_s += entry.seconds
        reason = self._reason(entry, program, panel, entry.on, True)
        if reason is not None:
            clocks.lost[reason] += entry.seconds
            return
        clocks.untimed_s += entry.seconds
        clocks.team_s += entry.seconds
        role = self._role(entry, program, panel)
        clocks.staff_s += entry.seconds if role == "staff" else 0
        clocks.own_s += entry.seconds if role == "own" else 0

    @staticmethod
    def _unite(clocks: Clocks, held: dict[str, set[tuple[str, int]]]) -> None:
        everybody = held["staff"] | held["own"] | held["other"]
        clocks.staff_s += len({second for _, second in held["staff"]})
        clocks.own_s += len({second for _, second in held["own"]})
        once = len({second for _, second in everybody})
        clocks.team_s += once
        if len(everybody) > once:
            clocks.lost["two_at_once"] += len(everybody) - once

    def _role(self, entry: TimeEntry, program: str, panel: Panel) -> str:
        if entry.by == panel.biller_id:
            return "own"
        return "staff" if self.people[entry.by].kind in self._staff(program) else "other"

    # why a second does not count

    def _reason(self, entry: TimeEntry, program: str, panel: Panel, day: date, held: bool) -> str | None:
        if not held:
            return "same_person_twice"
        if entry.programs[0] != program:
            return "other_program"
        return (
            self._person(entry, program, panel)
            or self._work(entry, program)
            or self._day(program, panel, day)
            or self._record(entry, program)
        )

    def _person(self, entry: TimeEntry, program: str, panel: Panel) -> str | None:
        person = self.people[entry.by]
        if entry.by == panel.biller_id:
            return "outside_us" if person.outside_us else None
        if not self._works_here(person, panel.biller_id):
            return "not_integrated"
        if self._says(program, "time.counts_staff") is False:
            return "not_this_practitioner"
        practitioners = self._says(program, "supervision.practitioner_kinds_as_staff", PRACTITIONER_KINDS)
        if person.kind not in self._staff(program) and person.kind not in practitioners:
            return "not_clinical"
        levels = self._says(program, "supervision.sufficient_levels")
        if levels is not None and person.supervision not in levels:
            return "no_supervision"
        return "outside_us" if person.outside_us else None

    def _says(self, program: str, name: str, otherwise: Any = None) -> Any:
        """A value of a program's policy, or what holds without one."""
        found = self.view.find(f"{program}.{name}")
        return otherwise if found is None else found.value

    def _staff(self, program: str) -> tuple[str, ...]:
        return tuple(self._says(program, "supervision.clinical_staff_kinds", CLINICAL_STAFF_KINDS))

    def _works_here(self, person: Person, biller: str) -> bool:
        here = self.people[biller].practice_id
        if person.practice_id == here:
            return True
        return any(self.people[name].practice_id == here for name in person.works_with if name in self.people)

    def _work(self, entry: TimeEntry, program: str) -> str | None:
        if entry.part_of_visit:
            return "part_of_visit"
        if program == "cpo" and entry.patient_present:
            return "activity_not_counted"
        known = self.policy.activity_id(entry.activity)
        if known is None:
            return None
        return None if self.view.counts(known, program) else "activity_not_counted"

    def _record(self, entry: TimeEntry, program: str) -> str | None:
        if self.policy.activity_id(entry.activity) is None:
            return "activity_unknown"
        if entry.documented is False or (program == "cpo" and entry.documented is None):
            return "not_documented"
        return None

    def _day(self, program: str, panel: Panel, day: date) -> str | None:
        died_on = self.patients[panel.patient_id].died_on
        if died_on is not None and day > died_on:
            return "after_death"
        if self._in_facility(panel.patient_id, program, day):
            return "in_facility"
        if program == "cpo" and self._outside_episodes(panel.patient_id, day):
            return "outside_episode"
        if self._says(program, "consent.before_services"):
            given = [consent for consent in self._consents(panel, program) if consent.given_on <= day]
            if not given:
                return "before_consent"
            if all(consent.revoked_on is not None and consent.revoked_on < day for consent in given):
                return "after_revocation"
        return "before_start" if day < self._start(program, panel) else None

    def _outside_episodes(self, patient: str, day: date) -> bool:
        """Episodes touch the month, and none of them holds the day."""
        spans = [
            (episode.since or date(1, 1, 1), episode.until or date(9999, 1, 1))
            for episode in self.records.get("agency_episodes", ())
            if episode.patient_id == patient and episode.kind in ("home_health", "hospice")
        ]
        touching = [span for span in spans if span[0] <= self.month.last_on and span[1] >= self.month.first_on]
        return bool(touching) and not any(since <= day <= until for since, until in touching)

    def _in_facility(self, patient: str, program: str, day: date) -> bool:
        kinds = self._says(
            program, "stays.excluded_stay_kinds", self._says(program, "conditions.excluded_stay_kinds", ())
        )
        from_admission = self._says(program, "stays.admission_day_excluded", True)
        for stay in self.records["stays"]:
            if stay.patient_id == patient and stay.kind in kinds:
                until = stay.until or date(9999, 1, 1)
                if stay.since < day < until or (day == stay.since and from_admission):
                    return True
        return False

    def _consents(self, panel: Panel, program: str) -> list[Consent]:
        """Dated consents to a program that are, or may be, this practitioner's."""
        return [
            consent
            for consent in self.records["consents"]
            if consent.patient_id == panel.patient_id
            and consent.program == program
            and consent.given_on is not None
            and consent.practitioner in (None, panel.biller_id)
        ]

    def _start(self, program: str, panel: Panel) -> date:
        enrolled = [
            row.started_on
            for row in self.records["enrolments"]
            if row.patient_id == panel.patient_id and row.program == program
        ]
        days = [min(enrolled)] if enrolled else []
        state, opened_on = self.initiating(panel, program)
        days += [opened_on] if state == "done" and opened_on else []
        return max(days, default=date.min)

    # consent, and the visit that opens the program

    def consent(self, panel: Panel, program: str) -> str:
        """The state of the consent to a program."""
        rows = [
            row for row in self.records["consents"] if row.patient_id == panel.patient_id and row.program == program
        ]
        first, last = self.month.first_on, self.month.last_on
        mine = [row for row in rows if row.practitioner in (None, panel.biller_id)]
        running = [row for row in mine if row.revoked_on is None or row.revoked_on >= first]
        begun = [row for row in running if row.given_on is None or row.given_on <= last]
        sound = [row for row in begun if row.given_on and row.documented and row.practitioner]
        if sound:
            may_cover = [row.given_on for row in begun if row.given_on]
            return "later" if self._all_logged_before(panel, program, min(may_cover)) else "in_force"
        if begun:
            return "not_documented"
        if len(running) < len(mine):
            return "revoked"
        if running:
            return "later"
        return "other_practitioner" if rows else "none"

    def _all_logged_before(self, panel: Panel, program: str, day: date) -> bool:
        """Was something logged to the program this month, and all of it before a day within the month?"""
        if day <= self.month.first_on:
            return False
        zone = self._zone(panel.biller_id)
        days = set()
        for entry in self.records["time_entries"]:
            if entry.patient_id == panel.patient_id and program in entry.programs:
                if entry.start_s is None:
                    days.add(entry.on)
                else:
                    days |= {datetime.fromtimestamp(s, zone).date() for s in (entry.start_s, entry.end_s - 1)}
        within = [one for one in days if self.month.first_on <= one <= self.month.last_on]
        return bool(within) and max(within) < day

    def initiating(self, panel: Panel, program: str) -> tuple[str, date | None]:
        """Whether a program was opened as it must be, and the day of the visit that opened it when one was needed."""
        months = self._says(program, "initiating_visit.lookback_months")
        if months is None:
            return "not_needed", None
        start = self._program_day(panel, program)
        visits = [v for v in self.records["visits"] if v.patient_id == panel.patient_id and v.on <= self.month.last_on]
        seen = [v.on for v in visits if v.face_to_face and self._same_circle(v.practitioner, panel.biller_id)]
        if panel.last_seen_on is not None and panel.last_seen_on <= self.month.last_on:
            seen.append(panel.last_seen_on)
        until = max(start, self.month.first_on - timedelta(days=1))
        recent = [day for day in seen if _within(months, day, start) and day <= until]
        always = self._says(program, "initiating_visit.needed_for_established")
        if panel.established and recent and not always:
            return "not_needed", None
        if (
            panel.established is None
            and not always
            and any(day < start or self._before_month(day, panel, visits) for day in recent)
        ):
            return "not_needed", None
        opening = [v for v in visits if self._may_open(v, panel, program, start)]
        must = self._says(program, "initiating_visit.must_be_discussed", True)
        discussed = [v.on for v in opening if not must or (v.discussed and program in v.discussed)]
        if discussed:
            return "done", min(discussed)
        if opening:
            return "not_discussed", None
        if panel.established is False or panel.last_seen_on is not None or visits or always:
            return "missing", None
        return "unknown", None

    def _before_month(self, day: date, panel: Panel, visits: list[Visit]) -> bool:
        """A last visit known from the panel alone counts when it lies before the month."""
        return day == panel.last_seen_on and day < self.month.first_on

    def _may_open(self, visit: Visit, panel: Panel, program: str, start: date) -> bool:
        codes = self.policy.on(visit.on).find(f"{program}.initiating_visit.codes")
        return (
            visit.practitioner == panel.biller_id
            and codes is not None
            and visit.code in codes.value
            and bool(visit.face_to_face or visit.telehealth)
            and _within(self._says(program, "initiating_visit.lookback_months"), visit.on, start)
        )

    def _program_day(self, panel: Panel, program: str) -> date:
        started = [
            r.started_on
            for r in self.records["enrolments"]
            if r.patient_id == panel.patient_id and r.program == program
        ]
        dated = self._says(program, "consent.needed", self._says(program, "consent.before_services"))
        given = [consent.given_on for consent in self._consents(panel, program)] if dated else []
        return min(started) if started else min(given, default=self.month.first_on)

    def _same_circle(self, one: str, biller: str) -> bool:
        if one == biller:
            return True
        first, second = self.people.get(one), self.people[biller]
        return (
            first is not None
            and first.practice_id is not None
            and first.practice_id == second.practice_id
            and first.specialty is not None
            and first.specialty == second.specialty
        )

    def _zone(self, biller: str) -> ZoneInfo:
        return self.zones.get(self.people[biller].practice_id or "", ZoneInfo("America/New_York"))

    # the patient

    def chronic(self, patient: str) -> tuple[int, int, bool | None]:
        """Chronic conditions of the month, those that may be, and the risk they place the patient at."""
        months = self.view["ccm.eligibility.expected_months"]
        certain, possible, risks = set(), set(), []
        for row in self.records["conditions"]:
            if row.patient_id != patient or (row.since and row.since > self.month.last_on):
                continue
            if row.until and row.until < self.month.first_on:
                continue
            category = row.icd10[:3]
            long_enough = None if row.expected_months is None else row.expected_months >= months
            if row.chronic and long_enough:
                certain.add(category)
                risks.append(row.significant_risk)
            if row.chronic is not False and long_enough is not False:
                possible.add(category)
        risk = True if True in risks else None if None in risks or not risks else False
        return len(certain), len(possible), risk

    def days_in_facility(self, patient: str) -> int:
        died_on = self.patients[patient].died_on or date.max
        days = (self.month.first_on + timedelta(days=n) for n in range(self.month.days))
        return sum(day <= died_on and self._in_facility(patient, "ccm", day) for day in days)


def _within(months: int, day: date, start: date) -> bool:
    """Is a day on or after the same day so many months earlier? (The 29th of February has none: March it is.)"""
    whole = day.year * 12 + day.month + months
    return (whole, day.day) >= (start.year * 12 + start.month, start.day)


def _content(entry: TimeEntry) -> tuple:
    documented = 2 if entry.documented is None else int(entry.documented)
    return (
        " ".join(entry.programs),
        entry.activity or "",
        documented,
        bool(entry.part_of_visit),
        bool(entry.patient_present),
    )
