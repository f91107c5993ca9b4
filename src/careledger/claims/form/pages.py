"""A claim as the items of paper forms, by Medicare's instructions where Medicare is asked to pay.

A form holds six lines and twelve diagnoses, so a longer claim becomes several forms, each with its own total. Medicare reads
one diagnosis letter a line, leaves items 15, 17a, 22, 24C and 24H blank and wants NONE in item 11 when nobody pays before it.
Source: Pub. 100-04, chapter 26, section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from careledger.claims.form.layout import DIAGNOSIS_LETTERS, LINES_PER_FORM, layout
from careledger.claims.model import ORIGINAL, Address, Claim, ClaimLine, Insured, OtherPayer, Party
from careledger.claims.split import fit
from careledger.claims.wording import plain
from careledger.core.errors import InputError, Place

ON_FILE = "SIGNATURE ON FILE"
_BOX_OF = {"MB": "medicare", "MA": "medicare", "MC": "medicaid", "CH": "tricare", "CI": "group", "BL": "group"}
_RELATION = {"18": "self", "01": "spouse", "19": "child"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One form: item name to what is printed there.

    Attributes:
        cut: items whose text is longer than the form has room for; names are cut, as on every printer.
    """

    claim: Claim
    items: Mapping[str, str]
    cut: tuple[str, ...] = ()


def pages(claim: Claim, signed_on: date | None = None) -> tuple[Page, ...]:
    """The forms a claim needs."""
    parts = fit(claim, lines=LINES_PER_FORM, diagnoses=len(DIAGNOSIS_LETTERS))
    return tuple(_page(part, signed_on) for part in parts)


def _page(claim: Claim, signed_on: date | None) -> Page:
    values: dict[str, str] = {}
    for part in (_payer, _patient, _insured, _condition, _diagnoses, _lines, _amounts, _providers):
        values.update((name, text) for name, text in part(claim) if text)
    values.update((name, text) for name, text in _signatures(claim, signed_on) if text)
    fields = layout()
    shown = {name: plain(text) for name, text in values.items()}
    cut = tuple(name for name, text in shown.items() if len(text) > fields[name].width)
    for name in cut:
        if fields[name].kind != "text":
            raise InputError(
                Place(claim.control_number, field=f"item {name}"),
                "a number with more figures than the paper form has room for",
                "send the claim as 837P",
            )
    return Page(claim=claim, items={name: text[: fields[name].width] for name, text in shown.items()}, cut=cut)


Items = Iterator[tuple[str, str]]


def _payer(claim: Claim) -> Items:
    yield "mark.left", "XXX"
    yield "mark.right", "XXX"
    yield "carrier.name", claim.payer.name
    yield "carrier.street", claim.payer.address.street
    yield "carrier.street2", claim.payer.address.street2
    yield "carrier.city", _city("carrier.city", claim.payer.address)
    yield f"1.{_BOX_OF.get(claim.payer.filing, 'other')}", "X"
    yield "1a.insured_id", claim.insured.member_id


def _patient(claim: Claim) -> Items:
    patient = claim.treated
    yield "2.patient_name", _name(patient)
    yield from _date("3.born", patient.born_on)
    yield from _sex("3", patient.sex)
    yield "5.street", _street(patient.address)
    yield "5.city", patient.address.city
    yield "5.state", patient.address.state
    yield "5.zip", patient.address.zip
    yield "5.area", patient.phone[:3]
    yield "5.phone", patient.phone[3:]


def _insured(claim: Claim) -> Items:
    """Items 4, 6, 7 and 11: who is insured by whoever pays first, when that is not Medicare."""
    if claim.payer.is_medicare_b:
        before = next((other for other in claim.other_payers if other.rank == "P"), None)
        if before is None:
            yield "11.policy", "NONE"
        else:
            yield from _paid_before(claim, before)
        return
    yield "4.insured_name", _name(claim.insured)
    yield f"6.{_RELATION.get(claim.patient_relation or '18', 'other')}", "X"
    yield from _insured_address(claim.insured.address)
    yield "11.policy", claim.insured.group_number
    yield from _date("11a.born", claim.insured.born_on)
    yield from _sex("11a", claim.insured.sex)
    yield "11d.no" if not claim.other_payers else "11d.yes", "X"


def _paid_before(claim: Claim, before: OtherPayer) -> Items:
    insured = before.insured
    yield "4.insured_name", _name(insured)
    yield f"6.{_RELATION.get(before.relation, 'other')}", "X"
    if insured.address in (claim.insured.address, Address()):
        yield "7.street", "SAME"
    else:
        yield from _insured_address(insured.address)
    yield "11.policy", insured.group_number or insured.member_id
    yield from _date("11a.born", insured.born_on)
    yield from _sex("11a", insured.sex)
    yield "11c.plan", before.payer.name


def _insured_address(address: Address) -> Items:
    yield "7.street", _street(address)
    yield "7.city", address.city
    yield "7.state", address.state
    yield "7.zip", address.zip


