"""The best set of codes among those that may lawfully stand together.

A code that meets its own requirements may still exclude another: one track of CCM for a month, CCM or oversight by one
practitioner. Every largest set without such a pair is a lawful alternative. Among them the practice's election decides,
then who worked (a month the practitioner worked alone is own time before it is staff time), then what the practice
prefers (payment, the patient's cost, or few lines), then the amount, then the registry's order. Amounts never make a code billable: they only choose among truthful sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from careledger.core.decision import CodeSet, Finding
from careledger.core.money import dollars
from careledger.core.patient_month import PatientMonth
from careledger.engine.bases import bases_of
from careledger.engine.pairs import Pairs, PairTable, largest_sets
from careledger.engine.worth import Codes, Pricer, Units, service_date, whole
from careledger.policy.view import PolicyView


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen codes, the other sets, and the reason each code that was met was left out."""

    chosen: Codes
    left_out: Mapping[str, Finding]
    alternatives: tuple[CodeSet, ...]
    warnings: tuple[Finding, ...]


_PREFERENCES = {"patient_cost": "what costs the patient least", "simplicity": "few lines"}


@dataclass(frozen=True, slots=True)
class Ranking:
    """What sets of codes are compared by."""

    elects: Codes
    borrowed: Mapping[Codes, bool]
    worth: Mapping[Codes, int | None]
    shares: Mapping[Codes, int | None]
    prefers: str

    def key(self, codes: Codes) -> tuple[int, bool, int, int]:
        """Smaller is better; equal keys keep the order of the codes."""
        return (-self.elected(codes), self.borrowed[codes], self._preferred(codes), -(self.worth[codes] or 0))

    def _preferred(self, codes: Codes) -> int:
        if self.prefers == "simplicity":
            return len(codes)
        if self.prefers == "patient_cost" and None not in self.shares.values():
            return self.shares[codes] or 0
        return 0

    def elected(self, codes: Codes) -> int:
        return sum(code in codes for code in self.elects)

    def against(self, codes: Codes, chosen: Codes) -> str:
        """Why a lawful set was not chosen, to follow "lawful;" or "the code is"."""
        if self.elected(chosen) > self.elected(codes):
            return "left for what the practice elected, " + " ".join(code for code in self.elects if code in chosen)
        if self.borrowed[codes] and not self.borrowed[chosen]:
            return "left for the own-time code, since the practitioner worked alone"
        if self._preferred(codes) > self._preferred(chosen):
            return f"left since the practice prefers {_PREFERENCES[self.prefers]}"
        mine, best = self.worth[codes], self.worth[chosen]
        if mine is None or best is None:
            return "of unknown worth, so the first in the order of codes is taken"
        if mine == best:
            return "worth the same, so the first in the order of codes is taken"
        return f"worth {dollars(best - mine)} less"


