"""Replacements, voids and claims to the next payer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.claims.cast import ANN, COMMERCIAL
from tests.claims.clinic import AT, CLAIMS, FIRST, LATER, SECOND, paid, remittance, send, sent
from tests.claims.judges import pyx12_errors
from tests.claims.remittances import REMITTANCE

from careledger.claims.follow import correct, secondary, void
from careledger.claims.posting import post_835
from careledger.claims.status import share
from careledger.claims.store import Store, put_claims
from careledger.claims.store.journals import balances, open_lines
from careledger.claims.x12.check_837p import FileCheck
from careledger.core.errors import InputError
from careledger.policy import load_policy

POLICY = load_policy()
TWO = SECOND.control_number
MEDIGAP = replace(COMMERCIAL, name="SUPPLEMENT", number="70070")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield from sent(tmp_path)


def findings(file: Path) -> list[str]:
    with file.open("rb") as stream:
        return [str(row) for row in FileCheck(POLICY, date(2026, 11, 16)).findings(stream)]


def test_a_void_names_the_payers_number_and_takes_the_charge_back(store: Store, tmp_path: Path) -> None:
    post_835(store, remittance(paid(TWO), "48.12"), "a", POLICY, LATER)
    made = void(store, TWO, LATER)
    assert (made.frequency, made.original_ref) == ("8", "1126306000011")
    files = send(store, tmp_path / "out")
    assert b"CLM*" + made.control_number.encode() + b"*62.16***11:B:8" in files[-1].read_bytes()
    assert findings(files[-1]) == []
    assert pyx12_errors(files[-1].read_text()) == []
    assert open_lines(store, TWO) == {1: 1252 - 6216}
    state = store.row("SELECT state FROM claim WHERE claim_id = ?", (TWO,))
    assert state is not None
    assert state["state"] == "voided"


def test_a_replacement_is_what_the_last_build_made(store: Store, tmp_path: Path) -> None:
    put = put_claims(store, [(replace(SECOND, place="12"), ())], LATER)
    assert put.changed == [TWO]
    made = correct(store, TWO, LATER, "ICN1")
    assert (made.frequency, made.place, made.original_ref) == ("7", "12", "ICN1")
    files = send(store, tmp_path / "out")
    assert pyx12_errors(files[-1].read_text()) == []
    assert -balances(store)["charges"] == sum(claim.total_cents for claim in CLAIMS)


@pytest.mark.parametrize("what", ["twice", "no number", "unknown", "void of void"])
def test_it_refuses_to_follow_what_no_payer_has(store: Store, what: str) -> None:
    number, control = (TWO, "ICN1")
    if what == "twice":
        correct(store, TWO, LATER, "ICN1")
    elif what == "no number":
        control = ""
    elif what == "unknown":
        number = "X"
    else:
        number = void(store, TWO, LATER, "ICN1").control_number
    with pytest.raises(InputError):
        correct(store, number, LATER, control)


def test_the_next_payer_sees_every_reason_of_the_first(store: Store, tmp_path: Path) -> None:
    post_835(store, remittance(paid(TWO), "48.12"), "a", POLICY, LATER)
    insured = replace(ANN, member_id="S55")
    made = secondary(store, TWO, MEDIGAP, insured, LATER)
    assert made.lines[0].adjudications[0].paid_cents == 4812
    assert made.other_payers[0].paid_cents == 4812
    files = send(store, tmp_path / "out")
    assert pyx12_errors(files[-1].read_text()) == []
    assert findings(files[-1]) == []
    with pytest.raises(InputError, match="asked already"):
        secondary(store, TWO, MEDIGAP, insured, LATER)
    claim = f"""CLP*{made.control_number}*2*62.16*12.52*0*CI*S1*11*1~
NM1*QC*1*SMITH*ANN****MI*S55~
SVC*HC:99490*62.16*12.52**1~
DTM*472*20261031~
CAS*OA*23*49.64~
"""
    result = post_835(store, remittance(claim, "12.52", trace="S1"), "b", POLICY, LATER)
    assert result.reasons == []
    assert open_lines(store, TWO) == {1: 0}
    assert share(store, TWO).patient_cents == 0


def test_a_claim_the_payer_sent_on_is_not_sent_again(store: Store) -> None:
    claim = paid(TWO).replace("*1*62.16", "*19*62.16", 1).replace("SVC*", "NM1*TT*2*SUPPLEMENT*****PI*70070~\nSVC*")
    result = post_835(store, remittance(claim, "48.12"), "a", POLICY, AT)
    assert result.state == "posted", result.reasons
    with pytest.raises(InputError, match="sent it on"):
        secondary(store, TWO, MEDIGAP, ANN, LATER)
    assert (share(store, TWO).patient_cents, share(store, TWO).next_payer) == (0, "SUPPLEMENT")


def test_the_patient_owes_what_the_last_payer_left(store: Store) -> None:
    post_835(store, REMITTANCE.replace("MOA***MA01*MA18~\n", "").replace("SE*47", "SE*46").encode(), "a", POLICY, LATER)
    assert share(store, FIRST.control_number).patient_cents == 1252 + 946
    assert share(store, TWO).patient_cents == 0
    assert share(store, TWO).payer_cents == 6216
