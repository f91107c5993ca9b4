"""A question's text to what it said."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from itertools import pairwise

from careledger.core.month import Month
from careledger.library.ask.amounts import amounts, number_at
from careledger.library.ask.lexicon import DATA, MONTHS, Mention, Token, lexicon, mended, mentions, tokens
from careledger.library.ask.question import Question
from careledger.library.load import load_library
from careledger.policy.strict_yaml import load_path

LONGEST = 2000
"""Characters of a question that are read."""
_CODE = re.compile(r"(?<![\w-])(?:[GgQq]\d{4}|9\d{4})s?(?![\w])")
_ABBREVIATED = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_AMOUNT = re.compile(
    r" what(?:s| s| is| are| doe| do| will| would)? (?:\w+ ){0,5}(?:pay|paid|reimburse|rate|payment|reimbursement) "
)
_NOT_COMPLEX = re.compile(r" (?:non|not|isn t|without) complex|noncomplex")
_RUNNING = ("so far", "this month", "still time", "month to date", "yet", "right now", "until the end of this month")
_MOST_OF_MONTH = 25
_BEFORE_YEARS = frozenset(["in", "for", "of", "during", "year", "dos", "back"])
_THINGS = {
    "condition": "conditions",
    "diagnosis": "conditions",
    "diagnose": "conditions",
    "disease": "conditions",
    "illness": "conditions",
    "day": "days",
}


def understand(text: str, on: date, role: str | None = None) -> Question:
    """What was said, read on a day, which decides which year a month without one is in."""
    text = text[:LONGEST]
    found, changes = mended(tokens(text), everyday())
    seen = mentions(found)
    codes = tuple(dict.fromkeys(match[0].upper().rstrip("S") for match in _CODE.finditer(text)))
    concepts = {row.concept for row in seen}
    concepts |= {implied for concept in tuple(concepts) for implied in lexicon().implies.get(concept, ())}
    families = _families(seen, codes, text)
    lowered = f" {' '.join(token.word for token in found)} "
    concepts |= {"topic.amount"} if _AMOUNT.search(lowered) else set()
    if "payer.medicare_advantage" in concepts:
        concepts.discard("payer.commercial")
    concepts |= (
        {"topic.partmonth"}
        if "place.hospital" in concepts and _counts(found).get("days", 31) < _MOST_OF_MONTH
        else set()
    )
    concepts -= {"topic.complex"} if _NOT_COMPLEX.search(lowered) else set()
    counts = _counts(found)
    return Question(
        text=text, mentions=seen, concepts=frozenset(concepts | {f"fam.{one}" for one in families} | {f"code.{one}" for one in codes} | _derived(counts, codes)),
        codes=codes, families=families, amounts=amounts(found, seen, text), counts=counts,
        rest=_unread(found, seen), month=_month(found, on), year=_year(found), running=any(f" {words} " in lowered for words in _RUNNING),
        relation=_relation(concepts), mended=changes, words=tuple(token.word for token in found), role=role,
    )  # fmt: skip


def _derived(counts: dict[str, int], codes: tuple[str, ...]) -> set[str]:
    conditions = counts.get("conditions")
    found = (
        set()
        if conditions is None
        else {"topic.one"}
        if conditions == 1
        else {"topic.three"}
        if conditions > 2
        else {"topic.two"}
    )
    return found | ({"any.code"} if codes else set())


def _families(seen: tuple[Mention, ...], codes: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Families by where they are first named, in words or by a code."""
    places: dict[str, int] = {}
    for row in seen:
        if row.concept.startswith("fam."):
            places.setdefault(row.concept.removeprefix("fam."), row.start)
    for code in codes:
        family = lexicon().family_of(code)
        if family is not None:
            at = text.upper().find(code)
            places[family.id] = min(places.get(family.id, at), at)
    known = [one for one in sorted(places, key=lambda one: places[one]) if one in lexicon().families]
    return tuple(known)


def _counts(found: list[Token]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for at in range(len(found)):
        read = number_at(found, at)
        if read is None or not float(read[0]).is_integer():
            continue
        after = [token.word for token in found[read[1] : read[1] + 3]]
        thing = next((_THINGS[word] for word in after[:2] if word in _THINGS), None)
        if thing is not None:
            counts.setdefault(thing, int(read[0]))
        if after[:2] == ["month", "ago"]:
            counts["months_ago"] = int(read[0])
        if after[:2] == ["year", "ago"]:
            counts["months_ago"] = 12 * int(read[0])
    return counts


def _month(found: list[Token], on: date) -> Month | None:
    """The month that was named; without a year the last one of that name that has begun."""
    for at in range(len(found)):
        number = _month_number(found, at)
        if number is None:
            continue
        following = [other.word for other in found[at + 1 : at + 3]]
        year = next((int(word) for word in following if re.fullmatch(r"20\d\d", word)), None)
        if year is None:
            year = on.year if number <= on.month else on.year - 1
        return Month(year, number)
    return None


def _year(found: list[Token]) -> int | None:
    """The year of service that was named (``in 2024``, ``for 2025``), of those that policy covers."""
    for before, token in pairwise(found):
        if re.fullmatch(r"20(?:1[89]|2[0-7])", token.word) and before.word in _BEFORE_YEARS:
            return int(token.word)
    return None


def _month_number(found: list[Token], at: int) -> int | None:
    word = found[at].word
    if word == "may" and (at == 0 or found[at - 1].word not in ("in", "for", "last", "since", "during", "of")):
        return None
    if word in ("march", "may") or word in MONTHS:
        return MONTHS.index(word) + 1
    return _ABBREVIATED.get(word)


def _relation(concepts: set[str]) -> str | None:
    """Who else bills: another practice, a colleague, or nobody who was named."""
    if "topic.samegroup" in concepts:
        return "group"
    return "other" if concepts & {"topic.twopractices", "staff.specialist"} else None


def _unread(found: list[Token], seen: tuple[Mention, ...]) -> int:
    """How many words with a meaning of their own were not recognised."""
    read = {at for row in seen for at in range(row.first, row.last)}
    words = [token.word for at, token in enumerate(found) if at not in read]
    return sum(not (word in _plain() or word.isdigit() or _CODE.fullmatch(word)) for word in words)


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    """Words that carry no meaning of their own in a question."""
    return frozenset(
        token.word for word in load_path(DATA / "everyday.yaml").data["plain"] for token in tokens(str(word))
    )


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Common words of English that no article happens to use."""
    return frozenset(str(word) for word in load_path(DATA / "everyday.yaml").data["words"])


@lru_cache(maxsize=1)
def everyday() -> frozenset[str]:
    """Words that articles use, which are therefore no slips."""
    articles = load_library().articles.values()
    return frozenset(token.word for article in articles for token in tokens(f"{article.text}")) | _common()
