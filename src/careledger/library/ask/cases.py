"""The answer to a question that describes a case: the engine's verdict in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from careledger.library.article import Claim
from careledger.library.ask.case import case_document
from careledger.library.ask.compose import said
from careledger.library.ask.decide import Outcome, ask_back, codes_text, decide
from careledger.library.ask.draft import Draft, cited
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.question import Question
from careledger.library.ask.spec import Spec, chip_data
from careledger.library.ask.suppose import asks_complex, assumptions, supposed
from careledger.policy.view import PolicyView

_MONTHS = (
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MOST_FINDINGS = 8
_EVERYDAY = ("time.first_unit", "add_on", "payer.pays")
_OVER = " and no longer can: the month is over"
_OPEN = ("not_yet", "depends", "person_decides")
_CANNOT = "{asked} cannot be billed{when}"
_WORDS = {
    "not_yet": "{asked} cannot be billed yet{when}",
    "person_decides": "A person must decide whether {asked} can be billed{when}",
    "depends": "Whether {asked} can be billed{when} depends on what was not said",
}


def case_draft(question: Question, view: PolicyView, choices: Mapping[str, str]) -> Draft | None:
    """The engine's answer; None when it has no rules for what was asked."""
    spec = supposed(question, view, choices)
    outcome = decide(spec, view.policy, view.day)
    if outcome.unruled or outcome.verdict == "unknown":
        return None
    back = ask_back(spec, outcome, view.policy, view.day)
    verdict, reason = outcome.verdict, _reason(outcome, spec, question)
    if asks_complex(question) and verdict in _OPEN and back is not None and back.chip == "mdm":
        verdict, reason = "depends", _on_complexity(spec, outcome, view)
    return Draft(
        verdict=verdict, reason=said(reason), claims=tuple(_claims(outcome, spec, question)),
        article=_article(question, spec), codes=outcome.codes, assumptions=assumptions(spec, question),
        chips=tuple(_chips(spec, back.chip if back is not None else None)), asks_back=back, case=outcome.document,
    )  # fmt: skip


def _on_complexity(spec: Spec, outcome: Outcome, view: PolicyView) -> str:
    """Which codes the same minutes are with decision-making of moderate or high complexity, and which without."""
    asked = " and ".join(dict.fromkeys(item.code for item in outcome.refused))
    plain = decide(replace(spec.supposing("mdm", "low"), asked=()), view.policy, view.day)
    without = f"; without it the minutes are {codes_text(plain)}" if plain.billed else ""
    return (
        f"{asked}{_logged(spec)} depends on the practitioner's decision-making in the month, which must be of moderate or high "
        f"complexity and recorded{without}."
    )


def beside(draft: Draft, question: Question, view: PolicyView, choices: Mapping[str, str]) -> Draft:
    """A draft with the case that the question supposes: decided where time was given, else only written out to be tried."""
    spec = supposed(question, view, choices)
    if draft.case is not None or draft.verdict == "unknown":
        return draft
    if not question.worked:
        return replace(draft, case=case_document(spec, view.policy.on(spec.month.last_on)))
    outcome = decide(spec, view.policy, view.day)
    if outcome.unruled or outcome.verdict == "unknown":
        return draft
    contradicts = (draft.verdict in ("yes", "no") and draft.verdict != outcome.verdict) or question.has(
        "topic.twostaff"
    )
    if contradicts:
        return replace(draft, case=case_document(replace(spec, work=()), view.policy.on(spec.month.last_on)))
    told = cited(said(_reason(outcome, spec, question)), *outcome.because[0].cite) if outcome.because else None
    claims = draft.claims if told is None else (*draft.claims, told)
    return replace(draft, claims=claims, case=outcome.document, assumptions=assumptions(spec, question))


def _reason(outcome: Outcome, spec: Spec, question: Question) -> str:
    """The verdict's one sentence; a month or an amount only where it was said."""
    month = f" for {_MONTHS[spec.month.number]} {spec.month.year}" if question.month or spec.running else ""
    when = month + (_logged(spec) if question.worked else "")
    why = _spoken(outcome.because[0].says, question) if outcome.because else "the requirements are met"
    if outcome.verdict == "yes":
        reached = [found.says for found in outcome.because if "time.first_unit" in found.rule or "add_on" in found.rule]
        if question.worked:
            return f"{codes_text(outcome)} can be billed{when}: {(reached or [why])[-1]}."
        turned = [found.says for found in outcome.because if not any(part in found.rule for part in _EVERYDAY)]
        return f"{codes_text(outcome)} can be billed{when}, if what is assumed below is so: {(turned or reached or [why])[0]}."
    asked = " and ".join(dict.fromkeys(item.code for item in outcome.refused))
    beside_it = f"; {codes_text(outcome)} can" if outcome.billed else ""
    step = f" Next: {outcome.next_step}." if outcome.next_step and outcome.verdict in _OPEN else ""
    lost = next((found.says for found in outcome.because[1:] if "not counted" in found.says), None)
    uncounted = f"; {lost}" if lost is not None and question.worked else ""
    return f"{_WORDS.get(outcome.verdict, _CANNOT).format(asked=asked, when=when)}: {why}{uncounted}{beside_it}.{step}"


