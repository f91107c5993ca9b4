"""What a month of a program would cost the patient, from the engine's money, told before anyone consents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from careledger.core.decision import Finding
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.engine.worth import Pricer, whole
from careledger.policy.view import PolicyView
from careledger.web.billing.queries import policy
from careledger.web.enrolment.eligibility import Look, look
from careledger.web.enrolment.programs import first_codes
from careledger.web.patients.models import Coverage, Patient
from careledger.web.tenancy.templatetags.formats import payer as payer_words


@dataclass(frozen=True, slots=True)
class CareMonth:
    """A kind of month: its codes with units, what is allowed for them and what of it falls to the patient."""

    says: str
    codes: tuple[tuple[str, int], ...]
    allowed_cents: int | None
    share_cents: int | None


@dataclass(slots=True)
class Estimate:
    """The patient's share of a program's months.

    Attributes:
        months: kinds of month, the plain one first; empty where nothing can be told.
        notes: how the amounts came about, or why there are none, with their sources.
        is_qmb: a Qualified Medicare Beneficiary, who owes nothing; None when not known.
        others: payers behind the first, who may pay the share.
        before_deductible_cents: what a plain month may cost until the year's deductible is met.
    """

    months: list[CareMonth] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    is_qmb: bool | None = None
    payer: str = ""
    others: list[str] = field(default_factory=list)
    before_deductible_cents: int | None = None

    @property
    def plain_cents(self) -> int | None:
        """The share of a plain month; None when not known."""
        return self.months[0].share_cents if self.months else None


def estimate(patient: Patient, program: str, on: date, seen: Look | None = None) -> Estimate:
    """What a patient would owe for months of a program from a day on.

    Args:
        seen: the patient as looked at on that day already.
    """
    seen = seen or look(patient, on)
    payer, facts = seen.payer, seen.month
    found = Estimate(payer=payer, others=_behind(patient, on))
    if facts is None:
        return found
    found.is_qmb = facts.qmb
    view = policy().on(Month.of(on).last_on, payer)
    pricer = Pricer(view)
    for says, codes in _kinds(program, view, seen):
        found.months.append(_priced(pricer, facts, says, codes))
    if found.months:
        found.notes = list(pricer.price(facts, found.months[0].codes[0][0], 1).findings)
        found.before_deductible_cents = _before_deductible(program, view, facts, found.months[0])
    return found


def _kinds(program: str, view: PolicyView, seen: Look) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """Kinds of month, by policy: the first unit of staff time, and with all add-ons; or the patient's level."""
    if program == "apcm":
        code = seen.standings["apcm"].code
        return [("each month", ((code, 1),))] if code else []
    codes = first_codes(program, view)
    topic = f"{program}.clinical_staff_time"
    read = {
        name: view.peek(f"{topic}.{name}")
        for name in ("first_unit_minutes", "add_on_code", "add_on_minutes", "add_on_limit")
    }
    values = {name: one.value for name, one in read.items() if one is not None and not one.absent}
    first, each, most = (values.get(name) for name in ("first_unit_minutes", "add_on_minutes", "add_on_limit"))
    if not codes or not isinstance(first, int):
        return []
    kinds: list[tuple[str, tuple[tuple[str, int], ...]]] = [(f"{first} minutes or more", ((codes[0], 1),))]
    if isinstance(each, int) and isinstance(most, int) and values.get("add_on_code"):
        longest = ((codes[0], 1), (str(values["add_on_code"]), most))
        kinds.append((f"{first + each * most} minutes or more", longest))
    return kinds


def _priced(pricer: Pricer, facts: PatientMonth, says: str, codes: tuple[tuple[str, int], ...]) -> CareMonth:
    prices = [pricer.price(facts, code, units) for code, units in codes]
    return CareMonth(
        says, codes, whole(one.allowed_cents for one in prices), whole(one.patient_share_cents for one in prices)
    )


def _before_deductible(program: str, view: PolicyView, facts: PatientMonth, plain: CareMonth) -> int | None:
    applies = view.peek(f"{program}.cost_sharing.deductible_applies")
    is_asked = applies is not None and applies.value is True and not facts.qmb
    return plain.allowed_cents if is_asked and plain.share_cents is not None else None


def _behind(patient: Patient, on: date) -> list[str]:
    rows = Coverage.objects.filter(patient=patient, rank__gt=1).order_by("rank", "pk")
    return [
        payer_words(row.payer)
        for row in rows
        if (row.since is None or row.since <= on) and (row.until is None or on <= row.until)
    ]
