"""What a rule is: a pure function with a name, the facts it reads, and the constructors of its findings.

    @rule("ccm.consent", "month_closed")
    def in_force(month: PatientMonth, policy: PolicyView) -> Finding:
        ...

The declared facts are all a rule may read. The engine shows them in the proof, finds the records behind them, and
decides months whose facts are equal only once; a test holds every rule to its declaration. ``month.month`` may always
be read, because one policy view serves one month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from careledger.core.decision import Finding, Outcome, Reach
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView

Test = Callable[[PatientMonth, PolicyView], Finding]
ProgramTest = Callable[..., Finding]
CodeTest = Callable[[PatientMonth, PolicyView, str], Finding]
_Function = TypeVar("_Function", Test, CodeTest, ProgramTest)

NAMES = {
    "ccm": "CCM",
    "pcm": "principal care management",
    "apcm": "advanced primary care management",
    "bhi": "behavioral health integration",
    "cocm": "collaborative care",
    "rpm": "remote physiologic monitoring",
    "rtm": "remote therapeutic monitoring",
    "chi": "community health integration",
    "pin": "illness navigation",
    "pain": "chronic pain management",
    "tcm": "transitional care management",
    "acp": "advance care planning",
    "cognitive": "cognitive assessment",
}
"""How findings name a program."""

_PROFESSIONALS = {
    "np": "a nurse practitioner",
    "pa": "a physician assistant",
    "cns": "a clinical nurse specialist",
    "cnm": "a certified nurse-midwife",
    "lcsw": "a clinical social worker",
    "mft": "a marriage and family therapist",
    "mhc": "a mental health counselor",
    "rn": "an RN",
    "lpn": "an LPN",
    "ma": "a medical assistant",
    "social_worker": "a social worker",
    "respiratory_therapist": "a respiratory therapist",
    "chw": "a community health worker",
    "clerical": "a clerk",
    "other": "someone of another profession",
}


def professional(kind: str | None) -> str:
    """How findings name someone by profession, with the article: ``an RN``."""
    if kind is None:
        return "someone of unknown profession"
    return _PROFESSIONALS.get(kind, f"a {kind}")


AGENCY_OF = {
    "G0179": "home_health",
    "G0180": "home_health",
    "G0181": "home_health",
    "G0182": "hospice",
    "99374": "home_health",
    "99375": "home_health",
    "99377": "hospice",
    "99378": "hospice",
}
"""The kind of agency whose patients a code is for."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A requirement. ``id`` is its path, ``reads`` names the facts it looks at, ``says`` is its first doc line."""

    id: str
    reads: tuple[str, ...]
    says: str
    test: Test

    def __call__(self, month: PatientMonth, policy: PolicyView) -> Finding:
        return self.test(month, policy)


@dataclass(frozen=True, slots=True, eq=False)
class CodeRule:
    """A requirement that differs by code only in the names it looks up; ``of`` makes it a rule of one code."""

    id: str
    reads: tuple[str, ...]
    says: str
    test: CodeTest

    def of(self, code: str) -> Rule:
        """The rule for one code; ``{agency}`` in a fact's name becomes the agency whose patients the code is for."""

        def bound(month: PatientMonth, policy: PolicyView) -> Finding:
            return self.test(month, policy, code)

        reads = tuple(name.format(agency=AGENCY_OF.get(code, "")) for name in self.reads)
        return Rule(self.id, reads, self.says, bound)


@dataclass(frozen=True, slots=True, eq=False)
class ProgramRule:
    """A requirement that several programs share and whose policy values differ; ``of`` makes it a rule of one program.

    ``path`` follows the program in the rule's id; ``{program}`` in a fact's name becomes the program, ``{name}`` in the
    doc line its name.
    """

    path: str
    reads: tuple[str, ...]
    says: str
    test: ProgramTest

    def of(self, program: str, *further: str) -> Rule:
        """The rule for one program; ``further`` goes on to the test, such as the code."""

        def bound(month: PatientMonth, policy: PolicyView) -> Finding:
            return self.test(month, policy, program, *further)

        reads = tuple(name.format(program=program) for name in self.reads)
        return Rule(f"{program}.{self.path}", reads, self.says.format(name=NAMES[program]), bound)


def rule(*reads: str) -> Callable[[Test], Rule]:
    """Make a rule of a function of (month, policy)."""
    return lambda function: Rule(_path(function), reads, _says(function), function)


def code_rule(*reads: str) -> Callable[[CodeTest], CodeRule]:
    """Make a rule of a function of (month, policy, code)."""
    return lambda function: CodeRule(_path(function), reads, _says(function), function)


def program_rule(*reads: str) -> Callable[[ProgramTest], ProgramRule]:
    """Make a rule of a function of (month, policy, program) or (month, policy, program, code)."""
    return lambda function: ProgramRule(_shared_path(function), reads, _says(function), function)


def met(says: str, *, units: int | None = None) -> Finding:
    """The requirement holds."""
    return _finding("met", says, units=units)


def unmet(says: str, next_step: str | None = None) -> Finding:
    """The requirement does not hold and cannot be made to hold this month."""
    return _finding("unmet", says, next_step)


def not_yet(says: str, next_step: str | None = None, *, reach: Reach | None = None) -> Finding:
    """The requirement does not hold, and still can this month."""
    return _finding("not_yet", says, next_step, reach=reach)


def unknown(says: str, next_step: str) -> Finding:
    """A fact the requirement needs is not recorded; the next step names the record."""
    return _finding("unknown", says, next_step)


def judgement(says: str, next_step: str) -> Finding:
    """Sources disagree, or the fact is a judgement; the next step says what a person must decide."""
    return _finding("judgement", says, next_step)


def note(says: str, next_step: str | None = None) -> Finding:
    """Worth saying; decides nothing."""
    return _finding("note", says, next_step)


def past_mending(month: PatientMonth) -> bool:
    """Can nothing more be done in the month, because it is over or the patient has died? Reads month_closed, died."""
    return month.month_closed is True or month.died != "no"


def _finding(
    outcome: Outcome,
    says: str,
    next_step: str | None = None,
    *,
    reach: Reach | None = None,
    units: int | None = None,
) -> Finding:
    return Finding(rule="", outcome=outcome, says=says, next_step=next_step, reach=reach, units=units)


def _path(function: _Function) -> str:
    return f"{function.__module__}.{function.__name__}".removeprefix("careledger.rules.")


def _shared_path(function: ProgramTest) -> str:
    """The path of a rule that several programs share, without the folder they share it in."""
    path = _path(function)
    return path.removeprefix("program.").removeprefix("monitoring.").removeprefix("behavioral.")


def _says(function: _Function) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0]
