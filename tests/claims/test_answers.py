"""Acknowledgements into the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.claims.clinic import AT, CLAIMS, FIRST, LATER, SECOND, put, send, sent
from tests.claims.remittances import CLAIM_ANSWER, SYNTAX_ANSWER

from careledger.claims.answers import post_answers, resend
from careledger.claims.store import Store, put_claims
from careledger.claims.store.journals import balances

ONE, TWO = FIRST.control_number, SECOND.control_number
BATCH = "20261102-000000001"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield from sent(tmp_path)


def states(store: Store) -> dict[str, str]:
    return {row["claim_id"]: row["state"] for row in store.rows("SELECT claim_id, state FROM claim")}


def answer_277(store: Store) -> None:
    post_answers(store, CLAIM_ANSWER.replace("B20261102-0001", BATCH).encode(), "a.277", LATER)


def test_a_claim_answer_takes_one_and_returns_the_other_with_its_line(store: Store) -> None:
    answer_277(store)
    assert states(store)[ONE] == "taken"
    assert states(store)[TWO] == "rejected"
    work = store.row("SELECT * FROM work")
    assert work is not None
    assert (work["claim_id"], work["line_no"], work["codes"]) == (TWO, 1, "A3:247 A7:507")
    assert "use the code in force" in work["todo"]
    assert store.row("SELECT payer_control FROM claim WHERE claim_id = ?", (ONE,))["payer_control"] == "1126306000010"  # type: ignore[index]


def test_the_same_answer_changes_nothing_twice(store: Store) -> None:
    answer_277(store)
    content = CLAIM_ANSWER.replace("B20261102-0001", BATCH).encode()
    assert post_answers(store, content, "b.277", LATER).state == "before"
    assert store.number("SELECT COUNT(*) FROM work") == 1


def test_a_rejected_interchange_returns_every_claim(store: Store) -> None:
    rejected = SYNTAX_ANSWER.replace("*A*000", "*R*006").split("GS*FA")[0] + "IEA*0*000000002~\n"
    result = post_answers(store, rejected.encode(), "a.ta1", LATER)
    assert sorted(result.rejected) == sorted(claim.control_number for claim in CLAIMS)
    assert store.row("SELECT answer FROM batch")["answer"] == "rejected"  # type: ignore[index]


def test_a_rejected_set_names_the_claim_at_fault_and_returns_the_others_too(store: Store) -> None:
    answer = SYNTAX_ANSWER.replace("AK2*837*0001*005010X222A1~\nIK5*A~\n", "").replace("AK2*837*0002", "AK2*837*0001")
    post_answers(store, answer.encode(), "a.999", LATER)
    assert set(states(store).values()) == {"rejected"}
    says = {row["claim_id"]: row["says"] for row in store.rows("SELECT claim_id, says FROM work")}
    assert "27 SV102" in says[TWO]
    assert "for another claim" in says[ONE]


def test_an_answer_to_something_not_sent_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        put(store)
        result = post_answers(store, CLAIM_ANSWER.encode(), "a.277", LATER)
        assert result.strange
        assert set(states(store).values()) == {"ready"}


def test_a_rejected_claim_leaves_again_only_when_mended_or_on_a_persons_word(store: Store, tmp_path: Path) -> None:
    answer_277(store)
    put_claims(store, [(claim, ()) for claim in CLAIMS], LATER)
    assert states(store)[TWO] == "rejected"
    assert len(send(store, tmp_path / "out")) == 1
    put_claims(store, [(replace(SECOND, place="12"), ())], LATER)
    assert states(store)[TWO] == "ready"
    assert store.number("SELECT COUNT(*) FROM work WHERE ended_at = ''") == 0
    assert len(send(store, tmp_path / "out")) == 2
    assert -balances(store)["charges"] == sum(claim.total_cents for claim in CLAIMS)
    assert not resend(store, TWO, AT, "jo", "why not")


def test_a_person_sends_a_rejected_claim_again_as_it_is(store: Store, tmp_path: Path) -> None:
    answer_277(store)
    assert resend(store, TWO, AT, "jo", "the receiver was wrong")
    assert len(send(store, tmp_path / "out")) == 2
    assert states(store)[TWO] == "exported"
