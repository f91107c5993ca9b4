"""A question in plain words, answered: understood, decided by the rules, put together with its citations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from careledger.core.errors import InputError, Place, PolicyError
from careledger.library.article import ROLES
from careledger.library.ask.cases import beside, case_draft
from careledger.library.ask.compose import composed
from careledger.library.ask.draft import Draft
from careledger.library.ask.guard import may_name, refused, without_names
from careledger.library.ask.intents import Intent, fitting
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.model import AskAnswer, Verdict
from careledger.library.ask.pairs import pair_draft, versus_draft
from careledger.library.ask.payers import chosen, told_to_others
from careledger.library.ask.question import Question
from careledger.library.ask.smaller import gone_draft, history_draft, misspelt_draft, price_draft, work_draft
from careledger.library.ask.spec import chip_data
from careledger.library.ask.understand import LONGEST, understand
from careledger.library.fill import filled
from careledger.library.load import load_library
from careledger.library.search import Index
from careledger.policy import Policy, load_policy
from careledger.policy.view import PolicyView

__all__ = ["AskAnswer", "ask"]
_NEAREST = 3
_SAFE_DAY = 28
_PERIOD = {"month": re.compile(r"20\d\d-(?:0[1-9]|1[0-2])"), "year": re.compile(r"20[12]\d")}
_MORE = {
    "payer": ("ohio_medicaid", "uhc_community_plan", "independence_blue_cross"),
    "worker": ("ma", "pharmacist", "social_worker"),
}
_PARTICULAR = 1.2
_DENIAL = re.compile(r"\b(?:true|correct|right) that\b[^?.]*(?:\bnot\b|n['’]t\b|\bcannot\b|\bnever\b)", re.IGNORECASE)
_GENERAL = "That point is not one these rules were asked about before, so this is no yes or no to it. In general:"
_HARMLESS = frozenset(
    [
        "topic.pay",
        "topic.howmany",
        "topic.define",
        "topic.need",
        "topic.program",
        "topic.eligible",
        "topic.minutes",
        "staff.physician",
        "topic.separatecode",
        "topic.together",
    ]
)
_FACTS = (
    "place.assisted_living|place.nursing_facility|place.snf|place.hospital|setting.rhc|setting.fqhc"
    "|setting.hospital_outpatient|payer.medicare_advantage|payer.medicaid|payer.commercial|staff.nurse|staff.ma"
    "|staff.pharmacist|staff.social_worker|staff.clerk|staff.vendor|staff.abroad|staff.np|staff.pa|topic.one|topic.three"
)


def ask(
    text: str,
    role: str | None = None,
    on: date | None = None,
    choices: Mapping[str, str] | None = None,
    policy: Policy | None = None,
) -> AskAnswer:
    """The answer to a question. Nothing of the text is logged or kept.

    Args:
        role: who reads (physician, care_manager, biller, medical_director, compliance_officer, patient).
        on: the day of asking; today when None.
        choices: facts chosen on chips, by chip: payer, residence, setting, month, relation and others.
    """
    _check(role, choices or {})
    day = on or date.today()  # noqa: DTZ011 - the user's own calendar day is meant
    plain, named = without_names(text[: LONGEST + 1])
    question = chosen(understand(plain, day, role), choices or {})
    facts = _with_year(question, day, choices or {})
    view = (policy or load_policy()).on(_day_in(day, facts))
    draft = refused(text, question) or _decided(question, view, facts)
    lost = draft is None or draft.verdict == "unknown" or draft.reason.startswith(_GENERAL)
    near = _near(question, view) if lost else ()
    answer = composed(question, _with_chips(draft or _unknown(), question, view), view, near)
    return replace(answer, question=None, mended=()) if named or may_name(question) else answer


def _with_year(question: Question, day: date, choices: Mapping[str, str]) -> dict[str, str]:
    """What was chosen, with the year that the question names where it names no month of it."""
    if (
        question.year is None
        or question.month is not None
        or question.year == day.year
        or {"year", "month"} & set(choices)
    ):
        return dict(choices)
    return {**choices, "year": str(question.year)}


def _day_in(day: date, choices: Mapping[str, str]) -> date:
    """The day of asking, moved into the year that was chosen."""
    year = int(choices.get("year", day.year))
    return day if year == day.year else date(year, day.month, min(day.day, _SAFE_DAY))


def _with_chips(draft: Draft, question: Question, view: PolicyView) -> Draft:
    """A draft with the facts that any answer may turn on: payer, setting, year."""
    if draft.verdict == "unknown":
        return draft
    shown = {id_ for id_, _, _ in draft.chips}
    more = [_stated(id_, question) for id_ in ("payer", "setting") if id_ not in shown]
    year = ("year", str(view.day.year), False)
    return replace(draft, chips=(*draft.chips, *more, year))


def _check(role: str | None, choices: Mapping[str, str]) -> None:
    """InputError when a role or a chosen fact is none that is known."""
    if role is not None and role not in ROLES:
        raise InputError(Place("role"), "no reader has this role", f"known are {', '.join(ROLES)}")
    for chip, value in choices.items():
        if chip in ("month", "year"):
            if not _PERIOD[chip].fullmatch(value):
                raise InputError(Place(f"choice {chip}"), "this is no month or year", "write 2026-03 or 2026")
        elif chip not in chip_data():
            raise InputError(
                Place("choice"), "no fact has this name", f"known are month, year, {', '.join(chip_data())}"
            )
        elif value not in (known := (*(one for one, _ in chip_data()[chip].options), *_MORE.get(chip, ()))):
            raise InputError(Place(f"choice {chip}"), "the fact has no such value", f"known are {', '.join(known)}")


def _decided(question: Question, view: PolicyView, choices: dict[str, str]) -> Draft | None:
    """The first way of deciding that has an answer, with the question's wrong premises set right beside it."""
    found = list(fitting(question, view))
    premises = [intent for intent in found if intent.premise]
    draft = next((draft for draft in _ways(question, view, choices, found) if draft is not None), None)
    if draft is None:
        return None
    corrections = tuple(claim for intent in premises if intent.id != draft.intent for claim in intent.says[:1])
    also = tuple(dict.fromkeys(intent.article for intent in found if intent.article != draft.article))[:_NEAREST]
    knows = draft.case is not None or any(intent.id == draft.intent and intent.knows_payer for intent in found)
    draft = beside(told_to_others(draft, question, knows_payer=knows), question, view, choices)
    return _as_asked(replace(draft, corrections=(*draft.corrections, *corrections), also=also), question)


