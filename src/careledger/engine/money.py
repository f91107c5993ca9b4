"""What a code pays, and what the patient owes of it.

Medicare's amount for one unit is ((work x work index) + (practice expense x practice index) + (malpractice x
malpractice index)) x conversion factor, rounded to the cent; then the practitioner's percentage, rounded again; then
times the units. Every number is policy or a dated fee fact with its citation. Where a number is not known there is no
amount, and the finding says why: an amount is never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from careledger.core.decision import Finding
from careledger.core.money import dollars, share_cents, to_cents
from careledger.policy.fees import FeeBook, Gpci, Release, Rvu, load_fees

if TYPE_CHECKING:
    from careledger.policy import PolicyValue, PolicyView

MEDICARE = "medicare_ffs"
RURAL_SETTINGS = ("rhc", "fqhc")
_FEES = "fees.medicare."
_STATUS = {
    "B": "bundled: paid as part of other services, never on its own",
    "C": "priced by the Medicare contractor, without national values",
    "I": "not valid for Medicare, which wants another code",
    "N": "not covered",
    "X": "not a physician service by statute",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The money of one claim line.

    Attributes:
        allowed_cents: what the payer recognises for all units, before charges are compared; None when not known.
        patient_share_cents: deductible and coinsurance the patient owes of it; None when not known.
        payer_pays_cents: what Medicare pays out, after the patient's share and sequestration; None when not known.
        schedule_cents: what the formula gives for one unit by a physician, also for codes the schedule does not pay.
        findings: how the amounts came about, or why there are none.
    """

    allowed_cents: int | None
    patient_share_cents: int | None
    findings: tuple[Finding, ...]
    payer_pays_cents: int | None = None
    schedule_cents: int | None = None


def price(
    code: str,
    units: int,
    on: date,
    view: PolicyView,
    *,
    setting: str = "office",
    biller_kind: str = "physician",
    locality: str | None = None,
    payer: str = MEDICARE,
    apm: bool = False,
    qmb: bool | None = None,
    deductible_left_cents: int = 0,
    fees: FeeBook | None = None,
) -> Price:
    """What a line is worth on a day.

    Args:
        code: the procedure code.
        units: units billed.
        on: date of service, whose release and factor count.
        view: the policy in force that day under the payer.
        setting: a setting of the case format, or a place of service code such as ``22``.
        biller_kind: kind of the practitioner in whose number it is billed. Staff services incident to a physician are
            the physician's own, so they are paid in full; the same services in a nurse practitioner's number are not.
        locality: Medicare locality such as ``01112-05``; national amounts when None.
        payer: who pays. Only Medicare pays by the fee schedule; another payer's fee must stand in its overlay.
        apm: the practitioner is a qualifying participant of an advanced payment model (another factor since 2026).
        qmb: the patient is a Qualified Medicare Beneficiary, who owes nothing.
        deductible_left_cents: what the patient still owes of the year's deductible; by default it is met.
        fees: fee facts; the built-in ones with the clinic's own laid over them when None.
    """
    if payer != MEDICARE:
        return _overlay_fee(code, units, view, payer)
    line = _Line(code, units, on, view, setting, biller_kind, locality, apm, qmb, deductible_left_cents)
    return _by_the_schedule(line, fees or load_fees())


