"""Clocks, next steps and verdicts in words a biller reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from careledger.core.decision import Decision, Finding, Reach, Verdict
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import curable_s

VERDICTS: Mapping[Verdict, str] = {
    "bill": "BILL",
    "not_yet": "NOT YET",
    "no": "NO",
    "human_decides": "A HUMAN DECIDES",
}

LOST: Mapping[str, str] = {
    "not_clinical": "by someone whose time never counts (not clinical staff)",
    "no_supervision": "without the supervision the service asks for",
    "outside_us": "worked from outside the United States",
    "not_integrated": "by another practice's staff without clinical integration",
    "in_facility": "on days the patient was in hospital or a Part A nursing stay",
    "outside_episode": "on days on which no recorded home health agency or hospice served the patient",
    "before_consent": "before consent",
    "after_revocation": "after consent was revoked",
    "before_start": "before the program started",
    "after_death": "after the patient's death",
    "part_of_visit": "that belong to a separately paid visit",
    "activity_not_counted": "of an activity that does not count for this program",
    "activity_unknown": "of an activity whose wording nobody knows: see `careledger policy show activities`",
    "not_documented": "without a note that documents the work",
    "same_person_twice": "in which the same person was already counted elsewhere",
    "two_at_once": "in which someone else already counts: two at once count once",
    "other_program": "already used by another program: no minute is used twice",
    "not_this_practitioner": "by someone else, where only the practitioner's own time counts",
}

_SUFFIX = ("staff_s", "team_s")


def duration(seconds: int) -> str:
    """``23 min``, ``19 min 59 s``, ``40 s``."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def remaining(reach: Reach, month: PatientMonth) -> str:
    """What a clock still needs and by when: ``7 more staff minutes by 2026-03-31``."""
    return f"{still_needed(reach, clock_of(month, reach.clock))} by {month.month.last_on}"


def still_needed(reach: Reach, have_s: int) -> str:
    """What a clock that stands at ``have_s`` still needs: ``7 more staff minutes``."""
    staff = reach.clock.endswith(_SUFFIX)
    minutes, seconds = divmod(reach.target_s - have_s, 60)
    if not seconds:
        unit = "minute" if minutes == 1 else "minutes"
        return f"{minutes} more staff {unit}" if staff else f"{minutes} more {unit} of the practitioner's own time"
    return f"{duration(reach.target_s - have_s)} more of {'staff time' if staff else 'the practitioner’s own time'}"


def clock_of(month: PatientMonth, clock: str) -> int:
    """A clock by its name, such as ``ccm.team_s``."""
    program, _, field = clock.partition(".")
    seconds: int = getattr(month.program(program), field)
    return seconds


def next_step(decision: Decision, month: PatientMonth) -> str | None:
    """What to do about a code that is not billed: the minutes still needed, then the records and acts missing."""
    reach = [remaining(decision.reach, month), _incomplete(decision.reach, month)] if decision.reach else []
    return "; ".join(part for part in (*reach, decision.next_step) if part) or None


def _incomplete(reach: Reach, month: PatientMonth) -> str | None:
    """Logged minutes that would count with a complete record: they are asked for before new work is."""
    program, _, clock = reach.clock.partition(".")
    seconds = curable_s(month.program(program), clock)
    if not seconds:
        return None
    return f"find the note or name the activity of {duration(seconds)} logged to {program}, which do not count without"


def uncounted(month: PatientMonth) -> tuple[Finding, ...]:
    """Notes on logged minutes that do not count, and why; on programs these rules do not decide."""
    found = []
    for name, program in sorted(month.programs.items()):
        for reason, seconds in sorted(program.lost.items()):
            if seconds > 0:
                says = f"{duration(seconds)} logged to {name} are not counted: {LOST.get(reason, reason)}"
                found.append(_note(f"{name}.time.{reason}", says, {f"{name}.lost.{reason}_s": seconds}))
        if program.untimed_s > 0:
            says = (
                f"{duration(program.untimed_s)} of {name} were logged without start and end, which a reviewer asks for"
            )
            found.append(_note(f"{name}.time.untimed", says, {f"{name}.untimed_s": program.untimed_s}))
    return tuple(found)


def beyond_these_rules(month: PatientMonth, view: PolicyView, decided: frozenset[str]) -> tuple[Finding, ...]:
    """Notes on time logged to what no rule here decides: a director's work, and programs of other families."""
    found = []
    for name, program in sorted(month.programs.items()):
        if program.logged_s <= 0 or name in decided:
            continue
        if name == "director":
            cite = view.value("house.director.minutes_reach_a_claim").cite
            says = "a director's time for the program as a whole is paid by contract and reaches no claim"
            found.append(Finding(rule="engine.director", outcome="note", says=says, cite=cite))
        else:
            says = f"time is logged to {name}, whose codes these rules do not decide"
            found.append(Finding(rule="engine.other_program", outcome="note", says=says))
    return tuple(found)


def weak_ground(view: PolicyView, uses: Iterable[str]) -> tuple[Finding, ...]:
    """Notes on values an answer rests on although sources disagree on them, or none was found."""
    values = [found for name in dict.fromkeys(uses) if (found := view.find(name)) is not None]
    disputed = tuple(
        Finding(
            rule="policy.disputed",
            outcome="note",
            says=f"sources disagree on {value.id}, read here as {shown_value(value.value)}: {value.note}",
            cite=value.cite,
            uses=(value.id,),
        )
        for value in values
        if value.disputed
    )
    weak = [value.id for value in values if not value.confirmed and not value.disputed]
    if not weak:
        return disputed
    says = f"no source was found that confirms {', '.join(weak)}: see `careledger policy show`"
    return (*disputed, Finding(rule="policy.unconfirmed", outcome="note", says=says, uses=tuple(weak)))


def shown_value(value: object) -> str:
    """A policy value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def horizon(view: PolicyView) -> tuple[Finding, ...]:
    """A note when the year's final rule had not been read when these policies were written."""
    known = view.find("house.horizon.final_rule_read")
    if known is None or known.value:
        return ()
    says = known.note or f"the final rule for {view.day.year} was not read"
    return (Finding(rule="engine.horizon", outcome="note", says=says, cite=known.cite, uses=(known.id,)),)


def _note(rule: str, says: str, facts: dict[str, int]) -> Finding:
    return Finding(rule=rule, outcome="note", says=says, facts=dict(facts))
