"""Remittances: what is read, and that no balance is ever missed or invented."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path

import oxedi
import pyarrow as pa
import pytest
from click.testing import CliRunner
from tests.claims.judges import pyx12_errors
from tests.claims.mutants import structural
from tests.claims.remittances import REMITTANCE

from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import NotReadable
from careledger.claims.x12.read_835 import Event, read_835
from careledger.claims.x12.remittance import ClaimPayment, PaymentEnd
from careledger.cli.main import group
from careledger.core.money import to_cents


def events(text: str = REMITTANCE) -> list[Event]:
    return list(read_835(io.BytesIO(text.encode())))


def claims(text: str = REMITTANCE) -> list[ClaimPayment]:
    return [event for event in events(text) if isinstance(event, ClaimPayment)]


def findings(text: str) -> list[Finding]:
    return [event for event in events(text) if isinstance(event, Finding)]


def test_it_finds_nothing_in_a_good_remittance() -> None:
    assert findings(REMITTANCE) == []


def test_it_reads_claims_lines_reasons_and_keys() -> None:
    first, denied, back, again = claims()
    assert (first.control_number, first.charge_cents, first.paid_cents, first.patient_cents) == (
        "2610CCM000001",
        10909,
        8445,
        2198,
    )
    assert first.payer_control == "1126306000010"
    assert first.remarks == ("MA01", "MA18")
    line = first.lines[0]
    assert (line.line_id, line.allowed_cents, line.paid_cents) == ("L1", 6162, 4812)
    assert (line.since, line.until) == (date(2026, 10, 1), date(2026, 10, 31))
    assert [(row.group, row.reason, row.amount_cents) for row in line.adjustments] == [
        ("CO", "45", 54), ("CO", "253", 98), ("PR", "2", 1252),
    ]  # fmt: skip
    assert (denied.status, denied.lines[0].remarks) == ("4", ("M86",))
    assert back.paid_cents + again.paid_cents == 1238


def test_it_reads_the_payment_and_what_is_kept_back() -> None:
    (end,) = [event for event in events() if isinstance(event, PaymentEnd)]
    assert (end.payment.trace, end.payment.payer_id, end.payment.amount_cents) == ("EFT0001", "1205296137", 8678)
    assert (end.claims, end.paid_cents, end.kept_cents) == (4, 9683, 1005)
    assert [(row.code, row.amount_cents) for row in end.provider_adjustments] == [("WO", 1055), ("L6", -50)]


BALANCES = {
    "a line": ("SVC*HC:99490*62.16*48.12**1", "SVC*HC:99490*62.16*48.13**1", "SVC03"),
    "a claim": ("CLP*2610CCM000001*1*109.09*84.45", "CLP*2610CCM000001*1*109.09*84.46", "CLP04"),
    "the charge of a claim": ("CLP*2610CCM000001*1*109.09", "CLP*2610CCM000001*1*109.1", "CLP03"),
    "the patient's share": ("*84.45*21.98*", "*84.45*21.99*", "CLP05"),
    "the payment": ("BPR*I*86.78", "BPR*I*86.79", "BPR02"),
    "what is kept back": ("*10.55*", "*10.56*", "BPR02"),
    "an adjustment": ("CAS*PR*2*9.46", "CAS*PR*2*9.47", "SVC03"),
}


@pytest.mark.parametrize("name", BALANCES)
def test_it_finds_a_cent_that_is_out_of(name: str) -> None:
    before, after, place = BALANCES[name]
    assert before in REMITTANCE
    found = findings(REMITTANCE.replace(before, after, 1))
    assert place in [one.place for one in found if one.rule == "BAL"]


def test_an_outside_reader_sees_the_same_claims_and_sums() -> None:
    other = oxedi.parse(REMITTANCE.encode())
    assert list(other.diagnostics) == []
    rows = pa.table(other.tables["claims"]).to_pylist()
    assert [
        (row["claim_id"].decode(), to_cents(row["charge_amount"]), to_cents(row["payment_amount"])) for row in rows
    ] == [(claim.control_number, claim.charge_cents, claim.paid_cents) for claim in claims()]


@pytest.mark.slow
def test_it_finds_all_that_an_outside_validator_finds() -> None:
    every = int(os.environ.get("CARELEDGER_MUTANT_STEP", "31"))
    changed = [mutant for number, mutant in enumerate(structural(REMITTANCE)) if number % every == 0]
    missed = [name for name, text in changed if pyx12_errors(text) and not findings(text)]
    assert missed == []


def test_it_refuses_what_is_no_remittance() -> None:
    for text in ("", "hello", REMITTANCE.replace("GS*HP", "GS*HC"), REMITTANCE.replace("005010X221A1", "004010X091A1")):
        with pytest.raises(NotReadable, match="segment"):
            events(text)


def test_a_remittance_cut_anywhere_is_never_taken_for_whole() -> None:
    for end in range(0, len(REMITTANCE) - 2, 11):
        try:
            assert findings(REMITTANCE[:end]) != []
        except NotReadable:
            continue


@pytest.mark.parametrize(("amount", "status"), [("86.78", 0), ("86.79", 1)])
def test_show_prints_claims_and_balance(tmp_path: Path, amount: str, status: int) -> None:
    file = tmp_path / "remittance.x12"
    file.write_text(REMITTANCE.replace("BPR*I*86.78", f"BPR*I*{amount}"), encoding="ascii")
    result = CliRunner().invoke(group, ["remit", "show", str(file)])
    assert result.exit_code == status
    assert "above the fee schedule" in result.output
    assert f"${amount}" in result.output
    assert "SMITH" not in result.output
