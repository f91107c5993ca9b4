"""An answer put together from a draft and from the article nearest to it, in a reader's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from careledger.core.errors import PolicyError
from careledger.library.article import SECTIONS
from careledger.library.ask.draft import Draft
from careledger.library.ask.lexicon import DATA, lexicon
from careledger.library.ask.model import VERDICT_WORDS, AskAnswer, Chip, Option, Statement, Verdict
from careledger.library.ask.numbering import Numbering
from careledger.library.ask.question import Question
from careledger.library.ask.spec import chip_data
from careledger.library.load import load_library
from careledger.library.page import NOT_ADVICE, Page, page
from careledger.library.render import status_line
from careledger.policy.fees import load_fees
from careledger.policy.strict_yaml import load_path
from careledger.policy.view import PolicyView

Section = tuple[str, str, tuple[Statement, ...]]


def composed(
    question: Question, draft: Draft, view: PolicyView, nearest: tuple[tuple[str, str], ...] = ()
) -> AskAnswer:
    """The answer a reader sees."""
    numbered = Numbering(view)
    shown = _page(draft.article, view, question.role)
    corrections = tuple(numbered.claim(claim) for claim in draft.corrections)
    claims = tuple(numbered.claim(claim) for claim in draft.claims if numbered.is_new(claim))
    more, sections = _of_article(shown, numbered, draft)
    return AskAnswer(
        question=question.text, understood=tuple(understood(question)), mended=question.mended, verdict=draft.verdict,
        word=VERDICT_WORDS[draft.verdict], reason=_sentence(draft.reason), corrections=corrections,
        claims=(*claims, *more), sections=sections, references=tuple(numbered.references), codes=draft.codes,
        assumptions=draft.assumptions,
        for_you=_for_you(question.role, draft.verdict), depends_on=tuple(_chip(*one) for one in draft.chips), asks_back=draft.asks_back,
        nearest=nearest, role=question.role, article=draft.article, intent=draft.intent, case=draft.case,
        policy_version=view.policy.version, day=view.day, disclaimer=NOT_ADVICE, **_from_page(shown, draft),
    )  # fmt: skip


def understood(question: Question) -> Iterator[str]:
    """What was recognised, in words."""
    families = lexicon().families
    yield from (families[one].says for one in question.families)
    if question.codes:
        yield f"code {', '.join(question.codes)}"
    names = _words()
    yield from (names[one] for one in sorted(question.concepts) if one in names)
    if question.month is not None:
        yield f"month {question.month}"
    for amount in question.worked:
        minutes, seconds = divmod(amount.seconds, 60)
        who = names.get(amount.who or "", "you" if amount.who == "self" else "")
        yield f"{minutes} minutes{f' {seconds} seconds' if seconds else ''}{f' by {who}' if who else ''}"


def _page(article: str | None, view: PolicyView, role: str | None) -> Page | None:
    """The article's page; None where there is no article, or where it tells of rules that did not hold on the day."""
    try:
        return None if article is None else page(load_library(), article, view, role)
    except PolicyError:
        return None


def _from_page(shown: Page | None, draft: Draft) -> dict[str, Any]:
    if shown is None:
        missing = f"The article {draft.article} tells of rules that were not in force on the day asked about."
        return {"status": "" if draft.article is None else missing, "opens": None}
    questions = load_library().articles
    others = [other for other, _ in shown.follow_up]
    return {
        "follow_up": tuple((id_, questions[id_].question) for id_ in dict.fromkeys((*draft.also, *others))), "doubts": shown.doubts, "changed": shown.changed, "opens": shown.opens,
        "status": status_line(shown), "last_updated": str(shown.article.last_updated),
        "next_review": str(shown.article.next_review),
    }  # fmt: skip


def _of_article(
    shown: Page | None, numbered: Numbering, draft: Draft
) -> tuple[tuple[Statement, ...], tuple[Section, ...]]:
    """The article's claims after our own, and its further sections in the reader's order."""
    if shown is None:
        return (), ()
    article = shown.article
    claims = [claim for claim in article.sections.get("claims", ()) if numbered.is_new(claim)]
    said = tuple(numbered.claim(claim) for claim in claims)
    rows = [
        (section.key, SECTIONS[section.key], tuple(numbered.claim(claim) for claim in article.sections[section.key]))
        for section in shown.sections
        if section.key != "claims"
    ]
    return said, tuple(rows)


def _chip(id_: str, chosen: str, stated: bool) -> Chip:
    if id_ == "year":
        years = sorted({chosen, *(str(release.since.year) for release in load_fees().releases)})
        return Chip("year", "year", tuple(Option(year, year) for year in years), chosen, stated)
    data = chip_data()[id_]
    options = tuple(Option(value, says) for value, says in data.options)
    if chosen not in {option.value for option in options}:
        options = (*options, Option(chosen, chosen.replace("_", " ")))
    return Chip(id_, data.says, options, chosen, stated)


def _for_you(role: str | None, verdict: Verdict) -> str | None:
    """What the verdict means for the reader who asks, where it is one."""
    if role is None or verdict in ("unknown", "explains"):
        return None
    return str(_data()["for_you"][role][verdict if verdict in ("yes", "no") else "open"])


def said(text: str) -> str:
    """The engine's sentence with its short words written out."""
    for short, words in _data()["said"].items():
        text = re.sub(rf"\b{re.escape(str(short))}\b", str(words), text)
    return text


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_path(DATA / "words.yaml").data
    return data


def _words() -> dict[str, str]:
    return {str(key): str(value) for key, value in _data()["concepts"].items()}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
