"""An article as a reader sees it on a day: filled, referenced, ordered for a role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from careledger.core.errors import Place
from careledger.library.article import ROLES, SECTIONS, Article, Claim, Status
from careledger.library.fill import filled, in_words, value_of
from careledger.library.fingerprint import changed_since, cited_ids
from careledger.library.load import Library, LibraryError
from careledger.library.references import Reference, references_of
from careledger.library.sources import sources_of
from careledger.policy.model import PolicyValue
from careledger.policy.strict_yaml import load_path
from careledger.policy.view import PolicyView

NOT_ADVICE = "This is information about billing rules, not legal advice; the payer's own text decides."
_ROLES = Path(__file__).parent / "data" / "roles.yaml"


@dataclass(frozen=True, slots=True)
class Line:
    """A claim with its number on the page, the numbers of its references and the policy values it names."""

    number: int
    text: str
    references: tuple[int, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A headed list of claims."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything a page shows; ``status`` is stale when something cited has moved, whatever the file says."""

    article: Article
    role: str | None
    opens: str | None
    verdict: str
    reason: str
    sections: tuple[Section, ...]
    references: tuple[Reference, ...]
    changed: tuple[str, ...]
    doubts: tuple[str, ...]
    local_notes: tuple[str, ...]
    follow_up: tuple[tuple[str, str], ...]
    status: Status
    stale_because: tuple[str, ...]
    policy_version: str
    day: date


def page(library: Library, id_: str, view: PolicyView, role: str | None = None) -> Page:
    """The page of an article for a reader on the view's day; LibraryError for an unknown id or role."""
    article = library.article(id_)
    settings = _settings(role)
    numbered = _Numbering(view)
    order = [key for key in settings.get("first", SECTIONS) if key in article.sections]
    sections = tuple(numbered.section(key, article.sections[key]) for key in order)
    notes = tuple(filled(claim.text, view) for note in library.notes.get(id_, ()) for claim in note.claims())
    stale = changed_since(article, view.policy, view.day)
    return Page(
        article=article, role=role, opens=settings.get("opens"), verdict=_table()["verdicts"][article.verdict],
        reason=_sentence(filled(article.reason, view)), sections=sections, references=tuple(numbered.references),
        changed=changed_last_year(article, view), doubts=doubts(article, view), local_notes=notes,
        follow_up=tuple((other, library.articles[other].title) for other in article.follow_up if other in library.articles),
        status=_status(article, stale), stale_because=stale, policy_version=view.policy.version, day=view.day,
    )  # fmt: skip


def changed_last_year(article: Article, view: PolicyView) -> tuple[str, ...]:
    """Values the article cites that were others a year before the view's day."""
    before = view.policy.on(_year_before(view.day))
    lines = []
    for id_ in cited_ids(article):
        old, new = value_of(before, id_), value_of(view, id_)
        if new is not None and (old is None or old.value != new.value):
            said = "not in policy" if old is None else in_words(old.value)
            lines.append(f"{_spoken(id_)}: {said} before, {in_words(new.value)} since {new.since}")
    return tuple(lines)


def doubts(article: Article, view: PolicyView) -> tuple[str, ...]:
    """Cited values whose sources disagree, or for which no source was found."""
    values = [(id_, value) for id_ in cited_ids(article) if (value := value_of(view, id_)) is not None]
    disputed = [f"{_spoken(id_)}: sources disagree; {value.note}" for id_, value in values if value.disputed]
    open_ = [f"{_spoken(id_)}: {_open(value)}" for id_, value in values if not value.confirmed and not value.disputed]
    return (*disputed, *open_)


def _open(value: PolicyValue) -> str:
    return "not confirmed in a source" + (f"; {value.note}" if value.note else "")


class _Numbering:
    """Claims and references numbered through the page, each reference once."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self.references: list[Reference] = []
        self._claims = 0

    def section(self, key: str, claims: tuple[Claim, ...]) -> Section:
        return Section(key, SECTIONS[key], tuple(self._line(claim) for claim in claims))

    def _line(self, claim: Claim) -> Line:
        self._claims += 1
        numbers = tuple(self._number(reference) for reference in references_of(claim, self.view))
        values = tuple(citation.id for citation in claim.citations if citation.id not in sources_of(self.view.policy))
        return Line(self._claims, _sentence(filled(claim.text, self.view)), tuple(sorted(numbers)), values)

    def _number(self, reference: Reference) -> int:
        if reference not in self.references:
            self.references.append(reference)
        return self.references.index(reference) + 1


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    data: dict[str, Any] = load_path(_ROLES).data
    return data


def _settings(role: str | None) -> dict[str, Any]:
    if role is None:
        return {}
    if role not in ROLES:
        raise LibraryError(Place("role"), "no reader has this role", f"known are {', '.join(ROLES)}")
    settings: dict[str, Any] = _table()["roles"][role]
    return settings


def _status(article: Article, stale: tuple[str, ...]) -> Status:
    return "stale" if stale and article.status in ("submitted", "under_review", "approved") else article.status


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def _sentence(text: str) -> str:
    """Text with a capital letter first, since a filled value may begin it."""
    return text[:1].upper() + text[1:]


def _spoken(id_: str) -> str:
    return id_.replace("_", " ").replace(".", ", ")
