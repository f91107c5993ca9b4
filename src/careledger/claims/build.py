"""Decided months to claims.

One claim holds what one practitioner bills for one patient's month; care plan oversight stands alone on a claim of its own
(``cpo.claim.alone_on_claim``). Nothing is left out: a claim for which something is missing is built all the same, and the
checks hold it with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from careledger.claims.config import ClaimsConfig
from careledger.claims.facts import Attestation, ClaimFacts
from careledger.claims.model import Address, Claim, ClaimLine, Insured, Party, Payer
from careledger.claims.split import fit
from careledger.claims.tables import ClaimRecords
from careledger.claims.wording import digits, person_name, plain, telephone
from careledger.core.codes import icd10_plain
from careledger.core.month import Month
from careledger.core.records import Condition, Coverage, Patient, Person, Practice
from careledger.policy import Policy, PolicyView

WIRE_LINES, WIRE_DIAGNOSES, POINTERS = 50, 12, 4
_SEX = {"female": "F", "male": "M", "unknown": "U"}
_AGENCY_OF = {"G0181": "home_health", "G0182": "hospice"}
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRow:
    """A code that was decided ``bill`` for a practitioner and a patient's month."""

    patient: str
    practitioner: str
    code: str
    units: int
    month: Month
    date_of_service: date | None = None
    allowed_cents: int | None = None
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltClaim:
    """A claim and the facts of our records that its checks look at."""

    claim: Claim
    facts: ClaimFacts


def build_claims(
    rows: Iterable[DecidedRow],
    records: ClaimRecords,
    attestations: Iterable[Attestation],
    config: ClaimsConfig,
    policy: Policy,
) -> Iterator[BuiltClaim]:
    """Claims for decided rows, in the order of patient, practitioner and month.

    Building again from the same rows gives the same claims with the same control numbers, so that nothing can be sent
    twice under two names.
    """
    maker = _Maker(records, tuple(attestations), config, policy)
    groups: dict[tuple[str, str, Month, str], list[DecidedRow]] = {}
    for row in rows:
        alone = row.code if maker.stands_alone(row) else ""
        groups.setdefault((row.patient, row.practitioner, row.month, alone), []).append(row)
    for (patient, practitioner, month, alone), group in sorted(groups.items(), key=lambda item: item[0]):
        whole = maker.claim(patient, practitioner, month, alone, group)
        facts = maker.facts(whole, group)
        for claim in fit(whole, lines=WIRE_LINES, diagnoses=WIRE_DIAGNOSES):
            yield BuiltClaim(claim=claim, facts=facts)