class Chooser:
    """Chooses under one view; equal questions are answered once."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self.pricer = Pricer(view)
        self._table = PairTable(view)
        self._choices: dict[object, Choice] = {}

    def choose(self, month: PatientMonth, units: Units, elects: Codes) -> Choice:
        """The best lawful set of the codes that met their requirements, with their units."""
        money_facts = (
            month.setting,
            month.biller_kind,
            month.locality,
            month.payer,
            month.qmb,
            month.prefers,
            service_date(month),
        )
        clocks = (_worked_alone(month), month.program("cpo").own_s, month.program("rpm").team_s)
        key = (tuple(units.items()), elects, money_facts, clocks)
        if key not in self._choices:
            self._choices[key] = self._choose(month, units, elects)
        return self._choices[key]

    def barred(self, month: PatientMonth, units: Units, why: str) -> CodeSet:
        """A set of codes that were earned by time but would not tell the truth, shown with the reason."""
        return self._set(month, tuple(units), units, f"not lawful: {why}", lawful=False)

    def _choose(self, month: PatientMonth, units: Units, elects: Codes) -> Choice:
        pairs = self._table.excluding(month, tuple(units))
        bundles = self._bundles(units, pairs)
        sets = largest_sets(bundles, lambda one, other: any((a, b) in pairs for a in one for b in other))
        borrowed = {codes: self._borrows(month, codes, units) for codes in sets}
        shares = self.pricer.shares_of_sets(month, sets, units) if month.prefers == "patient_cost" else {}
        ranking = Ranking(elects, borrowed, self.pricer.of_sets(month, sets, units), shares, month.prefers)
        chosen, *others = sorted(sets, key=ranking.key)
        reasons = {codes: ranking.against(codes, chosen) for codes in others}
        lawful = tuple(self._set(month, codes, units, f"lawful; {reason}") for codes, reason in reasons.items())
        return Choice(
            chosen=chosen,
            left_out=_left_out(units, bundles, chosen, reasons, pairs),
            alternatives=lawful + self._all_together(month, units, pairs),
            warnings=(*_unheeded(elects, units), *_preference(month, others)),
        )

    def _bundles(self, units: Units, pairs: Pairs) -> list[Codes]:
        """Each base code with its add-ons; an add-on whose base is not here, or excludes less, stands alone."""
        bundles: dict[str, list[str]] = {}
        for code in units:
            base = next((one for one in bases_of(code, self.view) if one in units), code)
            mine, bases = ({other for other in units if (one, other) in pairs} for one in (code, base))
            bundles.setdefault(code if bases < mine else base, []).append(code)
        return [tuple(codes) for codes in bundles.values()]

    def _borrows(self, month: PatientMonth, codes: Codes, units: Units) -> bool:
        """Would the set call staff time what the practitioner alone worked, while the own-time code is earned too?"""
        kinds = {code: self.view.code(code) for code in units}
        alone = {known.program for known in kinds.values() if known.who == "own"} & _worked_alone(month)
        return any(kinds[code].who == "staff" and kinds[code].program in alone for code in codes)

    def _set(self, month: PatientMonth, codes: Codes, units: Units, why: str, *, lawful: bool = True) -> CodeSet:
        lines = [self.pricer.price(month, code, units[code]) for code in codes]
        return CodeSet(
            codes=tuple((code, units[code]) for code in codes),
            lawful=lawful,
            allowed_cents=whole(line.allowed_cents for line in lines),
            patient_share_cents=whole(line.patient_share_cents for line in lines),
            why_not_chosen=why,
        )

    def _all_together(self, month: PatientMonth, units: Units, pairs: Pairs) -> tuple[CodeSet, ...]:
        """Everything at once, shown as what it is when codes exclude each other: not lawful."""
        if not pairs:
            return ()
        codes = tuple(units)
        in_order = (pair for (one, other), pair in pairs.items() if codes.index(one) < codes.index(other))
        reasons = dict.fromkeys(f"{pair.one} and {pair.other}: {pair.says}" for pair in in_order)
        return (self._set(month, codes, units, f"not lawful together ({'; '.join(reasons)})", lawful=False),)


def _left_out(
    units: Units, bundles: Sequence[Codes], chosen: Codes, reasons: Mapping[Codes, str], pairs: Pairs
) -> dict[str, Finding]:
    """Why each code that met its requirements is not billed: it, its base or its add-on excludes one of the chosen."""
    found = {}
    for code in units:
        if code in chosen:
            continue
        mates = next(bundle for bundle in bundles if code in bundle)
        meeting = ((mate, other) for mate in (code, *mates) for other in chosen)
        pair = next(pairs[both] for both in meeting if both in pairs)
        reason = next(reasons[codes] for codes in reasons if code in codes)
        found[code] = Finding(
            rule="engine.choice.one_of_two",
            outcome="unmet",
            says=f"{pair.one} is not paid beside {pair.other} ({pair.says}), which is taken: {code} is {reason}",
            facts={"code": code, "beside": pair.other},
            uses=pair.uses,
            cite=pair.cite,
            next_step=f"to bill {code} instead of {pair.other}, elect it",
        )
    return found


def _worked_alone(month: PatientMonth) -> frozenset[str]:
    """Programs with codes for own and for staff time, of which the practitioner alone worked the month."""
    return frozenset(name for name in ("ccm", "pcm") if month.program(name).staff_s == 0)


def _preference(month: PatientMonth, others: Sequence[Codes]) -> tuple[Finding, ...]:
    """The practice's preference, said where it had something to choose from."""
    if month.prefers not in _PREFERENCES or not others:
        return ()
    says = f"between lawful sets the practice prefers {_PREFERENCES[month.prefers]}, not payment"
    return (Finding(rule="engine.choice.preference", outcome="note", says=says, facts={"prefers": month.prefers}),)


def _unheeded(elects: Codes, units: Units) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule="engine.choice.election",
            outcome="note",
            says=f"{code} was elected, but does not meet its requirements: an election chooses among lawful sets only",
            facts={"code": code},
        )
        for code in elects
        if code not in units
    )
