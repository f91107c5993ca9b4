"""Amounts of time in everyday wording, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from careledger.library.ask.lexicon import Mention, Token, lexicon
from careledger.library.ask.question import Amount

_MINUTES = frozenset(["minute", "min", "minuter", "mns", "minuts"])
_HOURS = frozenset(["hour", "hr", "h"])
_GOALS = frozenset(
    [
        "reach",
        "need",
        "require",
        "requires",
        "required",
        "least",
        "than",
        "toward",
        "minimum",
        "till",
        "until",
        "full",
    ]
)
_SELF = frozenset(["i", "my", "mine", "me", "myself", "i've", "ive"])
_ASKING = frozenset(
    [
        "bill",
        "charge",
        "submit",
        "get",
        "code",
        "use",
        "count",
        "add",
        "report",
        "combine",
        "claim",
        "do",
        "be",
        "still",
        "just",
        "round",
        "ask",
    ]
)
_BEFORE_BARE = frozenset(
    ["my", "and", "plus", "his", "her", "doctor", "physician", "np", "nurse", "the", "did", "spent", "about", "only"]
)
_LONGEST_BARE = 180
_TEN = 10
_TENS = frozenset(range(20, 100, 10))
_NEAR = 9
_BEHIND = 3
_LINKS = frozenset(["by", "of", "from"])


def amounts(found: list[Token], seen: tuple[Mention, ...], text: str) -> tuple[Amount, ...]:
    """Every amount of time, with the person and the program nearest to it."""
    rows: list[Amount] = []
    at = 0
    while at < len(found):
        read = _timed(found, at) or _bare(found, at, rows)
        if read is None:
            at += 1
            continue
        seconds, last = read
        rows.append(_owned(found, at, last, seconds, seen))
        at = last
    return tuple(rows)


def number_at(found: list[Token], at: int) -> tuple[float, int] | None:
    """The number that begins at a token, in digits or words, and the token after it."""
    if at >= len(found):
        return None
    word = found[at].word
    if re.fullmatch(r"\d{1,4}(?:\.\d+)?", word):
        return _with_half(found, float(word), at + 1)
    numbers = lexicon().numbers
    if word not in numbers:
        return None
    tail = numbers.get(found[at + 1].word, 0) if at + 1 < len(found) else 0
    if numbers[word] in _TENS and 0 < tail < _TEN:
        return _with_half(found, float(numbers[word] + tail), at + 2)
    return _with_half(found, float(numbers[word]), at + 1)


def _with_half(found: list[Token], number: float, after: int) -> tuple[float, int]:
    following = [token.word for token in found[after : after + 3]]
    return (number + 0.5, after + 3) if following == ["and", "a", "half"] else (number, after)


def _timed(found: list[Token], at: int) -> tuple[int, int] | None:
    words = [token.word for token in found[at : at + 3]]
    if words == ["half", "an", "hour"] or words[:2] == ["half", "hour"]:
        return 1800, at + (3 if words[1] == "an" else 2)
    if words[:2] in (["an", "hour"], ["a", "hour"]):
        return _past_hour(found, 3600, at + 2)
    read = number_at(found, at)
    if read is None or read[1] >= len(found):
        return None
    number, after = read
    unit = found[after].word
    if unit in _MINUTES:
        return _seconds_past(found, number, after + 1)
    return _past_hour(found, round(number * 3600), after + 1) if unit in _HOURS else None


def _seconds_past(found: list[Token], minutes: float, after: int) -> tuple[int, int]:
    following = [token.word for token in found[after : after + 3]]
    if following[:1] == ["and"] and following[1:] == ["a", "half"]:
        return round(minutes * 60) + 30, after + 3
    start = after + 1 if following[:1] == ["and"] else after
    seconds = number_at(found, start)
    if seconds is not None and seconds[1] < len(found) and found[seconds[1]].word in ("second", "sec"):
        return round(minutes * 60 + seconds[0]), seconds[1] + 1
    return round(minutes * 60), after


def _past_hour(found: list[Token], seconds: int, after: int) -> tuple[int, int]:
    """``an hour and 10``, ``an hour and a half``, ``1 hour 20 minutes``."""
    following = [token.word for token in found[after : after + 3]]
    if following == ["and", "a", "half"]:
        return seconds + 1800, after + 3
    start = after + 1 if following[:1] == ["and"] else after
    read = number_at(found, start)
    if read is None:
        return seconds, after
    last = read[1] + 1 if read[1] < len(found) and found[read[1]].word in _MINUTES else read[1]
    return seconds + round(read[0] * 60), last


def _bare(found: list[Token], at: int, rows: list[Amount]) -> tuple[int, int] | None:
    """A number without its unit after an amount that had one: ``and my 10``, ``plus 10 of mine``."""
    if not rows or at == 0 or not (found[at].word.isdigit() or found[at].word in lexicon().numbers):
        return None
    if found[at - 1].word not in _BEFORE_BARE:
        return None
    read = number_at(found, at)
    follows = found[read[1]].word if read is not None and read[1] < len(found) else ""
    if (
        read is None
        or read[0] > _LONGEST_BARE
        or follows in ("day", "condition", "patient", "month", "percent", "time", "unit", "code", "year", "nurse")
    ):
        return None
    return round(read[0] * 60), read[1]


def _owned(found: list[Token], first: int, last: int, seconds: int, seen: tuple[Mention, ...]) -> Amount:
    before = [found[at].word for at in range(max(0, first - 2), first)]
    goal = before[-1:] == ["to"] or bool(set(before) & _GOALS)
    linked = last < len(found) and found[last].word in _LINKS
    who = _nearest(first, last, [*_people(seen), *_selves(found, seen)], linked=linked)
    program = _nearest(
        first, last, [(row.first, row.concept[4:]) for row in seen if row.concept.startswith("fam.")], after_first=True
    )
    return Amount(seconds, who, program, goal, found[first].start, found[last - 1].end)


def _people(seen: tuple[Mention, ...]) -> Iterator[tuple[int, str]]:
    skipped = ("staff.family", "staff.specialist")
    yield from (
        (row.first, row.concept) for row in seen if row.concept.startswith("staff.") and row.concept not in skipped
    )


def _selves(found: list[Token], seen: tuple[Mention, ...]) -> Iterator[tuple[int, str]]:
    """Places where the asker speaks of their own work: ``my 10`` but not ``my nurse's 10`` or ``can I bill``."""
    people = {row.first for row in seen if row.concept.startswith(("staff.", "payer.", "fam."))}
    for at, token in enumerate(found):
        following = found[at + 1].word if at + 1 < len(found) else ""
        if token.word in ("she", "he", "they") and people:
            yield at, "staff.nurse"
        if token.word in ("i", "me", "mine", "myself") and following not in _ASKING:
            yield at, "self"
        if (
            token.word == "my"
            and at + 1 not in people
            and (number_at(found, at + 1) or following in ("own", "minute", "time"))
        ):
            yield at, "self"


def _nearest(
    first: int, last: int, rows: list[tuple[int, str]], *, linked: bool = False, after_first: bool = False
) -> str | None:
    """The nearest row: one behind counts when it follows at once or by a link (``by``, ``of``), else the last before."""
    behind = [(at - last, name) for at, name in rows if 0 <= at - last <= _BEHIND]
    before = [(first - at, name) for at, name in rows if 0 < first - at <= _NEAR]
    if behind and (after_first or linked or not before or min(behind)[0] == 0):
        return min(behind)[1]
    return min(before)[1] if before else None