def _spoken(text: str, question: Question) -> str:
    """A finding's sentence; that the month is over is left out where no month was spoken of."""
    return text if question.month is not None else text.replace(_OVER, "")


def _logged(spec: Spec) -> str:
    if not spec.work:
        return ""
    own = spec.programs[0] == "cpo" and any(work.kind == "biller" for work in spec.work)
    counted = [work for work in spec.work if work.kind == "biller" or not own]
    whole = sum(work.seconds for work in counted)
    minutes, seconds = divmod(whole, 60)
    if len(counted) > 1 and not any(work.seconds % 60 for work in counted) and len(set(spec.programs)) == 1:
        return f" with {' + '.join(str(work.seconds // 60) for work in counted)} = {minutes} minutes"
    spoken = f"{minutes} minutes" if not seconds else f"{minutes} minutes {seconds} seconds"
    return f" with {spoken}{' in all' if len(counted) > 1 else ''}"


def _claims(outcome: Outcome, spec: Spec, question: Question) -> Iterator[Claim]:
    for finding in outcome.because[:_MOST_FINDINGS]:
        yield cited(said(_spoken(finding.says, question)), *(finding.cite or finding.uses))
    yield from _mixed(spec)
    if spec.fact("payer") == "medicare_advantage":
        yield cited(
            "A Medicare Advantage plan covers what Part B covers, and sets its own ways of paying: read the plan",
            "racmonitor-ma",
        )
    for line in outcome.billed:
        if line.allowed_cents and line.patient_share_cents is not None and spec.fact("payer") == "medicare_ffs":
            units = f" for {line.decision.units} units" if line.decision.units > 1 else ""
            yield cited(
                f"Medicare allows ${line.allowed_cents / 100:,.2f} nationally for {line.decision.code}{units}, of which the patient owes "
                f"${line.patient_share_cents / 100:,.2f} once the deductible is met",
                f"pprrvu-{line.on.year}",
            )


def _mixed(spec: Spec) -> Iterator[Claim]:
    """Staff's and the practitioner's minutes in one month: what may be added to what."""
    kinds = {work.kind for work in spec.work if work.program == "ccm"}
    if "biller" in kinds and len(kinds) > 1:
        yield cited(
            "The practitioner's minutes may fill up the staff total when the practitioner does the staff's work; the same minutes "
            "cannot also earn 99491, and staff minutes never count for 99491",
            "ccm.clinical_staff_time.practitioner_time_fills", "ccm.practitioner_time.staff_counts",
        )  # fmt: skip


def _chips(spec: Spec, asked: str | None) -> Iterator[tuple[str, str, bool]]:
    for data in chip_data().values():
        if data.id == "worker":
            continue
        if data.shown or data.id in spec.said or data.id == asked:
            yield data.id, spec.fact(data.id), data.id in spec.said
    if asked == "worker":
        yield "worker", spec.work[0].kind if spec.work else "rn", False


def _article(question: Question, spec: Spec) -> str:
    """The article nearest to what the case turns on."""
    program = spec.programs[0]
    for fact, value, article in (
        ("residence", "assisted_living", "ccm-assisted-living"), ("residence", "nursing_facility", "ccm-assisted-living"),
        ("residence", "snf", "ccm-stays"), ("stay", "during", "ccm-stays"), ("contractor", "yes", "ccm-contractors"),
        ("contractor", "abroad", "ccm-contractors"), ("consent", "missing", "ccm-consent"), ("died", "after", "ccm-death"),
        ("visit", "old", "ccm-initiating-visit"), ("conditions", "one", "ccm-who-is-eligible"), ("mdm", "moderate", "ccm-complex"),
    ):  # fmt: skip
        if program == "ccm" and spec.fact(fact) == value and fact in spec.said:
            return article
    if program == "cpo":
        return "hospice-oversight" if spec.fact("agency") == "hospice" else "home-health-oversight"
    kinds = {work.kind for work in spec.work}
    if program == "ccm" and "biller" in kinds:
        return "ccm-mixed-minutes" if len(kinds) > 1 else "ccm-own-time"
    payers = {
        "medicare_advantage": "payer-medicare-advantage",
        "medicaid": "payer-medicaid",
        "commercial": "payer-commercial",
    }
    if not question.worked and spec.fact("payer") in payers:
        return payers[spec.fact("payer")]
    if question.has("topic.rounding"):
        return "ccm-rounding"
    return "ccm-staff-time" if program == "ccm" else lexicon().families[program].article
