"""An answer put together from what was decided and from the article nearest to it."""

from __future__ import annotations

from careledger.library.article import SECTIONS
from careledger.library.ask.intents import Intent
from careledger.library.ask.model import VERDICT_WORDS, AskAnswer, Statement, Verdict
from careledger.library.ask.numbering import Numbering
from careledger.library.ask.question import Question
from careledger.library.fill import filled
from careledger.library.load import load_library
from careledger.library.page import NOT_ADVICE, Page, page
from careledger.library.render import status_line
from careledger.policy.view import PolicyView


def from_article(question: Question, intent: Intent, view: PolicyView) -> AskAnswer:
    """The answer of an intent, with its article's claims behind it."""
    numbered = Numbering(view)
    verdict: Verdict = intent.verdict or "explains"
    claims = [numbered.claim(claim) for claim in intent.says]
    shown = page(load_library(), intent.article, view, question.role)
    claims, sections = _article(shown, numbered, claims)
    return AskAnswer(
        question=question.text, understood=(), mended=question.mended, verdict=verdict, word=VERDICT_WORDS[verdict],
        reason=filled(intent.reason, view) or shown.reason, claims=tuple(claims), sections=sections,
        references=tuple(numbered.references), follow_up=shown.follow_up, doubts=shown.doubts, changed=shown.changed,
        opens=shown.opens, role=question.role, article=intent.article, intent=intent.id, status=status_line(shown),
        last_updated=str(shown.article.last_updated), next_review=str(shown.article.next_review),
        policy_version=shown.policy_version, day=view.day, disclaimer=NOT_ADVICE,
    )  # fmt: skip


def from_nothing(question: Question, view: PolicyView) -> AskAnswer:
    """An honest word when nothing was recognised."""
    return AskAnswer(
        question=question.text, understood=(), mended=question.mended, verdict="unknown", word=VERDICT_WORDS["unknown"],
        reason="This library cannot answer that.", role=question.role, policy_version=view.policy.version, day=view.day,
        disclaimer=NOT_ADVICE,
    )  # fmt: skip


def _article(
    shown: Page, numbered: Numbering, claims: list[Statement]
) -> tuple[list[Statement], tuple[tuple[str, str, tuple[Statement, ...]], ...]]:
    article = shown.article
    claims += [numbered.claim(claim) for claim in article.sections.get("claims", ()) if numbered.is_new(claim)]
    keys = [section.key for section in shown.sections if section.key != "claims"]
    rows = [
        (key, SECTIONS[key], tuple(numbered.claim(claim) for claim in article.sections[key] if numbered.is_new(claim)))
        for key in keys
    ]
    return claims, tuple(row for row in rows if row[2])
