"""The engine's word on a supposed case, and the one fact that would change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from careledger.core.decision import Finding
from careledger.core.errors import CareLedgerError
from careledger.engine.answer import Answer, Billable, Refused
from careledger.engine.check import answer_case
from careledger.facts.case import cases_of_text
from careledger.library.ask.case import case_document
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.model import AskBack, Verdict
from careledger.library.ask.spec import ChipData, Spec, Work, chip_data
from careledger.policy import Policy

MOST_VARIANTS = 4
"""How many other worlds are tried before the question back is given up: each is a whole run of the engine."""
_ORDER: tuple[Verdict, ...] = ("person_decides", "depends", "not_yet", "no")
_KIND: dict[str, Verdict] = {"human_decides": "person_decides", "not_yet": "not_yet", "no": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the engine said of the codes that were asked about.

    Attributes:
        billed, refused: the codes that matter to the question.
        because: findings worth saying, those that make the verdict first.
        unruled: the engine has no rules for a code that was asked about.
    """

    verdict: Verdict
    billed: tuple[Billable, ...]
    refused: tuple[Refused, ...]
    because: tuple[Finding, ...]
    next_step: str | None
    document: dict[str, Any]
    unruled: bool
    warnings: tuple[Finding, ...] = ()

    @property
    def codes(self) -> tuple[tuple[str, int], ...]:
        """Codes that may be billed with their units."""
        return tuple((line.decision.code, line.decision.units) for line in self.billed)


def decide(spec: Spec, policy: Policy, on: date) -> Outcome:
    """Run the engine on a spec."""
    document = case_document(spec, policy.on(spec.month.last_on))
    case = cases_of_text(orjson.dumps(document).decode(), "question")[0]
    return _outcome(spec, answer_case(case, policy, on=on), document)


def _outcome(spec: Spec, answer: Answer, document: dict[str, Any]) -> Outcome:
    wanted = spec.asked or _usual_codes(spec)
    billed = tuple(line for line in answer.billable if line.decision.code in wanted)
    refused = tuple(item for item in answer.refused if item.code in wanted)
    told = refused if spec.asked else _telling(refused, spec)
    verdict = _verdict(spec, billed, told)
    findings = _findings(billed, told, spec) if verdict == "yes" else _against(told, answer)
    step = next((item.next_step for item in told if item.next_step), None)
    unruled = any(finding.rule == "engine.unruled.code" for item in refused for finding in item.because)
    return Outcome(
        verdict=verdict, billed=billed, refused=told, because=tuple(findings), next_step=step, document=document,
        unruled=unruled, warnings=answer.warnings,
    )  # fmt: skip


def _usual_codes(spec: Spec) -> tuple[str, ...]:
    return tuple(code for one in spec.programs for code in lexicon().families[one].codes)


def _telling(refused: tuple[Refused, ...], spec: Spec) -> tuple[Refused, ...]:
    """Of all codes that are refused where none was named, the base code of the work that was done."""
    own = any(work.kind == "biller" for work in spec.work) and not any(work.kind != "biller" for work in spec.work)
    first = {"ccm": "99491" if own else "99490", "pcm": "99424" if own else "99426", "cpo": "G0182" if spec.fact("agency") == "hospice" else "G0181"}  # fmt: skip
    if spec.fact("mdm") != "none" and "ccm" in spec.programs:
        first["ccm"] = "99487"
    wanted = {first.get(one, lexicon().families[one].codes[0]) for one in spec.programs}
    return tuple(item for item in refused if item.code in wanted) or refused[:1]


def _verdict(spec: Spec, billed: tuple[Billable, ...], told: tuple[Refused, ...]) -> Verdict:
    missing = [item for item in told if item.code not in {line.decision.code for line in billed}]
    if billed and (not missing or (not spec.asked and not _several(spec, billed))):
        return "yes"
    if not missing:
        return "unknown"
    found = [_word(item) for item in missing]
    return max(found, key=_ORDER.index)


def _several(spec: Spec, billed: tuple[Billable, ...]) -> bool:
    """Were several programs asked about of which one has nothing that can be billed?"""
    families = lexicon().families
    codes = {line.decision.code for line in billed}
    return len(spec.programs) > 1 and any(not codes & set(families[one].codes) for one in spec.programs)