def total(prices: Sequence[Price]) -> tuple[int | None, int | None]:
    """Allowed amount and patient share of several lines; None as soon as one of them is not known."""
    allowed = [line.allowed_cents for line in prices]
    shares = [line.patient_share_cents for line in prices]
    return (
        None if None in allowed else sum(cents for cents in allowed if cents is not None),
        None if None in shares else sum(cents for cents in shares if cents is not None),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that Medicare is asked to pay, as ``price`` was told of it."""

    code: str
    units: int
    on: date
    view: PolicyView
    setting: str
    biller_kind: str
    locality: str | None
    apm: bool
    qmb: bool | None
    deductible_left_cents: int

    @property
    def is_rural(self) -> bool:
        """Rural health clinics and health centers are paid national amounts, whoever worked."""
        return self.setting in RURAL_SETTINGS

    @property
    def needs_index(self) -> bool:
        return self.locality is not None and not self.is_rural


def _by_the_schedule(line: _Line, book: FeeBook) -> Price:
    """What Medicare's fee schedule pays for a line, or why it names no amount."""
    rvu = book.rvu(line.code, line.on)
    if rvu is None:
        return _no_amount("money.no_fee_facts", _why_no_facts(book, line.code, line.on))
    index = book.gpci(line.locality, line.on) if line.locality is not None and line.needs_index else None
    if index is None and line.needs_index:
        says = f"no geographic indices of locality {line.locality} on {line.on} are known"
        return _no_amount("money.locality_unknown", says)
    schedule = _schedule(rvu, index, line.on, line.view, line.setting, line.apm, book)
    if schedule is None:
        return _no_amount("money.no_conversion_factor", f"no conversion factor is known for {line.on}", rvu.release)
    unit_cents, findings = schedule
    barred = _not_payable(rvu, line.on, line.view, line.setting, unit_cents)
    return barred or _to_the_practitioner(line, rvu, unit_cents, findings)


def _to_the_practitioner(line: _Line, rvu: Rvu, unit_cents: int, findings: Sequence[Finding]) -> Price:
    """What the practitioner is allowed of the physician's amount, and who pays which part of it."""
    percent, share_finding = _practitioner_percent(line.view, "physician" if line.is_rural else line.biller_kind)
    if percent is None:
        return _no_amount("money.practitioner_share", share_finding.says, rvu.release, unit_cents)
    allowed = share_cents(unit_cents, percent) * line.units
    owed, paid, patient_finding = _split(
        allowed, line.view, qmb=line.qmb, deductible_left_cents=line.deductible_left_cents
    )
    return Price(
        allowed_cents=allowed,
        patient_share_cents=owed,
        payer_pays_cents=paid,
        schedule_cents=unit_cents,
        findings=(*findings, *((share_finding,) if percent != 100 else ()), patient_finding),
    )


def _schedule(
    rvu: Rvu, index: Gpci | None, on: date, view: PolicyView, setting: str, apm: bool, book: FeeBook
) -> tuple[int, list[Finding]] | None:
    """The physician's amount for one unit, with the findings that show it."""
    facility = setting in view.words(_FEES + "facility_settings")
    practice = rvu.facility_practice if facility else rvu.practice
    factor, factor_cite = _conversion_factor(view, book, on, apm)
    if factor is None:
        return None
    one = Decimal(1)
    work_index, practice_index, malpractice_index = (
        (index.work, index.practice, index.malpractice) if index else (one, one, one)
    )
    value = rvu.work * work_index + practice * practice_index + rvu.malpractice * malpractice_index
    cents = to_cents(value * factor)
    column = "facility" if facility and not rvu.facility_is_na else "non-facility"
    where = f"locality {index.locality}" if index else "national"
    finding = _note(
        "money.fee_schedule",
        f"one unit is {dollars(cents)} by the physician fee schedule ({column}, {where})",
        cite=(*rvu.release.cite, *factor_cite, *(index.release.cite if index else ())),
        facts={
            "code": rvu.code,
            "work": str(rvu.work),
            "practice_expense": str(practice),
            "malpractice": str(rvu.malpractice),
            "conversion_factor": str(factor),
            "setting": setting,
        },
        uses=(_FEES + ("apm_conversion_factor" if apm else "conversion_factor"), _FEES + "facility_settings"),
    )
    return cents, [finding, *_approximate(rvu.release, index.release if index else None)]


def _conversion_factor(view: PolicyView, book: FeeBook, on: date, apm: bool) -> tuple[Decimal | None, tuple[str, ...]]:
    """The factor of an imported release, else that of policy."""
    release = book.release_on("rvus", on)
    if release is not None:
        own = release.apm_conversion_factor if apm else release.conversion_factor
        if own is not None:
            return own, release.cite
    name = _FEES + ("apm_conversion_factor" if apm else "conversion_factor")
    if not view.has(name):
        return None, ()
    known = view.value(name)
    return Decimal(str(known.value)), known.cite


def _approximate(*releases: Release | None) -> list[Finding]:
    return [
        _note("money.approximate", release.note or "these fee facts are not confirmed", cite=release.cite)
        for release in releases
        if release is not None and not release.confirmed
    ]


def _not_payable(rvu: Rvu, on: date, view: PolicyView, setting: str, unit_cents: int) -> Price | None:
    """Why the schedule pays nothing for the code in this setting; None when it pays."""
    if setting in RURAL_SETTINGS:
        last_on = _pairs(view, "rural_general_codes_until").get(rvu.code)
        if last_on is not None and on <= date.fromisoformat(last_on):
            return None
        if not view[_FEES + "rural_codes_paid_separately"]:
            says = "until the end of 2024 a rural health clinic or health center billed one general code for this"
            return _no_amount("money.rural_general_code", says, rvu.release, unit_cents)
    if rvu.status in view.words(_FEES + "payable_statuses"):
        return None
    meaning = _STATUS.get(rvu.status, "not paid by the fee schedule")
    shown = None if rvu.status == "C" else unit_cents
    return _no_amount("money.status", f"Medicare's status of {rvu.code} is {rvu.status}: {meaning}", rvu.release, shown)


def _pairs(view: PolicyView, name: str) -> dict[str, str]:
    """A list of policy words such as ``99375 120.00`` as a mapping."""
    return dict(entry.split() for entry in view.words(_FEES + name))


def _practitioner_percent(view: PolicyView, kind: str) -> tuple[Decimal | None, Finding]:
    name = f"{_FEES}practitioner_percent.{kind}"
    if not view.has(name):
        return None, _note("money.practitioner_share", f"Medicare's percentage for a {kind} is not known here")
    known = view.value(name)
    says = f"a {kind.upper()} billing in their own number is paid {known.value} percent of the physician's amount"
    return Decimal(str(known.value)), _note("money.practitioner_share", says, cite=known.cite, uses=(name,))


def _split(allowed: int, view: PolicyView, *, qmb: bool | None, deductible_left_cents: int) -> tuple[int, int, Finding]:
    """The patient's part, Medicare's payment after sequestration, and the finding that explains them."""
    deductible = min(allowed, deductible_left_cents)
    coinsurance = view.value(_FEES + "coinsurance_percent")
    owed = deductible + share_cents(allowed - deductible, Decimal(str(coinsurance.value)))
    cut = view.value(_FEES + "sequestration_percent")
    paid = allowed - owed
    paid -= share_cents(paid, Decimal(str(cut.value)))
    if qmb:
        says = f"a Qualified Medicare Beneficiary owes nothing; {dollars(owed)} is never billed to the patient"
        return 0, paid, _share_finding(says, (coinsurance, cut))
    first = f"{dollars(deductible)} of deductible and then " if deductible else "the deductible being met, "
    says = f"{first}{coinsurance.value} percent coinsurance make {dollars(owed)} for the patient"
    return owed, paid, _share_finding(says, (coinsurance, cut))


def _share_finding(says: str, values: Sequence[PolicyValue]) -> Finding:
    cite = tuple(source for value in values for source in value.cite)
    uses = (_FEES + "coinsurance_percent", _FEES + "sequestration_percent")
    return _note("money.patient_share", says, cite=cite, uses=uses)


def _overlay_fee(code: str, units: int, view: PolicyView, payer: str) -> Price:
    """A fee a payer's overlay lists; the plan sets the patient's share."""
    listed = _pairs(view, "payer_fees").get(code)
    if listed is None:
        says = f"what {payer} pays for {code} is a matter of its contract, and no fee is listed for it"
        return _no_amount("money.payer_fee", says)
    unit_cents = to_cents(Decimal(listed))
    known = view.value(_FEES + "payer_fees")
    says = f"the payer's overlay lists {dollars(unit_cents)} a unit; the patient's share depends on the plan"
    finding = _note("money.payer_fee", says, cite=known.cite, uses=(_FEES + "payer_fees",))
    return Price(allowed_cents=unit_cents * units, patient_share_cents=None, findings=(finding,))


def _why_no_facts(book: FeeBook, code: str, on: date) -> str:
    release = book.release_on("rvus", on)
    if release is None:
        return f"no fee schedule is held for {on}; import CMS's file with `careledger fees import`"
    return f"{code} is not among the fee facts held for {release.since.year}; `careledger fees import` reads CMS's file"


def _no_amount(rule: str, says: str, release: Release | None = None, schedule_cents: int | None = None) -> Price:
    finding = _note(rule, f"no amount: {says}", cite=release.cite if release else ())
    return Price(allowed_cents=None, patient_share_cents=None, schedule_cents=schedule_cents, findings=(finding,))


def _note(
    rule: str,
    says: str,
    *,
    cite: tuple[str, ...] = (),
    facts: dict[str, str | int | bool | None] | None = None,
    uses: tuple[str, ...] = (),
) -> Finding:
    return Finding(rule=rule, outcome="note", says=says, cite=tuple(dict.fromkeys(cite)), facts=facts or {}, uses=uses)