def _condition(claim: Claim) -> Items:
    for item in ("10a.no", "10b.no", "10c.no", "20.no"):
        yield item, "X"
    person = claim.referring or claim.supervising
    if person is not None:
        yield "17.role", "DN" if claim.referring is not None else "DQ"
        yield "17.name", " ".join(part for part in (person.first, person.middle, person.last, person.suffix) if part)
        yield "17b.npi", person.npi
    yield "19.note", claim.note
    if not claim.payer.is_medicare_b and claim.frequency != ORIGINAL:
        yield "22.code", claim.frequency
        yield "22.original", claim.original_ref
    yield "23.number", claim.agency_npi or claim.prior_authorization or claim.clia


def _diagnoses(claim: Claim) -> Items:
    yield "21.indicator", "0" if claim.diagnosis_kind == "ABK" else "9"
    for letter, code in zip(DIAGNOSIS_LETTERS, claim.diagnoses, strict=False):
        yield f"21.{letter}", code


def _lines(claim: Claim) -> Items:
    for number, line in enumerate(claim.lines, start=1):
        for name, text in _line(line, claim):
            yield f"24.{number}.{name}", text


def _line(line: ClaimLine, claim: Claim) -> Items:
    yield from _date("from", line.since, 2)
    yield from _date("to", line.until or line.since, 2)
    yield "place", line.place or claim.place
    yield "code", line.code
    for at, modifier in enumerate(line.modifiers[:4], start=1):
        yield f"modifier{at}", modifier
    letters = [DIAGNOSIS_LETTERS[pointer - 1] for pointer in line.pointers if 0 < pointer <= len(DIAGNOSIS_LETTERS)]
    yield "pointer", "".join(letters[:1] if claim.payer.is_medicare_b else letters)
    yield from _money("", line.charge_cents, 5)
    yield "units", f"{line.units.normalize():f}"
    rendering = line.rendering or claim.rendering
    yield "rendering", rendering.npi if rendering is not None else ""


def _amounts(claim: Claim) -> Items:
    yield "25.tax_id", claim.billing.tax_id
    yield "25.ein" if claim.billing.tax_id_kind == "EI" else "25.ssn", "X"
    yield "26.account", claim.control_number
    yield "27.yes" if claim.assignment == "A" else "27.no", "X"
    yield from _money("28.", claim.total_cents, 6)
    if claim.patient_paid_cents:
        yield from _money("29.", claim.patient_paid_cents, 5)


def _providers(claim: Claim) -> Items:
    place = claim.facility or claim.billing
    yield from _party("32", place)
    yield "32a.npi", place.npi
    yield from _party("33", claim.billing)
    yield "33.area", claim.billing.phone[:3]
    yield "33.phone", claim.billing.phone[3:]
    yield "33a.npi", claim.billing.npi


def _signatures(claim: Claim, signed_on: date | None) -> Items:
    yield "12.signature", ON_FILE if claim.release == "Y" else ""
    if not claim.payer.is_medicare_b:
        yield "13.signature", ON_FILE if claim.benefits_assigned == "Y" else ""
    if claim.signed:
        yield "31.signature", ON_FILE
        yield "31.date", "" if signed_on is None else signed_on.strftime("%m %d %Y")


def _party(item: str, party: Party) -> Items:
    yield f"{item}.name", _name(party, comma=" ") if party.is_person else party.last
    yield f"{item}.street", _street(party.address)
    yield f"{item}.city", _city(f"{item}.city", party.address)


def _name(who: Insured | Party, comma: str = ", ") -> str:
    family = " ".join(part for part in (who.last, who.suffix) if part)
    if comma == " ":
        return " ".join(part for part in (who.first, who.middle, family) if part)
    return comma.join(part for part in (family, who.first, who.middle[:1]) if part)


def _street(address: Address) -> str:
    return " ".join(part for part in (address.street, address.street2) if part)


def _city(item: str, address: Address) -> str:
    """City, state and ZIP code; a long city is cut, since mail and payers go by the ZIP code."""
    behind = " ".join(part for part in (address.state, address.zip) if part)
    room = layout()[item].width - len(behind) - bool(behind)
    return " ".join(part for part in (address.city[:room].rstrip(), behind) if part)


def _date(name: str, day: date | None, year: int = 4) -> Items:
    if day is not None:
        yield f"{name}.month", f"{day.month:02d}"
        yield f"{name}.day", f"{day.day:02d}"
        yield f"{name}.year", f"{day.year:04d}"[-year:]


def _sex(item: str, sex: str) -> Items:
    if sex in ("M", "F"):
        yield f"{item}.{'male' if sex == 'M' else 'female'}", "X"


def _money(prefix: str, cents: int, width: int) -> Items:
    """Dollars to the right of their columns, cents in their own two; no sign, point or currency."""
    whole, rest = divmod(cents, 100)
    yield f"{prefix}dollars", f"{whole:>{width}}"
    yield f"{prefix}cents", f"{rest:02d}"
