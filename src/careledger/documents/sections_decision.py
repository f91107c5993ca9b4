"""The decision with its citations, signatures, abbreviations, what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from careledger.core.decision import Decision, Finding
from careledger.core.records import Person
from careledger.documents.blocks import Block, Column, Section, heading, note, proof, signature, table, text
from careledger.documents.data import BinderData
from careledger.documents.missing import Gap
from careledger.documents.sections_record import view_of
from careledger.documents.wording import NOT_RECORDED, who, word
from careledger.engine.judge import BLOCKING
from careledger.engine.wording import VERDICTS, next_step

MARKS = {
    "met": "met",
    "not_yet": "not yet",
    "unmet": "not met",
    "unknown": "unknown",
    "judgement": "a person decides",
    "note": "note",
}
ABBREVIATIONS = {
    "CCM": "chronic care management", "CPO": "care plan oversight", "EHR": "electronic health record",
    "HCPCS": "code system for services and supplies", "ICD-10-CM": "classification of diagnoses",
    "MBI": "Medicare beneficiary identifier", "NPI": "national provider identifier", "SHA-256": "a fingerprint of data, 64 hexadecimal signs",
    "UTC": "coordinated universal time", "MD": "doctor of medicine", "DO": "doctor of osteopathic medicine", "NP": "nurse practitioner",
    "PA": "physician assistant", "RN": "registered nurse", "LPN": "licensed practical nurse", "MA": "medical assistant",
    "SNF": "skilled nursing facility", "CFR": "Code of Federal Regulations", "FR": "Federal Register", "CMS": "Centers for Medicare & Medicaid Services",
    "MLN": "Medicare Learning Network", "PCM": "principal care management", "BHI": "behavioral health integration",
}  # fmt: skip


class Sources:
    """Sources numbered in the order they are first cited."""

    def __init__(self, data: BinderData) -> None:
        self.data = data
        self.numbers: dict[str, int] = {}

    def cited(self, ids: Sequence[str]) -> str:
        return "".join(f"[{self.numbers.setdefault(id_, len(self.numbers) + 1)}]" for id_ in ids)

    def table(self) -> Block:
        """Every source cited, by number, with where it stands and when it was read."""
        rows = []
        for id_, number in self.numbers.items():
            known = self.data.policy.sources.get(id_)
            if known is None:
                rows.append([f"[{number}]", id_, "", ""])
                continue
            read = known.checked.isoformat() if known.checked else NOT_RECORDED
            titled = f"{known.issuer}: {known.title}" + (f" ({known.note})" if known.note else "")
            rows.append([f"[{number}]", titled, known.locator, read])
        return table([Column("No.", 0.5), Column("Source", 4), Column("Where", 1.8), Column("Read on", 1)], rows)


def decision(data: BinderData) -> Section:
    """Every code decided: what is billed with its whole proof, what is not with what stands against it."""
    sources = Sources(data)
    blocks: list[Block] = []
    shown: set[tuple[str, str]] = set()
    for one in sorted(data.decision.decisions, key=lambda one: one.verdict != "bill"):
        blocks += _one(data, one, sources, shown)
    if data.decision.warnings:
        blocks.append(heading("To heed"))
        blocks += [_step(found, sources) for found in data.decision.warnings]
    blocks += [
        heading("Sources"),
        sources.table(),
        note(f"Policy version {data.policy.version}. Codes are described in our own words."),
    ]
    return Section("decision", "Decision", tuple(blocks))


def _one(data: BinderData, one: Decision, sources: Sources, shown: set[tuple[str, str]]) -> list[Block]:
    units = f" × {one.units}" if one.verdict == "bill" else ""
    blocks = [heading(f"{one.code}{units}: {VERDICTS[one.verdict].lower()}"), note(view_of(data).code(one.code).says)]
    if one.verdict == "bill":
        fresh = [found for found in one.because if _key(found) not in shown]
        if len(fresh) < len(one.because):
            blocks.append(
                note(f"{len(one.because) - len(fresh)} requirements are those shown above for the other code.")
            )
        shown.update(_key(found) for found in fresh)
        return blocks + [_step(found, sources) for found in fresh]
    blocks += [_step(found, sources) for found in one.because if found.outcome in BLOCKING]
    step = next_step(one, data.facts)
    return [*blocks, text(f"What to do: {step}")] if step else blocks


def _key(found: Finding) -> tuple[str, str]:
    return found.rule, found.says


def _step(found: Finding, sources: Sources) -> Block:
    named = [sources.data.names.get(record, record) for record in found.records]
    cited = sources.cited(found.cite)
    records = f"Records: {', '.join(named)}" if named else ""
    return proof(
        MARKS[found.outcome],
        f"{found.says} {cited}".rstrip(),
        ". ".join(part for part in (records, f"Rule {found.rule}") if part),
    )


def signatures(data: BinderData) -> Section:
    """The practitioner's attestation, and how each person who worked signs."""
    name = who(data.biller)
    words = (
        f"I attest that the services of {data.month} shown in this binder were furnished to this patient as logged, under my "
        f"supervision where they were furnished by clinical staff, and that this record is complete and true."
    )
    signed = data.attestation
    on = (
        f"Signed electronically by {who(data.person(signed.signed_by), signed.signed_by)} on {signed.signed_on}"
        if signed
        else ""
    )
    worked = {entry.by for entry in data.entries()} | {data.facts.biller}
    people = [person for person in data.rows("people", Person) if person.person_id in worked]
    columns = [
        Column("Name, printed", 2), Column("Credential", 1.1), Column("Profession", 1.5), Column("Id in the log", 1.2),
        Column("Signature", 2), Column("Initials", 0.8),
    ]  # fmt: skip
    rows = [
        [
            person.name or person.person_id,
            person.credential or NOT_RECORDED,
            word(person.kind),
            person.person_id,
            "\n ",
            "",
        ]
        for person in people
    ]
    how = (
        "Entries of the log are signed by the account that recorded them; the time ledger keeps who and when, and a later "
        "change shows. Signatures by hand go into the table."
    )
    blocks = (text(words), signature(name, word(data.biller.kind), on), heading("Signature log of all personnel"), table(columns, rows), note(how))  # fmt: skip
    return Section("signatures", "Signatures and attestation", blocks)


def abbreviations(data: BinderData, printed: str) -> Section:
    """The abbreviations that occur in the binder, spelled out."""
    del data
    rows = [
        [short, long] for short, long in sorted(ABBREVIATIONS.items()) if re.search(rf"\b{re.escape(short)}\b", printed)
    ]
    return Section("abbreviations", "Abbreviations", (table([Column("Short", 1), Column("Meaning", 4)], rows),))


def missing_items(found: Sequence[Gap]) -> Section:
    """Everything a reviewer will look for and not find."""
    if not found:
        return Section("missing", "Missing items", (text("Nothing is missing of what this binder looks for."),))
    rows = [["\u2610", gap.where, gap.what, gap.mend] for gap in found]
    columns = [
        Column("", 0.25),
        Column("Part", 1.1),
        Column("What is missing or needs a look", 3.1),
        Column("What to do", 2.4),
    ]
    return Section("missing", "Missing items", (table(columns, rows),))
