"""The pair table as a whole: every pair answered, no two answers that contradict, never looser than the edits in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations_with_replacement

import pytest

from careledger.policy import Conflict, Policy, PolicyValue, load_policy
from careledger.policy.model import BEGIN, HORIZON, RELATIONS, STRICTEST_FIRST

PRICED = (
    "ccm", "care_plan_oversight", "pcm", "apcm", "tcm", "behavioral", "rpm", "rtm", "pain", "chi", "pin", "cognitive",
    "advance_planning", "rural",
)  # fmt: skip
NEIGHBOURS = ("esrd", "contacts", "education", "visits")

POLICY = load_policy()
CHANGES = {
    day
    for layer in POLICY.layers()
    for id_ in POLICY.ids(layer)
    if id_.startswith(("conflicts.", "codes.", "ncci."))
    for value in POLICY.timeline(id_, layer)
    for day in (value.since, value.until and value.until + timedelta(days=1))
    if day and BEGIN <= day <= HORIZON
}
DAYS = tuple(sorted(CHANGES | {BEGIN, HORIZON}))
"""Every day from which some code, edit or answer of the table is another than the day before."""

Answers = dict[tuple[str, str], list[tuple[Conflict, PolicyValue]]]


def strictness(answer: PolicyValue) -> int:
    return STRICTEST_FIRST.index(str(answer.value))


def in_force(policy: Policy, day: date, families: tuple[str, ...]) -> list[str]:
    facts = [policy.on(day).code(code) for code in policy.codes()]
    return [fact.code for fact in facts if fact.family in families and fact.exists is not False]


def stand_beside(policy: Policy, one: str, other: str) -> bool:
    """A base and its own add-on, or one code twice: the rules of the code itself answer for one practitioner."""
    view = policy.on(date(2026, 7, 1))
    first, second = view.code(one), view.code(other)
    if first.role == "add_on":
        first, second = second, first
    if one == other or first.role == "add_on" or second.role != "add_on":
        return one == other
    return second.base_code == first.code or (second.base_code is None and second.program == first.program)


def answers_on(policy: Policy, day: date, relation: str) -> Answers:
    """Every answer of the table on a day for people so related, by pair of codes in alphabetical order."""
    view = policy.on(day)
    found: Answers = defaultdict(list)
    for row in policy.conflict_rows():
        answer = view.peek(f"conflicts.{row.id}.{relation}")
        if answer is None or answer.absent or relation not in row.relations:
            continue
        for pair in {tuple(sorted((a, b))) for a in row.a for b in row.b}:
            found[pair[0], pair[1]].append((row, answer))
    return found


def pairs_to_answer(policy: Policy, day: date, relation: str) -> Iterator[tuple[str, str]]:
    priced = in_force(policy, day, PRICED)
    for one, other in combinations_with_replacement(priced, 2):
        if relation not in ("self", "group_same_specialty") or not stand_beside(policy, one, other):
            yield (one, other) if one <= other else (other, one)
    for one in priced:
        for other in in_force(policy, day, NEIGHBOURS):
            yield (one, other) if one <= other else (other, one)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_pair_of_codes_that_we_price_has_an_answer(policy: Policy, day: date, relation: str) -> None:
    answered = answers_on(policy, day, relation)
    missing = [pair for pair in pairs_to_answer(policy, day, relation) if pair not in answered]
    assert missing == []


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_pair_has_two_answers_that_contradict(policy: Policy, day: date, relation: str) -> None:
    """Rows of one span agree; what a month forbids, no day of it allows."""
    wrong = []
    for pair, rows in answers_on(policy, day, relation).items():
        month = {strictness(answer) for row, answer in rows if row.per == "month"}
        one_day = {strictness(answer) for row, answer in rows if row.per == "date"}
        if len(month) > 1 or len(one_day) > 1 or (month and one_day and min(one_day) > min(month)):
            wrong.append((pair, [(row.id, row.per, answer.value) for row, answer in rows]))
    assert wrong == []


@pytest.mark.parametrize(("topic", "answer"), [("never", "no"), ("modifier", "modifier")])
@pytest.mark.parametrize("day", [date(2024, 7, 1), date(2026, 9, 1)], ids=str)
def test_the_table_is_never_looser_than_an_edit_of_the_day(policy: Policy, day: date, topic: str, answer: str) -> None:
    view = policy.on(day)
    looser = []
    for value in view.all_of(f"ncci.{topic}."):
        code = value.id.rpartition(".")[2]
        for other in value.value if isinstance(value.value, tuple) else ():
            if view.code(other).exists is False or view.code(code).exists is False:
                continue
            rows = view.conflicts(code, other, "self")
            if not rows or strictness(rows[0][1]) > STRICTEST_FIRST.index(answer):
                looser.append((code, other))
    assert looser == []


def test_every_answer_is_cited_and_says_why_where_the_source_does_not_settle_it(policy: Policy) -> None:
    for row in policy.conflict_rows():
        for relation in row.relations:
            for value in policy.timeline(f"conflicts.{row.id}.{relation}"):
                assert value.absent or value.cite, value.id
                assert value.confirmed or value.note, value.id


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_pair_has_the_same_one_answer_from_either_side(policy: Policy, day: date) -> None:
    """Asked for the one code or for the other, the same rows stand, the same one first."""
    view = policy.on(day)
    codes = in_force(policy, day, PRICED + NEIGHBOURS)
    for relation in RELATIONS:
        for one, other in combinations_with_replacement(codes, 2):
            forth, back = view.conflicts(one, other, relation), view.conflicts(other, one, relation)
            first = {answer.value for row, answer in forth if strictness(answer) == strictness(forth[0][1])}
            assert {row.id for row, _ in forth} == {row.id for row, _ in back}, (one, other, relation)
            assert [answer.value for _, answer in forth][:1] == [answer.value for _, answer in back][:1]
            assert len(first) <= 1, (one, other, relation)


@pytest.mark.parametrize(
    ("day", "one", "other", "relation", "answer"),
    [
        (date(2026, 3, 31), "99424", "99490", "self", "no"),
        (date(2026, 3, 31), "99426", "99490", "other", "yes"),
        (date(2026, 3, 31), "G0557", "99426", "self", "no"),
        (date(2026, 3, 31), "G0557", "99495", "self", "no"),
        (date(2026, 3, 31), "G0557", "99421", "self", "no"),
        (date(2026, 3, 31), "G0557", "G0019", "self", "yes_separate_minutes"),
        (date(2026, 3, 31), "G0557", "G0556", "other", "no"),
        (date(2025, 3, 31), "G0557", "99484", "self", "yes"),
        (date(2026, 3, 31), "G0557", "99484", "self", "no"),
        (date(2026, 3, 31), "99492", "99484", "self", "no"),
        (date(2026, 3, 31), "99457", "98980", "self", "no"),
        (date(2026, 3, 31), "99454", "98977", "self", "no"),
        (date(2026, 3, 31), "99470", "99457", "self", "no"),
        (date(2026, 3, 31), "99445", "99454", "self", "no"),
        (date(2026, 3, 31), "99454", "99454", "other", "no"),
        (date(2026, 3, 31), "99457", "99091", "self", "modifier"),
        (date(2026, 3, 31), "99495", "99457", "self", "yes_separate_minutes"),
        (date(2019, 3, 31), "99495", "90960", "self", "no"),
        (date(2020, 3, 31), "99495", "90960", "self", "yes_separate_minutes"),
        (date(2026, 3, 31), "99495", "99496", "other", "no"),
        (date(2026, 3, 31), "99424", "90960", "self", "no"),
        (date(2026, 3, 31), "G0019", "G0180", "self", "no"),
        (date(2026, 3, 31), "G3002", "99490", "self", "yes_separate_minutes"),
        (date(2026, 3, 31), "99484", "99358", "self", "no"),
        (date(2024, 3, 31), "G0511", "99426", "self", "no"),
        (date(2026, 3, 31), "99424", "99367", "self", "no"),
        (date(2026, 3, 31), "G0557", "90960", "self", "human"),
    ],
)
def test_answers_that_audits_turn_on(
    policy: Policy, day: date, one: str, other: str, relation: str, answer: str
) -> None:
    for pair in ((one, other), (other, one)):
        assert policy.on(day).conflicts(*pair, relation)[0][1].value == answer
