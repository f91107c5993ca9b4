"""Real questions with the points their answers must make; the points come from the law as read, not from output."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from careledger.library.ask import AskAnswer, ask
from careledger.policy.strict_yaml import load_path

HERE = Path(__file__).parent / "questions"
TODAY = date(2026, 11, 23)
LEAST = 150


def _questions() -> list[dict[str, Any]]:
    return [row for path in sorted(HERE.glob("*.yaml")) for row in load_path(path).data]


QUESTIONS = _questions()


def _text(answer: AskAnswer) -> str:
    back = answer.asks_back
    parts = [answer.reason, *(line.text for line in (*answer.corrections, *answer.claims)), *answer.assumptions]
    parts += [line.text for _, _, lines in answer.sections for line in lines]
    parts += [] if back is None else [back.question, back.because]
    return " ".join(parts).lower()


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["q"][:60])
def test_question(row: dict[str, Any]) -> None:
    answer = ask(row["q"], role=row.get("role"), on=TODAY)
    allowed = row["verdict"] if isinstance(row["verdict"], list) else [row["verdict"]]
    assert answer.verdict in allowed, answer.reason
    text = _text(answer)
    for point in row.get("must", ()):
        assert str(point).lower() in text, f"does not say {point!r}: {answer.reason}"
    for point in row.get("must_not", ()):  # an article may quote an error to correct it, the answer may not make it
        assert str(point).lower() not in answer.reason.lower(), f"says {point!r}"
    if "codes" in row:
        assert {code for code, _ in answer.codes} == set(row["codes"]), answer.reason
    if "month" in row:
        assert answer.case is not None
        assert answer.case["month"] == row["month"]
    kinds = {reference.kind for reference in answer.references}
    assert set(row.get("kinds", ())) <= kinds
    assert answer.references, "an answer rests on something"


def test_there_are_enough_and_all_readers_ask() -> None:
    assert len(QUESTIONS) >= LEAST
    assert len({row["q"] for row in QUESTIONS}) == len(QUESTIONS)
    roles = {row["role"] for row in QUESTIONS}
    assert roles == {"physician", "care_manager", "biller", "medical_director", "compliance_officer", "patient"}
