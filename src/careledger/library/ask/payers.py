"""Facts chosen on chips, read as if they had been said; and Medicare's rules told to those whom another payer pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from careledger.library.ask.draft import Draft, cited
from careledger.library.ask.lexicon import Mention
from careledger.library.ask.question import Question

_KINDS = {"payer": "payer.", "residence": "place.", "setting": "setting.", "agency": "place."}
_NOTHING = frozenset(["none", "home", "office"])
_ALONE = frozenset(["commercial", "medicaid", "ohio_medicaid", "uhc_community_plan", "independence_blue_cross"])
_NAMES = {
    "commercial": "the commercial plan", "medicaid": "the State's Medicaid program", "ohio_medicaid": "Ohio Medicaid",
    "uhc_community_plan": "UnitedHealthcare Community Plan", "independence_blue_cross": "Independence Blue Cross",
}  # fmt: skip


def chosen(question: Question, choices: Mapping[str, str]) -> Question:
    """The question as if what was chosen on chips had been said in it."""
    for chip, value in choices.items():
        if chip not in _KINDS:
            continue
        start = _KINDS[chip]
        concept = start + ("medicare" if value == "medicare_ffs" else value)
        kept = tuple(row for row in question.mentions if not row.concept.startswith(start))
        said = frozenset(one for one in question.concepts if not one.startswith(start))
        more = () if value in _NOTHING else (Mention(concept, 0, 0, 0, 0),)
        question = replace(question, mentions=(*kept, *more), concepts=said | {row.concept for row in more})
    return question


def told_to_others(draft: Draft, question: Question, *, knows_payer: bool) -> Draft:
    """Medicare's answer, marked as such where the asker spoke of another payer whose rules were not consulted."""
    payer = question.payer
    if payer in (None, "medicare") or knows_payer or draft.verdict not in ("yes", "no", "depends", "explains"):
        return draft
    if payer == "medicare_advantage":
        more = cited(
            "A Medicare Advantage plan covers what Part B covers, and sets its own ways of paying: read the plan",
            "racmonitor-ma",
        )
        return replace(draft, claims=(*draft.claims, more))
    if payer not in _ALONE or draft.verdict == "explains":
        return draft
    reason = f"Medicare's rule: {_within(draft.reason)} Whether {_NAMES[str(payer)]} follows it stands in its own policy or contract: ask it."
    return replace(draft, verdict="person_decides", reason=reason, codes=())


def _within(sentence: str) -> str:
    """A sentence as it continues another; names, codes and abbreviations keep their capitals."""
    first = sentence.partition(" ")[0]
    keeps = first.startswith("Medicare") or first[1:2].isupper() or first[1:2].isdigit()
    return sentence if keeps else sentence[:1].lower() + sentence[1:]
