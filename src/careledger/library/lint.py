"""``library lint``: claims without citation, unknown ids, and words that contradict policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from careledger.core.errors import PolicyError
from careledger.library.article import Article, Claim
from careledger.library.fill import PLACEHOLDER, filled, in_words, known_layers, named_values, value_of
from careledger.library.fingerprint import changed_since
from careledger.library.load import FAMILIES, Library, family_notes
from careledger.library.sources import sources_of
from careledger.policy.model import PolicyValue
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView

_CODE = re.compile(r"\b(?:\d{5}|[A-Z]\d{4})\b")
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-])")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LOCATOR = re.compile(r"\b(?:CFR|FR|chapter|section|item|Pub\.)\s*[\d.-]+|\b\d+ (?:CFR|FR) [\d.-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing an editor must mend; ``stale`` ones wait for a review instead of a correction."""

    file: str
    line: int | None
    text: str
    stale: bool = False

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f':{self.line}'}: {self.text}"


def lint(library: Library, policy: Policy, today: date) -> list[Problem]:
    """Everything wrong with a library on a day."""
    view = policy.on(today)
    problems = [
        problem for article in library.articles.values() for problem in article_problems(article, library, view)
    ]
    for note in (note for notes in library.notes.values() for note in notes):
        problems += [
            Problem(note.file, claim.line, text) for claim in note.claims() for text in claim_problems(claim, view)
        ]
    for family, sections in sorted(family_notes(FAMILIES).items()):
        claims = (claim for claims in sections.values() for claim in claims)
        problems += [
            Problem(f"{family}.md", claim.line, text) for claim in claims for text in claim_problems(claim, view)
        ]
    return list(dict.fromkeys(problems))


def lint_text(library: Library, policy: Policy, today: date) -> tuple[str, int]:
    """The report and the exit status: 1 when a claim must be mended, 0 when articles merely wait for review."""
    problems = lint(library, policy, today)
    wrong = [problem for problem in problems if not problem.stale]
    lines = [str(problem) for problem in problems]
    claims = sum(len(article.claims()) for article in library.articles.values())
    stale = len({problem.file for problem in problems if problem.stale})
    lines.append(f"{len(library.articles)} articles, {claims} claims, {len(wrong)} to mend, {stale} stale")
    return "\n".join(lines), 1 if wrong else 0


def article_problems(article: Article, library: Library, view: PolicyView) -> Iterator[Problem]:
    """Problems of one article that its shared family notes do not have by themselves."""
    own = Path(article.file).name
    yield from (Problem(own, None, text) for text in _head_problems(article, library, view))
    for claim in article.claims():
        if claim not in _shared(article):
            yield from (Problem(own, claim.line, text) for text in claim_problems(claim, view))
    if not _unknown_any(article, view):
        yield from (
            Problem(own, None, f"stale: {why}", stale=True) for why in changed_since(article, view.policy, view.day)
        )


def claim_problems(claim: Claim, view: PolicyView) -> Iterator[str]:
    """What is wrong with one claim on the view's day."""
    if not claim.citations:
        yield "the claim cites nothing; name a policy value or a source id in brackets at its end"
    cited: list[PolicyValue] = []
    for id_ in (*(citation.id for citation in claim.citations), *named_values(claim.text)):
        if not known(id_, view):
            yield f"no policy value or source is called {id_}; see 'careledger policy show' and policy/data/sources.yaml"
        elif (value := value_of(view, id_)) is not None:
            cited.append(value)
    yield from _said_otherwise(claim, view)
    yield from _numbers(claim, cited)
    yield from _codes(claim.text, view.policy)


def known(id_: str, view: PolicyView) -> bool:
    """Is there a source of that id, or a policy value of that name on any day?"""
    layer, slash, name = id_.rpartition("/")
    if slash and layer not in known_layers(view.policy):
        return False
    return id_ in sources_of(view.policy) or view.policy.knows(name)


def _said_otherwise(claim: Claim, view: PolicyView) -> Iterator[str]:
    for citation in claim.citations:
        value = value_of(view, citation.id)
        if citation.says is None or value is None:
            continue
        held = _plain(value)
        if held != citation.says.lower():
            yield f"the claim rests on {citation.id} being {citation.says}, but policy says {held}"


def _plain(value: PolicyValue) -> str:
    if value.absent:
        return "absent"
    return "|".join(value.value) if isinstance(value.value, tuple) else str(value.value).lower()


def _numbers(claim: Claim, cited: list[PolicyValue]) -> Iterator[str]:
    """A number written out beside a policy value must be that value."""
    held = {
        str(value.value)
        for value in cited
        if isinstance(value.value, int | float) and not isinstance(value.value, bool)
    }
    if not held or any(citation.id and "." not in citation.id for citation in claim.citations):
        return
    text = _LOCATOR.sub(" ", _CODE.sub(" ", PLACEHOLDER.sub(" ", claim.text)))
    for number in _NUMBER.findall(_YEAR.sub(" ", text)):
        if number.replace(",", "") not in held:
            yield f"the claim says {number}, the values it cites say {', '.join(sorted(held))}; write {{{{value:...}}}}"


def _codes(text: str, policy: Policy) -> Iterator[str]:
    known_codes = set(policy.codes())
    for code in dict.fromkeys(_CODE.findall(PLACEHOLDER.sub(" ", text))):
        if code not in known_codes:
            yield f"no policy file knows the code {code}"


def _head_problems(article: Article, library: Library, view: PolicyView) -> Iterator[str]:
    if "claims" not in article.sections:
        yield "the article has no section '## Claims'"
    if not article.reason:
        yield "the article has no opening sentence that gives the reason"
    for code in article.codes:
        if code not in view.policy.codes():
            yield f"codes: no policy file knows {code}"
    for topic in article.topics:
        if topic not in view.policy.topics and not any(id_.startswith(f"{topic}.") for id_ in view.policy.ids()):
            yield f"topics: policy has no topic {topic}"
    for id_ in article.follow_up:
        if id_ not in library.articles:
            yield f"follow_up: no article has the id {id_}"
    for text in (article.title, article.reason):
        yield from _codes(text, view.policy)
    for id_ in named_values(article.reason):
        if not known(id_, view):
            yield f"the reason reads {id_}, which policy does not have"
    if not _unknown_any(article, view):
        yield from _unfilled(article, view)


def _unfilled(article: Article, view: PolicyView) -> Iterator[str]:
    for text in (article.reason, *(claim.text for claim in article.claims())):
        try:
            filled(text, view)
        except PolicyError as error:
            yield str(error)


def _unknown_any(article: Article, view: PolicyView) -> bool:
    texts = [article.reason, *(claim.text for claim in article.claims())]
    ids = [citation.id for claim in article.claims() for citation in claim.citations]
    return not all(known(id_, view) for id_ in [*ids, *(name for text in texts for name in named_values(text))])


def _shared(article: Article) -> frozenset[Claim]:
    sections = family_notes(FAMILIES).get(article.family, {}) if not article.local else {}
    return frozenset(claim for claims in sections.values() for claim in claims)


__all__ = ["Problem", "in_words", "lint", "lint_text"]
