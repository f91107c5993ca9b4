"""A question in plain words, answered: understood, decided by the rules, put together with its citations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from careledger.library.ask.compose import from_article, from_nothing
from careledger.library.ask.intents import fitting
from careledger.library.ask.model import AskAnswer
from careledger.library.ask.understand import understand
from careledger.policy import Policy, load_policy

__all__ = ["AskAnswer", "ask"]


def ask(
    text: str,
    role: str | None = None,
    on: date | None = None,
    choices: Mapping[str, str] | None = None,
    policy: Policy | None = None,
) -> AskAnswer:
    """The answer to a question. Nothing of the text is logged or kept.

    Args:
        role: who reads (physician, care_manager, biller, medical_director, compliance_officer, patient).
        on: the day of asking; today when None.
        choices: facts chosen on chips, by chip: payer, place, setting, month, relation and others.
    """
    day = on or date.today()  # noqa: DTZ011 - the user's own calendar day is meant
    view = (policy or load_policy()).on(day)
    question = understand(text, day, role)
    found = next(fitting(question, view), None)
    if found is None:
        return from_nothing(question, view)
    return from_article(question, found, view)
