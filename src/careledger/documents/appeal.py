"""The appeal letter: what was denied, why that is wrong, and the decision's proof with its sources.

A request for redetermination need not stand on the form when it names the patient, the Medicare number, the services with
their days, and who asks (``claims.appeal.first_level_contents``). The binder of the month goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from careledger.claims.denials import Denial
from careledger.claims.model import Address, Party
from careledger.core.decision import Decision
from careledger.core.errors import InputError, Place
from careledger.core.money import dollars
from careledger.documents.blocks import Block, facts, note, proof
from careledger.documents.data import BinderData
from careledger.documents.sections_decision import MARKS, Sources
from careledger.documents.typeset import typeset
from careledger.documents.wording import NOT_RECORDED, day, who
from careledger.policy import Policy


def build_appeal(
    denied: Denial, policy: Policy, written_on: date, data: BinderData | None = None, says: Sequence[str] = ()
) -> bytes:
    """The letter as PDF.

    Args:
        data: the patient's month, whose decision is quoted; without it the letter leaves the proof to the enclosures.
        says: sentences of the practice's own, set before the proof.

    Raises:
        InputError: the payer gives no appeal, or the letter would lack what it must name.
    """
    _must_name(denied, policy, written_on)
    claim = denied.claim
    return typeset(
        "appeal",
        {
            "title": "Request for redetermination" if claim.payer.is_medicare_b else "Appeal of a denied claim",
            "from": _party(claim.billing),
            "to": [claim.payer.name, *_address(claim.payer.address)],
            "on": day(written_on),
            "about": facts(_about(denied))["rows"],
            "opening": _opening(denied, data),
            "says": list(says),
            "proof": _proof(denied, data),
            "closing": _closing(denied, data),
            "signer": _signer(denied, data),
        },
    )


def _must_name(denied: Denial, policy: Policy, written_on: date) -> None:
    if denied.can_appeal == "no":
        problem = (
            "this denial cannot be appealed" if "MA130" in denied.codes else "an appeal would not mend this denial"
        )
        raise InputError(Place(denied.claim.control_number), problem, denied.fix)
    claim = denied.claim
    given = {
        "name": claim.treated.last,
        "number": claim.insured.member_id,
        "services": denied.line.code,
        "days": denied.line.since,
        "party": claim.billing.last,
    }
    wanted = policy.on(written_on).words("claims.appeal.first_level_contents")
    missing = [name for name in wanted if not given.get(name)]
    if missing:
        problem = f"the letter would not name {', '.join(missing)}"
        raise InputError(Place(claim.control_number), problem, "complete the record first")


def _party(party: Party) -> list[str]:
    name = " ".join(part for part in (party.first, party.middle, party.last) if part)
    return [name, *_address(party.address), f"NPI {party.npi}"]


def _address(place: Address) -> list[str]:
    city = " ".join(part for part in (f"{place.city}," if place.city else "", place.state, place.zip[:5]) if part)
    return [line for line in (place.street, place.street2, city) if line]


def _about(denied: Denial) -> list[tuple[str, str]]:
    claim, line = denied.claim, denied.line
    patient, practitioner = claim.treated, claim.rendered_by
    days = day(line.since) if line.until in (None, line.since) else f"{day(line.since)} to {day(line.until)}"
    return [
        ("Patient", f"{patient.first} {patient.last}".strip()),
        ("Medicare number" if claim.payer.is_medicare_b else "Member number", claim.insured.member_id),
        ("Claim number", denied.payer_control or NOT_RECORDED),
        ("Our account number", claim.control_number),
        ("Service", " ".join((line.code, *line.modifiers)) + f" × {line.units}"),
        ("Days of service", days),
        ("Practitioner", f"{practitioner.first} {practitioner.last} · NPI {practitioner.npi}".strip()),
        ("Amount denied", dollars(denied.amount_cents)),
        ("Reason given", ", ".join(denied.codes)),
        ("Decision of", day(denied.decided_on) if denied.decided_on else NOT_RECORDED),
        ("Last day to ask", day(denied.due_on) if denied.due_on else "by contract"),
    ]


def _opening(denied: Denial, data: BinderData | None) -> str:
    return (
        "We ask you to look again at the service named above and to pay it. "
        f"It was denied with {', '.join(denied.codes)}. The record of the month meets every requirement for the service"
        + ("; each is set out below with the facts that meet it and its source." if data is not None else ".")
    )


def _decision(denied: Denial, data: BinderData | None) -> Decision | None:
    billed = data.decision.billed() if data is not None else ()
    return next((one for one in billed if one.code == denied.line.code), None)


def _proof(denied: Denial, data: BinderData | None) -> list[Block]:
    decided = _decision(denied, data)
    if data is None:
        return []
    if decided is None:
        problem = f"our own decision does not bill {denied.line.code} for the month"
        raise InputError(Place(denied.claim.control_number), problem, "look at the decision before you appeal")
    sources = Sources(data)
    steps = [
        proof(MARKS[found.outcome], f"{found.says} {sources.cited(found.cite)}".rstrip()) for found in decided.because
    ]
    return [
        *steps,
        {"kind": "heading", "text": "Sources"},
        sources.table(),
        note(f"Policy version {data.policy.version}."),
    ]


def _closing(denied: Denial, data: BinderData | None) -> list[str]:
    enclosed = (
        "the audit binder of the month with consent, care plan and time log" if data is not None else "the record"
    )
    return [f"Enclosed: {enclosed}; the remittance with the denial.", "Please write to us at the address above."]


def _signer(denied: Denial, data: BinderData | None) -> dict[str, Any]:
    practitioner = denied.claim.rendered_by
    name = f"{practitioner.first} {practitioner.last}".strip()
    return {"name": who(data.biller) if data is not None else name, "role": f"for {denied.claim.billing.last}"}