def _as_asked(draft: Draft, question: Question) -> Draft:
    """The verdict as an answer to a denial: "is it true that it cannot be billed" is answered no where it can."""
    if not _DENIAL.search(question.text) or draft.verdict not in ("yes", "no"):
        return draft
    reason = re.sub(r"^(?:No|Yes)[:,] ", "", draft.reason)
    if draft.verdict == "yes":
        return replace(draft, verdict="no", reason=f"That is not so: {reason}")
    return replace(draft, verdict="yes", reason=f"That is so: {reason}")


def _ways(question: Question, view: PolicyView, choices: dict[str, str], found: list[Intent]) -> Iterator[Draft | None]:
    """Ways of deciding, the most particular first."""
    yield from (_told(intent, view, question) for intent in found if intent.first)
    yield gone_draft(question, view)
    yield misspelt_draft(question, view)
    if question.worked:
        yield case_draft(question, view, choices)
    if question.has("topic.counts") and (_names_work(question) or not found or found[0].weight < _PARTICULAR):
        yield work_draft(question, view)
    if _several(question) and question.has("topic.versus|topic.better"):
        yield versus_draft(question, view)
    if _several(question):
        yield pair_draft(question, view, choices.get("relation", question.relation))
    if _asks_price(question):
        yield price_draft(question, view)
    if found and not found[0].engine:
        yield _told(found[0], view, question)
    if found or (question.families and (question.counts or question.has(_FACTS))):
        yield case_draft(question, view, choices)
    yield from (_told(intent, view, question) for intent in found[:1])
    yield history_draft(question, view)


def _asks_price(question: Question) -> bool:
    """Is an amount asked for: what Medicare pays for it, or what the patient owes of a code that was named?"""
    share = question.has("topic.copay")
    wanted = question.has("topic.amount|topic.whatshare") if share else question.has("topic.amount")
    return wanted and question.payer in (None, "medicare") and (not share or bool(question.codes or question.families))


def _names_work(question: Question) -> bool:
    return any(concept.startswith("act.") for concept in question.concepts)


def _several(question: Question) -> bool:
    strangers = [code for code in question.codes if lexicon().family_of(code) is None]
    more = len(strangers) if question.has("topic.together|topic.mixed") else 0
    return len(question.families) + more > 1 or len(question.codes) > 1


def _told(intent: Intent, view: PolicyView, question: Question) -> Draft | None:
    """The intent's own answer; None where its article tells of rules that did not hold on the day."""
    article = load_library().article(intent.article)
    try:
        reason = filled(intent.reason or article.reason, view)
    except PolicyError:
        return None
    verdict: Verdict = intent.verdict or "explains"
    if intent.fallback and _has_more(question):
        verdict, reason = "explains", f"{_GENERAL} {reason}"
    return Draft(
        verdict=verdict, reason=reason, claims=intent.says, article=intent.article, intent=intent.id,
        codes=tuple((code, 1) for code in intent.codes), chips=tuple(_stated(chip, question) for chip in intent.chips),
    )  # fmt: skip


def _has_more(question: Question) -> bool:
    """Did the question say something that a general answer does not speak of?"""
    more = [one for one in question.concepts if one.startswith(("staff.", "place.", "setting.", "topic.", "act."))]
    strange = any(lexicon().family_of(code) is None for code in question.codes)
    return strange or bool(question.rest) or any(one not in _HARMLESS for one in more)


def _stated(chip: str, question: Question) -> tuple[str, str, bool]:
    """A chip with what was said of it, or what is usual."""
    said = {"payer": question.payer, "setting": question.setting, "residence": question.place}.get(chip)
    value = "medicare_ffs" if said == "medicare" else said
    return (chip, chip_data()[chip].usual, False) if value is None else (chip, value, True)


def _unknown() -> Draft:
    return Draft(
        verdict="unknown",
        reason="These rules and articles do not answer that, and a guess would not help you; name a code, a service or a payer, or see the articles below.",
    )


def _near(question: Question, view: PolicyView) -> tuple[tuple[str, str], ...]:
    library = load_library()
    hits = _index(view.policy.version).search(question.text, limit=_NEAREST, kinds=("article",)).hits
    return tuple((hit.id, library.articles[hit.id].title) for hit in hits)


@lru_cache(maxsize=2)
def _index(_version: str) -> Index:
    day = date.today()  # noqa: DTZ011 - titles of articles do not depend on the day
    return Index(load_library(), load_policy().on(day))
