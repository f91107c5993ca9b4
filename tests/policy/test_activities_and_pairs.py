"""What work counts for which program, and which codes can stand together."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest

from careledger.core.records import PROGRAMS
from careledger.policy import Policy, PolicyView, plain_wording

DAY = date(2026, 3, 31)
CCM_TRACKS = (("99490", "99439"), ("99491", "99437"), ("99487", "99489"))


@pytest.fixture
def view(policy: Policy) -> PolicyView:
    return policy.on(DAY)


@pytest.mark.parametrize(
    ("wording", "ccm", "cpo"),
    [
        ("call_patient", True, False),
        ("Phone call to patient", True, False),
        ("called caregiver", True, False),
        ("patient education", True, False),
        ("medication refill", True, False),
        ("care plan update", True, True),
        ("chart review", True, True),
        ("review_reports", True, True),
        ("lab review", True, True),
        ("call specialist", True, True),
        ("call home health nurse", True, True),
        ("pharmacist discussion", True, True),
        ("talk with own nurse", True, False),
        ("documentation", True, True),
        ("driving", False, False),
        ("chart filing", False, False),
        ("claim preparation", False, False),
        ("called in prescription", False, False),
        ("left voicemail", False, False),
        ("scheduling", False, False),
        ("panel review", False, False),
        ("Protocol writing", False, False),
        ("medical director oversight", False, False),
    ],
)
def test_oversight_time_is_the_mirror_image_of_ccm_time(view: PolicyView, wording: str, ccm: bool, cpo: bool) -> None:
    activity = view.activity(wording)
    assert activity is not None
    assert view.counts(activity.id, "ccm") is ccm
    assert view.counts(activity.id, "cpo") is cpo
    assert ("ccm" in activity.counts_for) is ccm
    assert ("cpo" in activity.never_for) is not cpo


def test_a_wording_nobody_knows_is_no_activity(view: PolicyView) -> None:
    assert view.activity("juggling") is None
    assert view.activity(None) is None
    assert view.counts("call_patient", "director") is None


def test_no_talk_with_the_patient_counts_for_oversight(view: PolicyView) -> None:
    for activity in view.activities().values():
        assert not (activity.direct_contact and "cpo" in activity.counts_for), activity.id


def test_directors_work_counts_for_nothing(view: PolicyView) -> None:
    director = [activity for id_, activity in view.activities().items() if id_.startswith("program_")]
    assert len(director) == 5
    assert not any(activity.counts_for for activity in director)


def test_everyday_wordings_are_plain_and_programs_are_known(policy: Policy, view: PolicyView) -> None:
    assert all(wording == plain_wording(wording) for wording in policy.wordings())
    assert set(policy.wordings().values()) == set(view.activities())
    assert {program for a in view.activities().values() for program in a.counts_for} <= set(PROGRAMS)


def test_one_track_a_month(view: PolicyView) -> None:
    for one_track, other_track in combinations(CCM_TRACKS, 2):
        for one in one_track:
            for other in other_track:
                for relation in ("self", "group_same_specialty", "group", "other"):
                    row, answer = view.conflicts(one, other, relation)[0]
                    assert (answer.value, row.per) == ("no", "month"), (one, other, relation)


def test_an_add_on_stands_beside_its_base_but_not_beside_another_practitioners(view: PolicyView) -> None:
    for base, add_on in CCM_TRACKS:
        assert view.conflicts(base, add_on, "self") == ()
        assert view.conflicts(base, base, "other")[0][1].value == "no"


@pytest.mark.parametrize(
    ("one", "other", "relation", "answer", "per"),
    [
        ("99490", "99424", "self", "no", "month"),
        ("99490", "99426", "other", "yes", "month"),
        ("99490", "G0557", "self", "no", "month"),
        ("99490", "G0181", "self", "no", "month"),
        ("99439", "G0182", "self", "no", "month"),
        ("99490", "G0181", "group", "yes", "month"),
        ("99491", "99374", "self", "no", "month"),
        ("99490", "99496", "self", "yes_separate_minutes", "month"),
        ("99490", "99484", "self", "yes_separate_minutes", "month"),
        ("99490", "99457", "self", "yes_separate_minutes", "month"),
        ("99490", "99454", "self", "yes", "month"),
        ("99490", "99091", "self", "modifier", "month"),
        ("99491", "99091", "self", "no", "month"),
        ("99487", "90960", "self", "no", "month"),
        ("G0506", "99487", "self", "no", "date"),
        ("99490", "98966", "self", "no", "date"),
        ("99439", "98966", "self", "modifier", "date"),
        ("99487", "99214", "self", "modifier", "date"),
        ("99490", "99214", "self", "yes", "date"),
        ("99490", "G0439", "self", "yes", "date"),
        ("99490", "99358", "self", "no", "month"),
        ("99490", "99367", "self", "no", "month"),
        ("99490", "G0180", "self", "yes", "month"),
        ("G0181", "G0182", "self", "modifier", "month"),
        ("G0181", "G0181", "other", "no", "month"),
        ("G0181", "G0506", "self", "no", "month"),
        ("G0181", "99495", "self", "yes_separate_minutes", "month"),
        ("G0181", "99426", "self", "no", "month"),
        ("G0181", "99484", "self", "no", "month"),
        ("G0181", "G0180", "self", "yes", "month"),
        ("G0181", "G0557", "self", "human", "month"),
        ("G0179", "G0180", "self", "no", "month"),
    ],
)
def test_the_pair_table(view: PolicyView, one: str, other: str, relation: str, answer: str, per: str) -> None:
    for pair in ((one, other), (other, one)):
        row, found = view.conflicts(*pair, relation)[0]
        assert (found.value, row.per) == (answer, per)


def test_the_strictest_answer_comes_first(view: PolicyView) -> None:
    answers = [answer.value for _, answer in view.conflicts("99439", "98978", "self")]
    assert answers == ["no", "yes"]


def test_one_group_and_specialty_is_answered_like_one_practitioner(policy: Policy, view: PolicyView) -> None:
    for row in policy.conflict_rows():
        if "self" in row.relations:
            own = view.value(f"conflicts.{row.id}.self").value
            assert view.value(f"conflicts.{row.id}.group_same_specialty").value == own


def test_every_pair_answers_for_another_practice_too(policy: Policy) -> None:
    for row in policy.conflict_rows():
        assert {"group_same_specialty", "group", "other"} <= set(row.relations), row.id
