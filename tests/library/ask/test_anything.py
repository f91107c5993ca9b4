"""No row of words, on any day, breaks an answer: words of the field thrown together by a seeded draw."""

from __future__ import annotations

import json
import random
from datetime import date

import pytest

from careledger.library.ask import ask
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.model import VERDICT_WORDS
from careledger.library.ask.show import answer_text

DAYS = (date(2024, 3, 1), date(2025, 6, 15), date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 31))
AMOUNTS = (
    "25 minutes",
    "my 10",
    "an hour",
    "0 minutes",
    "9999 minutes",
    "3 days",
    "19.5 minutes",
    "500 hours",
    "an hour and 10",
)
PER_DAY = 12


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_any_words_have_an_answer(day: date) -> None:
    draw = random.Random(day.toordinal())
    phrases = [" ".join(words) for rows in lexicon().phrases.values() for words, _ in rows]
    codes = [code for family in lexicon().families.values() for code in family.codes] + [
        "G0506",
        "G0511",
        "99999",
        "12345",
    ]
    for _ in range(PER_DAY):
        parts = draw.sample(phrases, draw.randint(1, 5)) + draw.sample(codes, draw.randint(0, 3))
        parts += draw.sample(AMOUNTS, draw.randint(0, 2))
        draw.shuffle(parts)
        answer = ask(f"can I bill {' '.join(parts)}", on=day)
        assert answer.verdict in VERDICT_WORDS
        assert answer.reason.strip()
        assert answer_text(answer)
        assert json.dumps(answer.to_dict())