class _Maker:
    """Makes claims from one set of records, settings and policy."""

    def __init__(
        self, records: ClaimRecords, attestations: tuple[Attestation, ...], config: ClaimsConfig, policy: Policy
    ) -> None:
        self.records = records
        self.config = config
        self.policy = policy
        self.attestations = {(row.practitioner, row.month, row.patient): row for row in attestations}
        self.oversight_codes = frozenset(policy.topics["cpo.claim"].governs)

    def stands_alone(self, row: DecidedRow) -> bool:
        view = self.policy.on(row.date_of_service or row.month.last_on)
        return row.code in self.oversight_codes and view.flag("cpo.claim.alone_on_claim")

    def claim(self, patient_id: str, practitioner_id: str, month: Month, alone: str, rows: list[DecidedRow]) -> Claim:
        person = self.records.people.get(practitioner_id) or Person(person_id=practitioner_id, kind="other")
        practice = self.records.practices.get(person.practice_id or "") or Practice(practice_id="")
        cover = self._cover(patient_id, month.last_on)
        payer = self._payer(cover)
        view = self.policy.on(month.last_on, payer.policy or "medicare_ffs")
        diagnoses = self._diagnoses(patient_id, month)
        is_solo = bool(person.npi) and person.npi == practice.npi
        number = _control_number(practice.practice_id, patient_id, practitioner_id, str(month), alone)
        return Claim(
            control_number=number,
            payer=payer,
            rank="P" if cover is None or cover.rank == 1 else "S" if cover.rank == 2 else "T",
            insured=_insured(self.records.patients.get(patient_id), cover),
            billing=_billing(practice, person if is_solo else None),
            rendering=None if is_solo else _practitioner(person),
            facility=self.config.facilities.get(practice.practice_id),
            lines=tuple(self._lines(rows, number, month, practice, bool(alone), len(diagnoses))),
            diagnoses=diagnoses,
            place=self._place(patient_id, practitioner_id, practice, view, bool(alone)),
            agency_npi=self._agency_npi(patient_id, practitioner_id, month, alone) if alone else "",
            signed=self._attested(practitioner_id, patient_id, month),
            patient_id=patient_id,
            practitioner_id=practitioner_id,
            practice_id=practice.practice_id,
            month=str(month),
        )

    def facts(self, claim: Claim, rows: list[DecidedRow]) -> ClaimFacts:
        patient = self.records.patients.get(claim.patient_id)
        month = Month.parse(claim.month)
        cover = self._cover(claim.patient_id, month.last_on)
        panel = self._setting(claim.patient_id, claim.practitioner_id, self.records.practices.get(claim.practice_id))
        return ClaimFacts(
            patient_known=patient is not None,
            practitioner_known=claim.practitioner_id in self.records.people,
            died_on=patient.died_on if patient else None,
            covered_since=cover.since if cover else None,
            covered_until=cover.until if cover else None,
            part_b=cover.part_b if cover else None,
            stays=self.records.stays.get(claim.patient_id, ()),
            consents=self.records.consents.get(claim.patient_id, ()),
            enrolments=self.records.enrolments.get(claim.patient_id, ()),
            setting=panel,
            attested=claim.signed,
            month=month,
        )

    def _cover(self, patient_id: str, day: date) -> Coverage | None:
        covers = [
            cover
            for cover in self.records.coverage.get(patient_id, ())
            if (cover.since is None or cover.since <= day) and (cover.until is None or day <= cover.until)
        ]
        every = covers or list(self.records.coverage.get(patient_id, ()))
        return min(every, key=lambda cover: cover.rank, default=None)

    def _payer(self, cover: Coverage | None) -> Payer:
        if cover is None:
            return Payer()
        known = self.policy.payers.get(cover.payer)
        found = self.config.payer(cover.payer, known.kind if known else "")
        if found is None:
            return Payer(policy=cover.payer if known else "")
        return replace(found.payer, policy=cover.payer if known else found.payer.policy)

    def _diagnoses(self, patient_id: str, month: Month) -> tuple[str, ...]:
        """Conditions of the month, those that carry the program first; within a rank in the order of the record."""
        current = [row for row in self.records.conditions.get(patient_id, ()) if _is_current(row, month)]
        ranked = sorted(current, key=lambda row: (not row.chronic, not row.significant_risk))
        return tuple(dict.fromkeys(icd10_plain(row.icd10) for row in ranked))

    def _lines(
        self, rows: list[DecidedRow], number: str, month: Month, practice: Practice, alone: bool, diagnoses: int
    ) -> Iterator[ClaimLine]:
        pointers = tuple(range(1, min(POINTERS, diagnoses) + 1))
        for at, row in enumerate(sorted(rows, key=self._line_order), start=1):
            since, until = self._days(row, month, practice, alone)
            yield ClaimLine(
                code=row.code,
                modifiers=row.modifiers,
                charge_cents=self._charge(row),
                units=Decimal(row.units),
                since=since,
                until=until,
                pointers=pointers,
                line_id=f"{number}L{at}",
            )

    def _line_order(self, row: DecidedRow) -> tuple[date, bool, str]:
        """By day, each add-on behind its base."""
        known = row.code in self.policy.codes()
        facts = self.policy.on(row.date_of_service or row.month.last_on).code(row.code) if known else None
        return (row.date_of_service or row.month.last_on, bool(facts and facts.role == "add_on"), row.code)

    def _charge(self, row: DecidedRow) -> int:
        if row.code in self.config.charges_cents:
            return self.config.charges_cents[row.code] * row.units
        if self.config.percent_of_allowed is None or row.allowed_cents is None:
            return 0
        return int(row.allowed_cents * self.config.percent_of_allowed / 100)

    def _days(self, row: DecidedRow, month: Month, practice: Practice, alone: bool) -> tuple[date | None, date | None]:
        if alone:
            days = self._oversight_days(row, month, ZoneInfo(practice.time_zone))
            if days:
                return min(days), max(days)
        if self.config.service_days == "whole_month" and not alone:
            return month.first_on, month.last_on
        return row.date_of_service, row.date_of_service

    def _oversight_days(self, row: DecidedRow, month: Month, zone: ZoneInfo) -> list[date]:
        """Days of the month on which the practitioner's own oversight was logged."""
        entries = self.records.own_time.get(row.patient, ())
        own = (entry for entry in entries if entry.by == row.practitioner and "cpo" in entry.programs)
        documented = (entry for entry in own if entry.documented is not False)
        days = (
            entry.on if entry.start_s is None else datetime.fromtimestamp(entry.start_s, zone).date()
            for entry in documented
        )
        return [day for day in days if day is not None and Month.of(day) == month]

    def _setting(self, patient_id: str, practitioner_id: str, practice: Practice | None) -> str:
        for row in self.records.panel.get(patient_id, ()):
            if row.biller_id == practitioner_id and row.setting:
                return row.setting
        return practice.setting if practice else "office"

    def _place(self, patient_id: str, practitioner_id: str, practice: Practice, view: PolicyView, alone: bool) -> str:
        if alone:
            return view.text("cpo.claim.pos")
        setting = self._setting(patient_id, practitioner_id, practice)
        allowed = view.words(f"ccm.place_of_service.{setting}")
        chosen = self.config.places.get(setting, "")
        return chosen if chosen in allowed else allowed[0]

    def _agency_npi(self, patient_id: str, practitioner_id: str, month: Month, code: str) -> str:
        episodes = [
            row
            for row in self.records.agencies.get(patient_id, ())
            if row.kind == _AGENCY_OF.get(code)
            and (row.since is None or row.since <= month.last_on)
            and (row.until is None or row.until >= month.first_on)
        ]
        episodes.sort(key=lambda row: row.plan_signed_by != practitioner_id)
        return digits(next((row.agency_npi for row in episodes if row.agency_npi), ""))

    def _attested(self, practitioner_id: str, patient_id: str, month: Month) -> bool:
        if self.config.attestation_on_file:
            return True
        keys = ((practitioner_id, str(month), patient_id), (practitioner_id, str(month), ""))
        return any(key in self.attestations for key in keys)


