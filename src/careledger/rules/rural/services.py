"""The services for which the general code of rural clinics and health centers stands, each by its own requirements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.behavioral import codes as behavioral
from careledger.rules.ccm import codes as ccm
from careledger.rules.common import Rules
from careledger.rules.community import codes as community
from careledger.rules.monitoring import codes as monitoring
from careledger.rules.pain import codes as pain
from careledger.rules.pcm import codes as pcm

STANDS_FOR: Mapping[str, tuple[str, ...]] = {
    "ccm": ("99490", "99491", "99487"),
    "bhi": ("99484",),
    "pcm": ("99426", "99424", "G2065", "G2064"),
    "pain": ("G3002",),
    "rpm": ("99454", "99457", "99091"),
    "rtm": ("98976", "98977", "98978", "98980"),
    "chi": ("G0019",),
    "pin": ("G0023", "G0140"),
}
"""By program, the codes elsewhere whose service the general code stood for; any of them is enough."""

_OWN = (".payer.pays", ".payer.from_this_setting")
_GRAVEST = ("unmet", "not_yet", "unknown", "judgement")


@dataclass(frozen=True, slots=True)
class Service:
    """How a service of the month stands: earned when nothing stands against it."""

    program: str
    against: tuple[Finding, ...]

    @property
    def distance(self) -> tuple[int, int]:
        """How far from earned: no finding that cannot be mended before all else."""
        gravest = min((_GRAVEST.index(finding.outcome) for finding in self.against), default=len(_GRAVEST))
        return len(_GRAVEST) - gravest, len(self.against)

    @property
    def reason(self) -> Finding:
        """The gravest finding against it."""
        return min(self.against, key=lambda finding: _GRAVEST.index(finding.outcome))


def beneath(rules: Rules) -> Rules:
    """What the service itself asks for, without what concerns its own code: its dates, payers, settings and claims."""
    return tuple(
        rule for rule in rules if not rule.id.startswith(("coverage.", "conflicts.")) and not rule.id.endswith(_OWN)
    )


_ALL: Mapping[str, Rules] = {
    code: rules
    for family in (ccm, pcm, behavioral, monitoring, pain, community)
    for code, rules in family.REQUIREMENTS.items()
}
_BENEATH: Mapping[str, Rules] = {
    code: beneath(_ALL[code]) for codes in STANDS_FOR.values() for code in codes if code in _ALL
}

READS: tuple[str, ...] = tuple(
    sorted(
        {name for rules in _BENEATH.values() for rule in rules for name in rule.reads}
        | {f"{program}.{fact}" for program in STANDS_FOR for fact in ("team_s", "consent", "plan_exists")}
        | {"devices", "behavioral.service"}
    )
)
"""Facts that any of the services looks at."""


def services(month: PatientMonth, policy: PolicyView, programs: Iterable[str]) -> tuple[Service, ...]:
    """The recorded services among the programs, each by the code that stands nearest to being earned."""
    return tuple(_nearest(month, policy, program) for program in programs if _is_recorded(month, program))


def _nearest(month: PatientMonth, policy: PolicyView, program: str) -> Service:
    policy.find(f"{program}.rural.first_unit_minutes")
    codes = [code for code in STANDS_FOR[program] if code in _BENEATH and policy.code(code).exists]
    return min(
        (Service(program, _against(month, policy, _BENEATH[code])) for code in codes), key=lambda found: found.distance
    )


def _against(month: PatientMonth, policy: PolicyView, rules: Rules) -> tuple[Finding, ...]:
    findings = [rule(month, policy) for rule in rules]
    return tuple([finding for finding in findings if finding.outcome in _GRAVEST])


def _is_recorded(month: PatientMonth, program: str) -> bool:
    facts = month.program(program)
    if facts.team_s > 0 or facts.consent != "none" or facts.plan_exists is not None:
        return True
    if program in ("rpm", "rtm"):
        return any(device.kind == program for device in month.devices)
    return program == "bhi" and month.behavioral is not None and month.behavioral.service == "bhi"
