"""What checks are made of: a problem, and the context a claim is looked at in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from datetime import date

from careledger.claims.facts import ClaimFacts
from careledger.claims.model import ORIGINAL, Claim, ClaimLine, Insured
from careledger.policy import Policy, PolicyView
from careledger.policy.model import BEGIN, HORIZON

_OVERLAY_OF = {"MB": "medicare_ffs", "16": "medicare_advantage", "MC": "medicaid"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check found.

    Attributes:
        field: where, as a path in the claim such as ``lines[0].code``.
        what: what is wrong, without patient data.
        why: why a payer would refuse it.
        mend: what to do about it, beginning with a verb.
    """

    field: str
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """A line of a claim that was looked at before this one."""

    control_number: str
    code: str
    since: date
    until: date
    practitioner: str
    group: str


@dataclass(slots=True)
class Earlier:
    """What was looked at before: control numbers, and services by patient, year and month."""

    control_numbers: set[str] = field(default_factory=set)
    services: dict[tuple[str, int, int], list[EarlierLine]] = field(default_factory=dict)
    _known: tuple[Insured, str] | None = None

    def add(self, claim: Claim) -> None:
        """Remember a claim; replacements and voids repeat services on purpose and are remembered by number only."""
        self.control_numbers.add(claim.control_number)
        if claim.frequency != ORIGINAL:
            return
        patient, practitioner, group = self._key(claim.treated), claim.rendered_by.npi, claim.billing.npi
        for line in claim.lines:
            if line.since is None or line.until is None:
                continue
            row = EarlierLine(claim.control_number, line.code, line.since, line.until, practitioner, group)
            self.services.setdefault((patient, line.until.year, line.until.month), []).append(row)

    def of(self, claim: Claim, line: ClaimLine) -> list[EarlierLine]:
        """Services of the same patient in the month of a line; none for replacements and voids."""
        if line.until is None or claim.frequency != ORIGINAL:
            return []
        return self.services.get((self._key(claim.treated), line.until.year, line.until.month), [])

    def _key(self, who: Insured) -> str:
        """The patient's key; the checks of one claim ask for it again and again."""
        if self._known is None or self._known[0] is not who:
            self._known = who, patient_key(who)
        return self._known[1]


def patient_key(who: Insured) -> str:
    """Who a claim is about: the member number, and name and birth date where several share one."""
    return f"{who.member_id}|{who.last}|{who.first}|{who.born_on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a claim is looked at with.

    Attributes:
        sent_on: the day the claim leaves, or the day the file was made.
        facts: our records on the claim; None for a claim read from a file.
        earlier: claims looked at before this one.
    """

    policy: Policy
    sent_on: date
    facts: ClaimFacts | None = None
    earlier: Earlier = field(default_factory=Earlier)
    _lines: dict[int, list[tuple[int, ClaimLine, PolicyView]]] = field(default_factory=dict, compare=False, repr=False)

    def view(self, claim: Claim, day: date | None) -> PolicyView | None:
        """Policy on a day under the claim's payer; None where no policy is held for the payer or the day."""
        overlay = claim.payer.policy or _OVERLAY_OF.get(claim.payer.filing, "")
        if day is None or not overlay or overlay not in self.policy.payers or not BEGIN <= day <= HORIZON:
            return None
        return self.policy.on(day, overlay)

    def lines(self, claim: Claim) -> list[tuple[int, ClaimLine, PolicyView]]:
        """Lines with their place and the policy of their day, where policy is held."""
        kept = self._lines.get(id(claim))
        if kept is None:
            viewed = ((at, line, self.view(claim, line.until)) for at, line in enumerate(claim.lines))
            kept = self._lines[id(claim)] = [(at, line, view) for at, line, view in viewed if view is not None]
        return kept

    def governed(self, topic: str) -> frozenset[str]:
        """The codes that a topic of policy is about."""
        return _governed(self.policy, topic)

    def family(self, code: str) -> str:
        """The family of a code in policy; empty when policy does not know the code."""
        return _families(self.policy).get(code, "")

    @property
    def known_codes(self) -> Set[str]:
        """The codes that policy knows."""
        return _families(self.policy).keys()


_FAMILIES: dict[str, dict[str, str]] = {}
_GOVERNED: dict[tuple[str, str], frozenset[str]] = {}


def _families(policy: Policy) -> dict[str, str]:
    if policy.version not in _FAMILIES:
        view = policy.on(HORIZON)
        _FAMILIES[policy.version] = {code: view.code(code).family for code in policy.codes()}
    return _FAMILIES[policy.version]


def _governed(policy: Policy, topic: str) -> frozenset[str]:
    key = (policy.version, topic)
    if key not in _GOVERNED:
        _GOVERNED[key] = frozenset(policy.topics[topic].governs)
    return _GOVERNED[key]


Check = Callable[[Claim, Context], Iterator[Problem]]
