"""The library as a clinic sees it: our articles, its own, and where each stands with its reviewers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from careledger.library.article import Article, read_article
from careledger.library.ask import AskAnswer
from careledger.library.ask.cases import case_draft
from careledger.library.ask.compose import composed
from careledger.library.ask.understand import understand
from careledger.library.load import FAMILIES, Library, complete, family_notes, load_library
from careledger.library.page import Page, page
from careledger.library.search import Found, Hit, Index
from careledger.library.workflow import Event, State, shown_version, state_of
from careledger.policy.view import PolicyView
from careledger.web.billing.queries import policy
from careledger.web.library.models import EditorialAct

PAYERS = (
    ("medicare_ffs", "Medicare (Part B)"),
    ("medicare_advantage", "Medicare Advantage"),
    ("medicaid", "Medicaid"),
    ("commercial", "a commercial plan"),
)
SETTINGS = (
    ("office", "an office"),
    ("hospital_outpatient", "a hospital outpatient department"),
    ("rhc", "a rural health clinic"),
    ("fqhc", "a federally qualified health center"),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader chose on the chips of an article."""

    role: str | None
    payer: str
    setting: str
    year: int

    @property
    def is_usual(self) -> bool:
        """Is it the case the article was written for: Part B, an office?"""
        return self.payer == "medicare_ffs" and self.setting == "office"


def histories() -> dict[str, tuple[Event, ...]]:
    """Every article's acts in this clinic, by article."""
    found: dict[str, list[Event]] = defaultdict(list)
    for row in EditorialAct.objects.all():
        found[row.article].append(event_of(row))
    return {article: tuple(events) for article, events in found.items()}


def history(article: str) -> tuple[Event, ...]:
    """The acts on one article in this clinic."""
    return tuple(event_of(row) for row in EditorialAct.objects.filter(article=article))


def event_of(row: Any) -> Event:
    """A row as an event of the workflow."""
    return Event(
        article=row.article, act=row.act, by=row.by, role=row.role, at=row.at, text=row.text or None,
        reason=row.reason or None, fingerprint=row.fingerprint or None,
    )  # fmt: skip


def library_of(events: dict[str, tuple[Event, ...]]) -> Library:
    """Our articles with the clinic's own beside them and its notes over them, each with its standing in the clinic."""
    base = load_library()
    articles = dict(base.articles)
    notes: dict[str, tuple[Article, ...]] = {}
    for id_, acts in events.items():
        article = standing(id_, state_of(acts), base)
        if article.overlays is None:
            articles[id_] = article
        elif article.overlays in base.articles and article.status == "approved":
            notes[article.overlays] = (*notes.get(article.overlays, ()), article)
    return Library(articles, notes)


def standing(id_: str, state: State, base: Library) -> Article:
    """An article in the version readers see, with the status its history gives it."""
    text, _ = shown_version(state)
    own = base.articles.get(id_)
    if own is not None and own.text == text:
        article = own
    else:
        article = complete(read_article(text, f"{id_}.md", local=own is None), family_notes(FAMILIES))
    assert state.status is not None
    approved = state.approved is not None
    return replace(
        article, status=state.status, status_reason=state.reason,
        reviewer="reviewed" if approved else None, reviewer_role=state.reviewer_role if approved else article.reviewer_role,
        fingerprint=state.fingerprint or article.fingerprint,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _index(day: date) -> Index:
    return Index(load_library(), policy().on(day))


def found(words: str, day: date, library: Library) -> Found:
    """What a search finds, the clinic's own articles first."""
    readable = _index(day).search(words, limit=12, kinds=("article", "code"))
    behind = _index(day).search(words, limit=12, kinds=("rule", "value", "source"))
    own = [one for one in library.articles.values() if one.local and _speaks_of(one, words)]
    local = tuple(Hit("article", one.id, one.title, one.reason, 0.0) for one in own)
    titled = tuple(replace(hit, title=_title(hit, library)) for hit in readable.hits)
    return Found((*local, *titled, *_once(behind.hits)), readable.mended)


def _title(hit: Hit, library: Library) -> str:
    return library.articles[hit.id].title if hit.kind == "article" else hit.title


def _once(hits: tuple[Hit, ...]) -> Iterator[Hit]:
    """Each rule once: one that stands for several codes is found once for each."""
    seen: set[str] = set()
    for hit in hits:
        if hit.id not in seen:
            seen.add(hit.id)
            yield hit


def _speaks_of(article: Article, words: str) -> bool:
    text = f"{article.title} {article.question} {article.reason} {' '.join(article.codes)}".lower()
    return all(word in text for word in words.lower().split())


def view_for(choices: Choices, today: date) -> PolicyView:
    """Policy for the chosen payer on the chosen year's day: today in this year, else the year's last day."""
    day = today if choices.year == today.year else date(choices.year, 12, 31)
    payer = choices.payer if choices.payer in policy().payers else "medicare_ffs"
    return policy().on(day, payer)


def page_for(library: Library, article_id: str, choices: Choices, today: date) -> Page:
    """An article's page for a reader and the facts chosen."""
    return page(library, article_id, view_for(choices, today), choices.role)


def engine_says(article: Article, choices: Choices, today: date) -> AskAnswer | None:
    """What the rules decide of the article's first code in a sound case with the chosen facts; None without a case."""
    day = today if choices.year == today.year else date(choices.year, 12, 31)
    facts = {"payer": choices.payer, "setting": choices.setting, "month": f"{day.year}-{day.month:02}"}
    view = policy().on(day)
    for code in article.codes[:2]:
        question = understand(f"Can you bill {code}?", day, choices.role)
        draft = case_draft(question, view, facts)
        if draft is not None:
            return composed(question, draft, view, ())
    return None


def years(today: date) -> range:
    """The years a reader may ask about: from 2024, where policy begins to be whole, to this one."""
    return range(2024, today.year + 1)
