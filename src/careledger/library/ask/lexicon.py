"""The words of the field: phrases to concepts, with slips of the pen mended."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from careledger.policy.strict_yaml import load_path

DATA = Path(__file__).parent / "data"
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
_TOKEN = re.compile(r"[^\W_]+(?:\.\d+)?")
_LEAST_FOR_MENDING = 5
_LONG = 8


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the question as it is compared, and where it stands in the text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept, the tokens it was read from (first, last + 1) and the place in the text."""

    concept: str
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Family:
    """A group of codes that is asked about by one name; ``program`` is the engine's, where it decides it."""

    id: str
    says: str
    codes: tuple[str, ...]
    program: str | None
    article: str


@dataclass(frozen=True)
class Lexicon:
    """Everything the data file says, made ready for matching."""

    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]]
    implies: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    families: dict[str, Family]
    words: frozenset[str]

    def family_of(self, code: str) -> Family | None:
        """The family that holds a code."""
        return next((family for family in self.families.values() if code in family.codes), None)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The package's lexicon."""
    data: dict[str, Any] = load_path(DATA / "lexicon.yaml").data
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for concept, wordings in data["concepts"].items():
        for wording in wordings:
            words = tuple(token.word for token in tokens(str(wording)))
            phrases[words[0]].append((words, concept))
    return Lexicon(
        phrases={first: tuple(rows) for first, rows in phrases.items()},
        implies={key: tuple(values) for key, values in data["implies"].items()},
        numbers={" ".join(t.word for t in tokens(str(key))): int(value) for key, value in data["numbers"].items()},
        families={key: _family(key, row) for key, row in data["families"].items()},
        words=frozenset(word for rows in phrases.values() for words, _ in rows for word in words) | frozenset(MONTHS),
    )


def _family(id_: str, row: dict[str, Any]) -> Family:
    codes = tuple(str(code) for code in row["codes"])
    return Family(id_, str(row["says"]), codes, row.get("program"), str(row["article"]))


def tokens(text: str) -> list[Token]:
    """Words of a text without case, apostrophes and plural endings."""
    plain = text.lower().replace("\u2019", "'").replace("24/7", "24x7").replace("24-7", "24x7")
    plain = plain.replace("n't", "n t").replace("%", " percent")
    found = []
    for match in _TOKEN.finditer(plain):
        if match[0] == "s" and match.start() and plain[match.start() - 1] == "'":
            continue
        found.append(Token(stem(match[0]), match.start(), match.end()))
    return found


def stem(word: str) -> str:
    """A word without the ending of a plural."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) and not word[0].isdigit():
        return word[:-1]
    return word


def mended(found: list[Token], known: frozenset[str]) -> tuple[list[Token], tuple[tuple[str, str], ...]]:
    """Tokens with slips in long words put right, and what was read as what; ``known`` are words that are no slips."""
    words = lexicon().words
    read: list[Token] = []
    changes: dict[str, str] = {}
    for token in found:
        near = None if token.word in words or token.word in known else _nearest(token.word, words)
        if near is not None:
            changes[token.word] = near
        read.append(token if near is None else Token(near, token.start, token.end))
    return read, tuple(changes.items())


@lru_cache(maxsize=2048)
def _nearest(word: str, words: frozenset[str]) -> str | None:
    if len(word) < _LEAST_FOR_MENDING or not word.isalpha():
        return None
    slips = 2 if len(word) >= _LONG else 1
    alike = [
        known for known in words if known[0] == word[0] and abs(len(known) - len(word)) <= slips and len(known) > 3
    ]
    best = process.extractOne(word, alike, scorer=OSA.distance, score_cutoff=slips)
    return None if best is None else str(best[0])


def mentions(found: list[Token]) -> tuple[Mention, ...]:
    """All concepts of a row of tokens, in order; a phrase inside a longer one does not count."""
    words = [token.word for token in found]
    rows: list[Mention] = []
    for at, word in enumerate(words):
        for phrase, concept in lexicon().phrases.get(word, ()):
            last = at + len(phrase)
            if tuple(words[at:last]) == phrase:
                rows.append(Mention(concept, at, last, found[at].start, found[last - 1].end))
    kept = [row for row in rows if not any(_inside(row, other) for other in rows)]
    return tuple(kept)


def _inside(row: Mention, other: Mention) -> bool:
    longer = other.last - other.first > row.last - row.first
    return longer and other.first <= row.first and row.last <= other.last and _rivals(row.concept, other.concept)


def _rivals(one: str, longer: str) -> bool:
    """Words of place, people, payers and services rule each other out, and a service's name a topic inside it."""
    kinds = {one.partition(".")[0], longer.partition(".")[0]}
    return kinds <= {"place", "setting", "staff", "payer", "fam"} or (
        one.startswith("topic") and longer.startswith("fam")
    )
