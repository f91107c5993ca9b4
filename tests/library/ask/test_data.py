"""The data behind answers: every intent, chip and phrase can be used, and says what policy says today."""

from __future__ import annotations

from datetime import date

import pytest

from careledger.library.article import Claim
from careledger.library.ask.intents import Intent, intents
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.spec import chip_data
from careledger.library.lint import claim_problems, known
from careledger.library.load import load_library
from careledger.policy import load_policy

TODAY = date(2026, 11, 23)
VIEW = load_policy().on(TODAY)


@pytest.mark.parametrize("intent", intents(), ids=lambda intent: intent.id)
def test_intent_rests_on_policy(intent: Intent) -> None:
    assert intent.article in load_library().articles
    assert intent.holds(VIEW), "policy says otherwise today"
    assert not [problem for claim in intent.says for problem in claim_problems(claim, VIEW)]
    expected = Claim("", intent.expects, 0)
    assert all(known(citation.id, VIEW) for citation in expected.citations)


def test_concepts_that_intents_ask_for_exist() -> None:
    concepts = {concept for rows in lexicon().phrases.values() for _, concept in rows}
    families = {f"fam.{one}" for one in lexicon().families}
    derived = {"topic.two", "any.code"} | {concept for rows in lexicon().implies.values() for concept in rows}
    asked = {one for intent in intents() for group in (*intent.all, *intent.none) for one in group.split("|")}
    assert {one for one in asked if not one.startswith("code.")} - concepts - families - derived == set()


def test_ids_are_used_once() -> None:
    ids = [intent.id for intent in intents()]
    assert len(ids) == len(set(ids))


def test_families_name_codes_and_articles() -> None:
    for family in lexicon().families.values():
        assert family.article in load_library().articles
        for code in family.codes:
            assert VIEW.policy.knows(f"codes.{code}.status") or VIEW.policy.conflicts_of(code), code


def test_chips_have_usable_options() -> None:
    for data in chip_data().values():
        values = [value for value, _ in data.options]
        assert len(values) > 1
        assert data.otherwise is None or (data.otherwise in values and data.otherwise != data.usual and data.ask)
