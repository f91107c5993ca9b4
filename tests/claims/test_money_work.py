"""Paper remittances, a person's matches, denials as work, appeal letters and measures; mostly as a biller would, by command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from click.testing import CliRunner, Result
from tests.claims.clinic import AT, FIRST, LATER, SECOND, denied, paid, remittance, sent
from tests.claims.remittances import CLAIM_ANSWER, REMITTANCE

from careledger.claims.denials import denials, end_denial
from careledger.claims.denials.official import load_official
from careledger.claims.measures import measures
from careledger.claims.posting import post_835
from careledger.claims.posting.assign import assign
from careledger.claims.posting.paper import post_paper
from careledger.claims.store import Store
from careledger.claims.store.journals import balances, open_lines, unbalanced
from careledger.cli.main import group
from careledger.core.errors import InputError
from careledger.documents.appeal import build_appeal
from careledger.policy import load_policy

POLICY = load_policy()
ONE, TWO, OLD = FIRST.control_number, SECOND.control_number, "2609CCM000007"
PAPER = f"""source: letter of 2026-11-20, page 2, scanned as eob-17.pdf
keyed_by: jo
payer: {{id: "60054", name: COMMERCIAL}}
trace: "4711"
paid_on: 2026-11-20
method: CHK
amount: "48.12"
payee_npi: "1234567893"
claims:
  - claim: "{TWO}"
    status: "1"
    charge: "62.16"
    paid: "48.12"
    member_id: 1EG4TE5MK73
    lines:
      - code: "99490"
        on: 2026-10-31
        charge: "62.16"
        paid: "48.12"
        adjustments: {{CO-45: "1.52", PR-2: "12.52"}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield from sent(tmp_path)


def run(store: Store, *words: str) -> Result:
    return CliRunner().invoke(group, ["claims", *words, "--store", str(store.path)])


def test_a_keyed_paper_remittance_posts_like_any_other_and_keeps_its_source(store: Store) -> None:
    assert post_paper(store, PAPER.encode(), "eob.yaml", POLICY, LATER).state == "posted"
    assert open_lines(store, TWO) == {1: 1252}
    assert balances(store)["contractual"] == 152
    assert post_paper(store, PAPER.encode(), "eob.yaml", POLICY, LATER).state == "before"
    kept = store.row("SELECT kind FROM received_file")
    assert kept is not None
    assert kept["kind"] == "paper"


def test_a_keyed_remittance_that_does_not_add_up_is_put_aside_and_can_be_released(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "eob.yaml"
    file.write_text(PAPER.replace('amount: "48.12"', 'amount: "50.00"'))
    aside = run(store, "paper", str(file))
    assert aside.exit_code == 1
    file_id = aside.output.split("put aside whole as ")[1].split(";")[0]
    released = run(store, "quarantine", file_id, "--release", "--by", "jo", "--because", "bank says so")
    assert "1 payments, $50.00" in released.output
    assert balances(store)["suspense"] == -188


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("source: letter", "note: letter", "unknown key"),
        ("keyed_by: jo\n", "", "keyed_by"),
        ('charge: "62.16"\n    paid', 'charge: "62.165"\n    paid', "dollars and cents"),
        ("CO-45:", "CO45:", "group and reason"),
        ("on: 2026-10-31", "on: October", "not a day"),
    ],
)
def test_a_keyed_value_that_cannot_be_read_is_refused_with_its_line(
    store: Store, old: str, new: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        post_paper(store, PAPER.replace(old, new).encode(), "eob.yaml", POLICY, LATER)
    assert store.number("SELECT COUNT(*) FROM received_file") == 0


def test_a_person_gives_waiting_money_to_a_claim(store: Store) -> None:
    post_835(store, remittance(paid("LOST"), "48.12"), "a", POLICY, LATER)
    assert balances(store)["unapplied"] == -4812
    assert assign(store, "1.1", TWO, LATER, "jo") == 4812
    assert balances(store)["unapplied"] == 0
    assert open_lines(store, TWO) == {1: 1252}
    assert unbalanced(store) == []
    with pytest.raises(InputError, match="no unmatched payment"):
        assign(store, "1.1", TWO, LATER, "jo")


@pytest.mark.parametrize("waiting", ["x", "1", "1.9"])
def test_a_wrong_place_is_refused(store: Store, waiting: str) -> None:
    with pytest.raises(InputError):
        assign(store, waiting, TWO, LATER, "jo")


def test_a_denial_tells_what_our_own_claims_say(store: Store) -> None:
    post_835(store, remittance(denied(TWO), "0"), "a", POLICY, LATER)
    (found,) = denials(store, POLICY)
    assert (found.codes, found.amount_cents, found.due_on) == (("CO-97", "M86"), 6216, date(2027, 3, 14))
    assert any(ONE in words for words in found.found)
    assert found.can_appeal == "perhaps"


def test_the_most_exact_guide_counts(store: Store) -> None:
    post_835(store, remittance(denied(TWO, "16", "MA76"), "0"), "a", POLICY, LATER)
    (found,) = denials(store, POLICY)
    assert "agency" in found.usual_cause
    with pytest.raises(InputError, match="appeal"):
        build_appeal(found, POLICY, date(2026, 11, 20))


def test_only_a_person_writes_off(store: Store) -> None:
    post_835(store, remittance(denied(TWO), "0"), "a", POLICY, LATER)
    end_denial(store, 1, "written_off", "jo", "too old", LATER)
    assert balances(store)["written_off"] == 6216
    assert open_lines(store, TWO) == {1: 0}
    assert list(denials(store, POLICY)) == []
    with pytest.raises(InputError):
        end_denial(store, 1, "written_off", "jo", "again", LATER)


def test_an_appeal_names_what_it_must(store: Store) -> None:
    post_835(store, remittance(denied(TWO, "B20"), "0"), "a", POLICY, LATER)
    (found,) = denials(store, POLICY)
    made = build_appeal(found, POLICY, date(2026, 11, 20), says=["Nobody else billed the month."])
    with pdfplumber.open(BytesIO(made)) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
    for words in ("ANN SMITH", "1EG4TE5MK73", "99490", "2026-10-31", "MAPLE PRIMARY CARE PC", "CO-B20", "Nobody else"):
        assert words in text
    nameless = replace(found, claim=replace(found.claim, insured=replace(found.claim.insured, last="")))
    with pytest.raises(InputError, match="name"):
        build_appeal(nameless, POLICY, date(2026, 11, 20))


def test_official_words_stand_beside_ours(store: Store, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("Code,Description\n97,A made-up official sentence\n")
    assert load_official(store, "reason", listed) == 1
    post_835(store, remittance(denied(TWO), "0"), "a", POLICY, LATER)
    (found,) = denials(store, POLICY)
    assert found.official == ("97: A made-up official sentence",)
    listed.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="columns"):
        load_official(store, "reason", listed)


def test_measures_count_what_was_posted(store: Store) -> None:
    post_835(store, remittance(paid(OLD), "48.12", trace="A"), "a", POLICY, LATER)
    post_835(store, remittance(denied(TWO), "0", trace="B"), "b", POLICY, LATER)
    seen = measures(store, date(2026, 11, 20))
    rows = {row.code: row for row in seen.rows}
    assert (rows["99490"].lines, rows["99490"].charged_cents, rows["99490"].paid_cents) == (3, 3 * 6216, 4812)
    assert (rows["99490"].allowed_cents, rows["99490"].adjusted_cents) == (6216 - 54, 54 + 98)
    assert rows["99490"].denied_lines == 1
    assert seen.denial_rate == 0.5
    assert seen.collection_rate == pytest.approx(4812 / 6162)
    assert seen.first_pass == 1.0
    assert seen.by_check == [("CLM065", 1, 6216)]
    owed = 10909 + 6216 + 1252
    assert seen.days_in_receivables == pytest.approx(owed * 90 / (10909 + 2 * 6216))


def test_an_empty_store_measures_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.db") as store:
        seen = measures(store, AT.date())
    assert (seen.rows, seen.collection_rate, seen.days_in_receivables, seen.first_pass) == ([], None, None, None)


def test_the_commands_tell_the_whole_way_of_a_claim(store: Store, tmp_path: Path) -> None:
    answer, remitted = tmp_path / "a.277", tmp_path / "a.835"
    answer.write_text(CLAIM_ANSWER.replace("B20261102-0001", "20261102-000000001"))
    remitted.write_text(REMITTANCE)
    assert "1 claims taken, 1 returned to work" in run(store, "ack", str(answer)).output
    assert "1 lines denied" in run(store, "post", str(remitted)).output
    assert "nothing is posted twice" in run(store, "post", str(remitted)).output
    assert "the books balance" in run(store, "status").output
    told = run(store, "status", TWO).output
    assert "REJECTED A7:507" in told
    assert "status 4" in told
    assert "denied CO-97 M86" in told
    assert "is ready" in run(store, "void", ONE).output
    assert run(store, "denials").exit_code == 1
    assert "collected of what was allowed" in run(store, "measures").output
    assert "nothing is put aside" in run(store, "quarantine").output
    letter = tmp_path / "a.pdf"
    number = run(store, "denials").output.split()[0]
    assert run(store, "appeal", number, "--out", str(letter)).exit_code == 0
    assert letter.read_bytes().startswith(b"%PDF")
    for text in (run(store, "status").output, told, run(store, "denials").output):
        assert "SMITH" not in text
        assert "1EG4TE5MK73" not in text