def _word(item: Refused) -> Verdict:
    blocking = {finding.outcome for finding in item.because}
    if blocking == {"unknown"}:
        return "depends"
    return _KIND[item.verdict]


def _findings(billed: tuple[Billable, ...], told: tuple[Refused, ...], spec: Spec) -> Iterator[Finding]:
    """Of all that was met, what the question turned on: the clock, the payer and whatever was said."""
    wanted = ("time.first_unit", "add_on_units", "payer.pays", "levels", *_rules_of(spec))
    met = [finding for line in billed for finding in line.decision.because]
    seen: set[str] = set()
    for part in wanted:
        for finding in met:
            if part in finding.rule and finding.says not in seen:
                seen.add(finding.says)
                yield finding


def _rules_of(spec: Spec) -> Iterator[str]:
    parts = {
        "residence": "facility_not_paid", "facility_paid": "facility_not_paid", "stay": "stays", "setting": "from_this_setting",
        "biller": "may_bill", "consent": "consent.in_force", "visit": "initiating_visit", "conditions": "chronic_conditions",
        "mdm": "complex", "agency": "agency", "signer": "signer", "died": "alive", "plan": "care_plan.established",
    }  # fmt: skip
    yield from (part for fact, part in parts.items() if fact in spec.said)


def _against(told: tuple[Refused, ...], answer: Answer) -> Iterator[Finding]:
    seen: set[str] = set()
    notes = [note for note in answer.warnings if ".time." in note.rule and "not counted" in note.says]
    for finding in (*(finding for item in told for finding in item.because), *notes):
        if finding.says not in seen:
            seen.add(finding.says)
            yield finding


def ask_back(spec: Spec, outcome: Outcome, policy: Policy, on: date) -> AskBack | None:
    """The first fact nobody stated that would turn the verdict, found by running the engine on the case without it."""
    rows = sorted((data for data in chip_data().values() if data.rank is not None), key=lambda data: data.rank or 0)
    fitting = [data for data in rows if _worth_trying(data, spec, outcome)]
    for data in fitting[:MOST_VARIANTS]:
        other = _otherwise(spec, data.id, str(data.otherwise))
        try:
            found = decide(other, policy, on)
        except CareLedgerError:
            continue
        if found.verdict != outcome.verdict or found.codes != outcome.codes:
            return AskBack(str(data.ask), data.id, str(data.otherwise), found.verdict, _then(found))
    return None


def _worth_trying(data: ChipData, spec: Spec, outcome: Outcome) -> bool:
    """Is the fact unsaid, can it matter here, and, after a no, can it help?"""
    matters = not data.programs or bool(set(data.programs) & set(spec.programs))
    unsaid = data.id not in spec.said and data.otherwise is not None
    return unsaid and matters and (outcome.verdict == "yes" or data.helps) and _open(data.id, spec)


def _open(id_: str, spec: Spec) -> bool:
    """Can the fact matter at all in this case?"""
    minutes = sum(work.seconds for work in spec.work if work.program == "ccm") // 60
    if id_ == "mdm":
        return minutes >= 60
    if id_ == "facility_paid":
        return spec.fact("residence") in ("nursing_facility", "assisted_living")
    return True


def _otherwise(spec: Spec, id_: str, value: str) -> Spec:
    if id_ != "worker":
        return spec.supposing(id_, value)
    work = tuple(Work(value, one.program, one.seconds, one.activity) for one in spec.work)
    return replace(spec, work=work)


def _then(found: Outcome) -> str:
    """What would be so then, in a sentence."""
    if found.verdict == "yes":
        return f"If so: yes, {codes_text(found)} can be billed."
    why = found.because[0].says if found.because else "the requirement would not be met"
    word = {"no": "no", "not_yet": "not yet", "depends": "it depends", "person_decides": "a person must decide"}
    return f"If so: {word.get(found.verdict, 'unclear')}; {why}."


def codes_text(outcome: Outcome) -> str:
    """``99490`` or ``99490 and 2 units of 99439``."""
    said = [code if units == 1 else f"{units} units of {code}" for code, units in outcome.codes]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}" if said else "nothing"
