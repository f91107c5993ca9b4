"""Remittances into the ledger: once, balanced, to the right claim; or aside, whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.claims.clinic import AT, CLAIMS, LATER, SECOND, denied, paid, put, remittance, sent
from tests.claims.remittances import REMITTANCE

from careledger.claims.posting import PostResult, Release, post_835, quarantined, release_file
from careledger.claims.store import Store
from careledger.claims.store.journals import balances, open_lines, unbalanced
from careledger.core.errors import InputError
from careledger.policy import load_policy

POLICY = load_policy()
TWO = SECOND.control_number


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield from sent(tmp_path)


def post(store: Store, content: bytes, name: str = "a.835") -> PostResult:
    result = post_835(store, content, name, POLICY, LATER)
    assert unbalanced(store) == []
    assert sum(balances(store).values()) == 0
    assert balances(store).get("clearing", 0) == 0
    return result


def work(store: Store, kind: str) -> list[dict[str, object]]:
    return [dict(row) for row in store.rows("SELECT * FROM work WHERE kind = ? AND ended_at = ''", (kind,))]


def test_it_posts_paid_denied_reversed_and_corrected_claims_of_one_payment(store: Store) -> None:
    result = post(store, REMITTANCE.encode())
    assert (result.state, result.claims, result.unmatched, result.denied_lines) == ("posted", 4, 0, 1)
    books = balances(store)
    assert books["cash"] == 8678
    assert books["provider.WO"] == 1055
    assert books["provider.L6"] == -50
    assert books["sequestration"] == 98 + 74 - 98 + 123
    assert books["contractual"] == 54 + 40 - 54 + 43
    assert open_lines(store, "2610CCM000001") == {1: 1252, 2: 946}


def test_it_never_posts_a_payment_twice(store: Store) -> None:
    post(store, REMITTANCE.encode())
    before = balances(store)
    assert post(store, REMITTANCE.encode()).state == "before"
    again = post(store, REMITTANCE.replace("*0800*4*X", "*0801*4*X").encode())
    assert (again.state, again.repeated) == ("before", 1)
    assert balances(store) == before


def test_it_quarantines_another_payment_under_a_used_trace_number(store: Store) -> None:
    post(store, remittance(paid(TWO), "48.12"))
    other = post(store, remittance(paid("2609CCM000007"), "48.12"))
    assert other.state == "quarantined"
    assert "trace number" in other.reasons[0]
    done = release_file(store, other.file_id, POLICY, LATER, Release(by="jo", because="the payer reused it"))
    assert (done.state, done.claims) == ("posted", 1)
    assert balances(store)["cash"] == 2 * 4812


def test_it_never_writes_a_denial_off(store: Store) -> None:
    post(store, remittance(denied(TWO, reason="45"), "0"))
    assert open_lines(store, TWO) == {1: 6216}
    assert "contractual" not in balances(store)
    assert [row["codes"] for row in work(store, "denied")] == ["CO-45 M86"]


def test_it_dates_the_appeal_from_the_remittance(store: Store) -> None:
    post(store, remittance(denied(TWO), "0"))
    assert [row["due_on"] for row in work(store, "denied")] == ["2027-03-14"]


def test_it_gives_a_claim_without_appeal_the_filing_limit(store: Store) -> None:
    post(store, remittance(denied(TWO, "16", "MA130"), "0"))
    assert [row["due_on"] for row in work(store, "denied")] == ["2027-10-31"]


def test_it_ends_a_denial_when_the_claim_is_decided_again(store: Store) -> None:
    post(store, remittance(denied(TWO), "0", trace="A"))
    post(store, remittance(paid(TWO), "48.12", trace="B"))
    assert work(store, "denied") == []
    assert open_lines(store, TWO) == {1: 1252}


def test_a_reversal_takes_back_exactly_what_was_posted(store: Store) -> None:
    before = balances(store)
    post(store, remittance(paid(TWO), "48.12", trace="A"))
    post(
        store,
        remittance(paid(TWO, status="22", sign="-"), "0", trace="B", provider="PLB*1234567893*20261231*FB:1*-48.12~\n"),
    )
    after = {name: cents for name, cents in balances(store).items() if cents and name in before}
    assert after["receivable"] == before["receivable"]
    assert work(store, "reversal") == []


def test_a_reversal_of_nothing_goes_to_a_person(store: Store) -> None:
    provider = "PLB*1234567893*20261231*FB:1*-48.12~\n"
    post(store, remittance(paid(TWO, status="22", sign="-"), "0", provider=provider))
    assert len(work(store, "reversal")) == 1


def test_a_recovery_is_settled_by_the_amount_announced_before(store: Store) -> None:
    announced = "PLB*1234567893*20261231*WO:1126*-48.12~\n"
    post(store, remittance(paid(TWO, status="22", sign="-"), "0", trace="A", provider=announced))
    kept = "PLB*1234567893*20261231*WO:1126*48.12~\n"
    post(store, remittance(paid("2609CCM000007"), "0", trace="B", provider=kept))
    assert work(store, "recovery") == []
    assert balances(store)["provider.WO"] == 0


def test_it_makes_work_of_a_second_payment_for_one_line(store: Store) -> None:
    post(store, remittance(paid(TWO), "48.12", trace="A"))
    post(store, remittance(paid(TWO), "48.12", trace="B"))
    assert [row["amount_cents"] for row in work(store, "credit")] == [2 * (4812 + 54 + 98) - 6216]


def test_it_matches_by_patient_day_and_code_when_the_number_is_lost(store: Store) -> None:
    store.run("UPDATE claim SET member_id = 'X' WHERE claim_id <> ?", (TWO,))
    result = post(store, remittance(paid("LOST"), "48.12"))
    assert (result.claims, result.unmatched) == (1, 0)
    assert store.row("SELECT matched_by FROM remitted_claim")["matched_by"] == "patient"  # type: ignore[index]


def test_it_leaves_a_choice_between_two_claims_to_a_person(store: Store) -> None:
    result = post(store, remittance(paid("LOST"), "48.12"))
    assert (result.claims, result.unmatched) == (0, 1)
    assert balances(store)["unapplied"] == -4812
    assert "2609CCM000007 or 2610CCM000009" in str(work(store, "unmatched")[0]["says"])


def test_it_does_not_pay_a_claim_that_never_left(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        put(store)
        result = post(store, remittance(paid(TWO), "48.12"))
        assert result.unmatched == 1


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("unbalanced", remittance(paid(TWO), "48.13")),
        ("unbalanced line", remittance(paid(TWO).replace("253*0.98", "253*0.99"), "48.12")),
        ("another practice", remittance(paid(TWO), "48.12", npi="1234567894")),
        ("cut off", remittance(paid(TWO), "48.12")[:-60]),
        ("count", remittance(paid(TWO), "48.12").replace(b"SE*", b"SE*1")),
    ],
)
def test_it_puts_aside_whole_what_cannot_be_trusted(store: Store, what: str, content: bytes) -> None:
    before = balances(store)
    result = post(store, content)
    assert result.state == "quarantined", what
    assert result.reasons
    assert balances(store) == before
    assert store.number("SELECT COUNT(*) FROM remitted_claim") == 0
    assert [row["file_id"] for row in quarantined(store)] == [result.file_id]


def test_a_person_releases_what_was_put_aside_and_its_difference_stays_in_sight(store: Store) -> None:
    result = post(store, remittance(paid(TWO), "48.13"))
    done = release_file(store, result.file_id[:12], POLICY, LATER, Release(by="jo", because="the payer rounded"))
    assert done.state == "posted"
    assert balances(store)["suspense"] == -1
    assert unbalanced(store) == []
    kept = store.row("SELECT released_by, reasons FROM received_file")
    assert kept is not None
    assert kept["released_by"] == "jo"
    assert "$48.13" in kept["reasons"]
    with pytest.raises(InputError, match="no such file"):
        release_file(store, result.file_id, POLICY, AT, Release(by="jo", because="again"))


def test_every_cent_is_somewhere(store: Store) -> None:
    post(store, REMITTANCE.encode())
    books = balances(store)
    charged = sum(claim.total_cents for claim in CLAIMS)
    assert -books["charges"] == charged
