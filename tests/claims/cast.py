"""Made-up practices, people and claims that the claim tests share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from careledger.claims.model import (
    Address,
    Adjustment,
    Claim,
    ClaimLine,
    Insured,
    LineAdjudication,
    OtherPayer,
    Party,
    Payer,
    Receiver,
    Submitter,
)
from careledger.claims.x12.write_837p import Envelope

SUBMITTER = Submitter(name="MAPLE CARE BILLING", number="SUBMIT77", contact="JO BILLER", phone="5185550100")
CONTRACTOR = Receiver(name="MEDICARE PART B", number="13282")
MEDICARE = Payer(name="MEDICARE PART B", number="13282", filing="MB", policy="medicare_ffs")
COMMERCIAL = Payer(name="COMMERCIAL HEALTH", number="60054", filing="CI", policy="commercial")

GROUP = Party(
    last="MAPLE PRIMARY CARE PC",
    is_person=False,
    npi="1234567893",
    taxonomy="207Q00000X",
    tax_id="123456789",
    address=Address(street="100 MAIN ST", city="ALBANY", state="NY", zip="122071234"),
    phone="5185550111",
)
DOCTOR = Party(last="PROVIDER", first="PAT", npi="1982735460", taxonomy="207Q00000X")
SENIOR = Party(last="SENIOR", first="SAM", npi="1669472346")
EAST = Party(
    last="MAPLE EAST CLINIC",
    is_person=False,
    npi="1447251236",
    address=Address(street="9 EAST RD", city="TROY", state="NY", zip="121800001"),
)
ANN = Insured(
    last="SMITH",
    first="ANN",
    member_id="1EG4TE5MK73",
    born_on=date(1945, 4, 15),
    sex="F",
    address=Address(street="2 OAK AVE", city="ALBANY", state="NY", zip="12208"),
    phone="5185550122",
)
LAST_DAY = date(2026, 10, 31)


def line(code: str, cents: int, number: int = 1, **other: object) -> ClaimLine:
    """A line of October 2026 that points to the first diagnoses."""
    values: dict[str, object] = {
        "since": LAST_DAY,
        "until": LAST_DAY,
        "pointers": (1, 2),
        "line_id": f"L{number}",
    }
    return ClaimLine(code=code, charge_cents=cents, **{**values, **other})  # type: ignore[arg-type]


CCM = Claim(
    control_number="2610CCM000001",
    payer=MEDICARE,
    insured=ANN,
    billing=GROUP,
    rendering=DOCTOR,
    lines=(line("99490", 9500), line("99439", 14000, 2, units=Decimal(2))),
    diagnoses=("E1165", "I10", "N1831"),
    place="11",
    month="2026-10",
)
CPO = replace(
    CCM,
    control_number="2610CPO000002",
    agency_npi="1891234563",
    lines=(line("G0181", 18000, since=date(2026, 10, 2), until=date(2026, 10, 27)),),
    diagnoses=("I5022", "E1165"),
)
REPLACEMENT = replace(
    CCM,
    control_number="2610CCM000003",
    frequency="7",
    original_ref="1126123456789",
    facility=EAST,
    supervising=SENIOR,
    referring=replace(SENIOR, last="REFERRER"),
)
SOLO = replace(
    CCM,
    control_number="2610CCM000004",
    rendering=None,
    billing=replace(DOCTOR, tax_id="987654321", address=GROUP.address, phone=GROUP.phone),
)
SECONDARY = replace(
    CCM,
    control_number="2610CCM000005",
    rank="S",
    secondary_reason="12",
    lines=(
        line(
            "99490",
            9500,
            adjudications=(
                LineAdjudication(
                    payer_number="60054",
                    paid_cents=4000,
                    code="99490",
                    adjustments=(
                        Adjustment(group="CO", reason="45", amount_cents=3284),
                        Adjustment(group="PR", reason="2", amount_cents=1716),
                        Adjustment(group="PR", reason="3", amount_cents=500),
                    ),
                    paid_on=date(2026, 11, 5),
                ),
            ),
        ),
    ),
    other_payers=(
        OtherPayer(
            rank="P",
            payer=COMMERCIAL,
            insured=replace(ANN, member_id="W99988877", group_number="GRP100"),
            paid_cents=4000,
        ),
    ),
)
DEPENDENT = replace(
    CCM,
    control_number="2610CCM000006",
    payer=COMMERCIAL,
    insured=replace(ANN, last="SMITH", first="JOHN", member_id="W12345678"),
    patient=ANN,
    patient_relation="01",
)
ALL = (CCM, CPO, REPLACEMENT, SOLO, SECONDARY, DEPENDENT)

ENVELOPE = Envelope(
    submitter=SUBMITTER,
    receiver=CONTRACTOR,
    created_at=datetime(2026, 11, 2, 8, 0),  # noqa: DTZ001 - X12 has the sender's local time
    control=1,
    batch="B20261102-0001",
    is_test=True,
)
