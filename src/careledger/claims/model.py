"""A professional claim as the biller thinks of it: who sends it, who pays, who was cared for, what was done.

The same records are built from decided months, read from any 837P, printed on the CMS-1500 form and written as X12.
Money is whole cents, days are calendar days, diagnoses are ICD-10-CM codes without a point. ``None`` and empty text mean
that the claim does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Rank = Literal["P", "S", "T", "U"]
"""Place of a payer in the order of payment: primary, secondary, tertiary, unknown."""

ORIGINAL, REPLACEMENT, VOID = "1", "7", "8"
"""Claim frequency codes: a first claim, one that replaces a paid claim, one that takes it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address."""

    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person or an organisation on a claim.

    Attributes:
        last: family name, or the whole name of an organisation.
        tax_id: nine digits; ``tax_id_kind`` is EI for an employer number, SY for a social security number.
    """

    last: str = ""
    first: str = ""
    middle: str = ""
    suffix: str = ""
    is_person: bool = True
    npi: str = ""
    taxonomy: str = ""
    tax_id: str = ""
    tax_id_kind: str = "EI"
    address: Address = Address()
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insured:
    """The insured person, who under Medicare is always the patient."""

    last: str = ""
    first: str = ""
    middle: str = ""
    suffix: str = ""
    is_person: bool = True
    member_id: str = ""
    group_number: str = ""
    group_name: str = ""
    born_on: date | None = None
    sex: str = ""  # F, M or U
    address: Address = Address()
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is asked to pay.

    Attributes:
        number: the payer's id on the wire; for Medicare Part B the contractor's number.
        filing: claim filing indicator, MB for Medicare Part B, CI commercial, MC Medicaid, 16 Medicare Advantage.
        policy: the payer overlay whose rules apply; empty when the file does not tell.
    """

    name: str = ""
    number: str = ""
    filing: str = ""
    policy: str = ""
    address: Address = Address()

    @property
    def is_medicare_b(self) -> bool:
        return self.filing == "MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Why an earlier payer paid less: group, reason code, amount."""

    group: str
    reason: str
    amount_cents: int
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdjudication:
    """What an earlier payer did with a line."""

    payer_number: str
    paid_cents: int
    code: str
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    adjustments: tuple[Adjustment, ...] = ()
    paid_on: date | None = None
    remaining_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPayer:
    """Another payer of the same patient, and what it did with the claim."""

    rank: str
    payer: Payer
    insured: Insured
    relation: str = "18"
    secondary_reason: str = ""
    paid_cents: int | None = None
    remaining_cents: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    paid_on: date | None = None
    benefits_assigned: str = "Y"
    release: str = "Y"
    control_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One service.

    Attributes:
        pointers: places of its diagnoses in the claim's list, from 1, the most important first.
        line_id: our key of the line; the payer returns it on the remittance.
        place: place of service when it differs from the claim's.
    """

    code: str
    charge_cents: int
    since: date | None
    until: date | None
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    pointers: tuple[int, ...] = ()
    place: str = ""
    line_id: str = ""
    note: str = ""
    rendering: Party | None = None
    adjudications: tuple[LineAdjudication, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim of one practitioner for one patient.

    Attributes:
        control_number: our account number; the payer returns it on every answer.
        insured: whose insurance it is.
        patient: only when the patient is not the insured; ``patient_relation`` then says what they are to each other.
        frequency: 1 original, 7 replacement, 8 void; the latter two name the payer's own number in ``original_ref``.
        stated_total_cents: the total a file states; None when built by us, where it is the sum of the lines.
        agency_npi: home health agency or hospice, for care plan oversight.
        secondary_reason: why Medicare pays second (such as 12 working aged), when it does.
        signed: the practitioner attested to the services and signed.
        assignment: A accepts, B for laboratory only, C does not.
        patient_id, practitioner_id, practice_id, month: our records behind the claim; empty for a claim that was read.
    """

    control_number: str
    payer: Payer
    insured: Insured
    billing: Party
    lines: tuple[ClaimLine, ...]
    diagnoses: tuple[str, ...]
    place: str
    rank: str = "P"
    secondary_reason: str = ""
    patient: Insured | None = None
    patient_relation: str = ""
    pay_to: Address | None = None
    rendering: Party | None = None
    referring: Party | None = None
    supervising: Party | None = None
    facility: Party | None = None
    frequency: str = ORIGINAL
    original_ref: str = ""
    prior_authorization: str = ""
    clia: str = ""
    agency_npi: str = ""
    note: str = ""
    patient_paid_cents: int = 0
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release: str = "Y"
    signed: bool = True
    other_payers: tuple[OtherPayer, ...] = ()
    stated_total_cents: int | None = None
    diagnosis_kind: str = "ABK"
    patient_id: str = ""
    practitioner_id: str = ""
    practice_id: str = ""
    month: str = ""

    @property
    def lines_cents(self) -> int:
        """The sum of the charges of the lines."""
        return sum(line.charge_cents for line in self.lines)

    @property
    def total_cents(self) -> int:
        """The charge of the claim: as stated where it was read, else the sum of its lines."""
        return self.lines_cents if self.stated_total_cents is None else self.stated_total_cents

    @property
    def treated(self) -> Insured:
        """The patient, who is the insured unless the claim says otherwise."""
        return self.patient or self.insured

    @property
    def rendered_by(self) -> Party:
        """Who did the work: the rendering practitioner, or the billing provider of a solo practice."""
        return self.rendering or self.billing

    @property
    def since(self) -> date | None:
        """First day of service."""
        return min((line.since for line in self.lines if line.since), default=None)

    @property
    def until(self) -> date | None:
        """Last day of service."""
        return max((line.until for line in self.lines if line.until), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Who sends the file, and whom to call about it."""

    name: str
    number: str
    contact: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who receives the file: a Medicare contractor or a clearing house."""

    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a claim may not leave: the check, what it found, where, and what to do.

    Attributes:
        check: id of the check, such as ``CLM014``; never reused.
        field: path in the claim, such as ``billing.npi`` or ``lines[0].pointers``.
        what: what is wrong, without patient data.
        why: why a payer would refuse it.
        mend: what to do about it.
    """

    check: str
    field: str
    what: str
    why: str
    mend: str