def _is_current(row: Condition, month: Month) -> bool:
    return (row.since is None or row.since <= month.last_on) and (row.until is None or row.until >= month.first_on)


def _insured(patient: Patient | None, cover: Coverage | None) -> Insured:
    if patient is None:
        return Insured()
    return Insured(
        last=plain(patient.family_name),
        first=plain(patient.given_name).split(" ")[0],
        middle=" ".join(plain(patient.given_name).split(" ")[1:]),
        member_id=plain(cover.member_id if cover else "").replace(" ", "").replace("-", ""),
        born_on=patient.born_on,
        sex=_SEX.get(patient.sex or "", ""),
        address=_address(patient),
        phone=telephone(patient.phone),
    )


def _address(row: Patient | Practice) -> Address:
    return Address(street=plain(row.address), city=plain(row.city), state=plain(row.state), zip=digits(row.zip))


def _billing(practice: Practice, solo: Person | None) -> Party:
    """The practice, or its only practitioner under the practitioner's own NPI."""
    party = _practitioner(solo) if solo else Party(last=plain(practice.name), is_person=False, npi=digits(practice.npi))
    return replace(
        party,
        taxonomy=plain(practice.taxonomy) or party.taxonomy,
        tax_id=digits(practice.tax_id),
        address=_address(practice),
        phone=telephone(practice.phone),
    )


def _practitioner(person: Person) -> Party:
    last, first, middle = person_name(person.name)
    return Party(last=last, first=first, middle=middle, npi=digits(person.npi), taxonomy=plain(person.taxonomy))


def _control_number(*parts: str) -> str:
    """Thirteen characters: the item on the paper form holds fourteen, and a split adds one."""
    month = parts[3]
    digest = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:7])
    letters = "".join(_BASE32[digest >> (5 * place) & 31] for place in range(9))
    return month[2:4] + month[5:7] + letters
