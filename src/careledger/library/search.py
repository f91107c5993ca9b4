"""Search across articles, rules, policy values, codes and sources: SQLite's full text, typos mended, synonyms added."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from careledger.library.fill import filled, in_words
from careledger.library.load import Library
from careledger.library.sources import sources_of
from careledger.policy.model import PolicyValue
from careledger.policy.strict_yaml import load_path
from careledger.policy.view import PolicyView
from careledger.rules.registry import REQUIREMENTS

KINDS = ("article", "code", "rule", "value", "source")
LONGEST = 300
"""Characters of a question that are read; what is longer is cut, so that no input makes a search slow."""

_WEIGHT = {"article": 1.0, "code": 0.8, "rule": 0.5, "value": 0.45, "source": 0.4}
_WORD = re.compile(r"[^\W_]+")
_EMPTY_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "may",
        "my",
        "of",
        "on",
        "or",
        "our",
        "the",
        "their",
        "to",
        "we",
        "what",
        "when",
        "which",
        "who",
        "with",
        "you",
        "your",
        "bill",
        "billed",
    ]
)
_SYNONYMS = Path(__file__).parent / "data" / "synonyms.yaml"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: ``score`` is higher for better, comparable within one search only."""

    kind: str
    id: str
    title: str
    excerpt: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, and the words that were read as others."""

    hits: tuple[Hit, ...]
    mended: tuple[tuple[str, str], ...]


class Index:
    """A full-text index in memory over the library and policy on one day."""

    def __init__(self, library: Library, view: PolicyView) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute(
            "CREATE VIRTUAL TABLE doc USING fts5(kind UNINDEXED, id, title, body, tokenize='porter unicode61', prefix='3')"
        )
        self._db.executemany("INSERT INTO doc VALUES (?, ?, ?, ?)", documents(library, view))
        self._db.execute("CREATE VIRTUAL TABLE vocab USING fts5vocab(doc, row)")
        self._words = _vocabulary(documents(library, view))
        self._near = _deletions(self._words)

    def search(self, text: str, *, limit: int = 10, kinds: Iterable[str] = KINDS) -> Found:
        """The best hits for words in any order; nothing for a text without words."""
        words = [word.lower() for word in _WORD.findall(text[:LONGEST])]
        asked = [word for word in dict.fromkeys(words) if word not in _EMPTY_WORDS] or list(dict.fromkeys(words))
        mended = tuple((word, near) for word in asked if (near := self._mend(word)) != word)
        plain = [dict(mended).get(word, word) for word in asked[:24]]
        if not plain:
            return Found((), ())
        query = " OR ".join(_quoted(term) for term in [*plain, *_synonyms_of(plain)])
        return Found(tuple(self._hits(query, limit, frozenset(kinds))), mended)

    def _hits(self, query: str, limit: int, kinds: frozenset[str]) -> Iterator[Hit]:
        rows = self._db.execute(
            "SELECT kind, id, title, snippet(doc, 3, '', '', ' ... ', 18), bm25(doc, 0, 4.0, 6.0, 1.0)"
            " FROM doc WHERE doc MATCH ? ORDER BY bm25(doc, 0, 4.0, 6.0, 1.0) LIMIT 200",
            (query,),
        )
        hits = [
            Hit(kind, id_, title, cut, -score * _WEIGHT[kind]) for kind, id_, title, cut, score in rows if kind in kinds
        ]
        yield from sorted(hits, key=lambda hit: -hit.score)[:limit]

    def _mend(self, word: str) -> str:
        """The known word within one slip (two in long words) of an unknown one; the word itself otherwise."""
        if word in self._words or len(word) < 4 or word.isdigit():
            return word
        near = {known for form in _forms(word, 2 if len(word) > 7 else 1) for known in self._near.get(form, ())}
        near = {known for known in near if abs(len(known) - len(word)) <= 2}
        return max(near, key=lambda known: (-_distance(word, known), self._words[known], known), default=word)


def documents(library: Library, view: PolicyView) -> Iterator[tuple[str, str, str, str]]:
    """Kind, id, title and body of everything that can be found."""
    for article in library.articles.values():
        claims = " ".join(filled(claim.text, view) for claim in article.claims())
        codes = " ".join(article.codes)
        yield (
            "article",
            article.id,
            f"{article.title} {article.question}",
            f"{filled(article.reason, view)} {codes} {claims}",
        )
    for code in view.policy.codes():
        facts = view.code(code)
        yield "code", code, f"{code} {facts.says}", f"{facts.family} {facts.role} {facts.note or ''}"
    for program, rules in REQUIREMENTS.items():
        for rule in rules:
            yield "rule", rule.id, f"{program} {rule.id.replace('.', ' ').replace('_', ' ')}", _first_line(rule)
    for id_ in view.ids():
        value = view.peek(id_)
        if value is not None and not id_.startswith(("conflicts.", "ncci.")):
            yield "value", id_, id_.replace(".", " ").replace("_", " "), _value_body(value)
    for row in view.policy.conflict_rows():
        yield "value", f"conflicts.{row.id}", row.says, " ".join(sorted(row.a | row.b))
    for source in sources_of(view.policy).values():
        yield "source", source.id, source.title, f"{source.issuer} {source.locator} {source.kind} {source.note or ''}"


@lru_cache(maxsize=4)
def _synonym_groups() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(str(word).lower() for word in group) for group in load_path(_SYNONYMS).data["groups"])


def _synonyms_of(words: list[str]) -> list[str]:
    text = f" {' '.join(words)} "
    groups = (group for group in _synonym_groups() if any(f" {word} " in text for word in group))
    return list(dict.fromkeys(word for group in groups for word in group if word not in words))


def _quoted(term: str) -> str:
    return '"' + term.replace('"', "") + '"'


def _value_body(value: PolicyValue) -> str:
    return f"{'none' if value.absent else in_words(value.value)} {value.note or ''}"


def _first_line(rule: object) -> str:
    doc = getattr(getattr(rule, "test", rule), "__doc__", None) or ""
    return doc.strip().partition("\n")[0]


def _vocabulary(docs: Iterable[tuple[str, str, str, str]]) -> dict[str, int]:
    """Words with how often they stand in articles, codes and synonyms."""
    counts: dict[str, int] = defaultdict(int)
    for _, id_, title, body in docs:
        for word in _WORD.findall(f"{id_} {title} {body}".lower()):
            counts[word] += 1
    for group in _synonym_groups():
        for word in _WORD.findall(" ".join(group)):
            counts[word] += 1
    return dict(counts)


def _deletions(words: dict[str, int]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= 4 and not word.isdigit():
            for form in _forms(word, 2 if len(word) > 7 else 1):
                found[form].append(word)
    return dict(found)


def _forms(word: str, slips: int) -> set[str]:
    """The word with up to so many letters left out."""
    forms = {word}
    for _ in range(slips):
        forms |= {form[:at] + form[at + 1 :] for form in forms for at in range(len(form))}
    return forms


def _distance(one: str, other: str) -> int:
    """Edit distance in which two neighbouring letters may change places."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, mate in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != mate))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == mate:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
