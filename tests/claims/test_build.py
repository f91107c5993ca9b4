"""From a closed month's decisions to claims on disk."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.claims.judges import pyx12_errors

from careledger.claims import outbox
from careledger.claims.build import BuiltClaim, DecidedRow, build_claims
from careledger.claims.config import ClaimsConfig, read_config
from careledger.claims.facts import Attestation
from careledger.claims.outbox import check_claims
from careledger.claims.tables import read_records
from careledger.claims.wording import person_name, plain, telephone
from careledger.claims.x12.check_837p import FileCheck
from careledger.cli.main import group
from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.policy import load_policy

OCTOBER = Month(2026, 10)
TABLES = {
    "practices": """practice_id,name,npi,tax_id,taxonomy,address,city,state,zip,phone,setting
g1,Maple Primary Care PC,1234567893,12-3456789,207Q00000X,100 Main St,Albany,NY,12207-1234,518-555-0111,office
""",
    "people": """person_id,kind,practice_id,name,npi,taxonomy
dr-a,physician,g1,"Pat Q Provider, MD",1982735460,207Q00000X
""",
    "patients": """patient_id,born_on,family_name,given_name,sex,address,city,state,zip
p1,1945-04-15,Smíth,Ann Marie,female,2 Oak Ave,Albany,NY,12208
p2,1940-01-02,Jones,Ray,male,3 Oak Ave,Albany,NY,12208
p3,1941-01-02,Lee,Carl,male,4 Oak Ave,Albany,NY,12208
""",
    "coverage": """patient_id,payer,member_id,part_b,rank
p1,medicare_ffs,1EG4-TE5-MK73,true,1
p2,medicare_ffs,1EG4TE5MK74,true,1
p3,medicare_ffs,,true,1
""",
    "conditions": """patient_id,icd10,chronic,significant_risk
p1,Z00.00,false,
p1,E11.65,true,true
p1,I10,true,true
p2,I50.22,true,true
p2,E11.65,true,true
p3,I10,true,true
p3,E11.9,true,true
""",
    "consents": """patient_id,program,given_on,practitioner
p1,ccm,2026-01-05,dr-a
p2,ccm,2026-01-05,dr-a
p3,ccm,2026-01-05,dr-a
""",
    "agency_episodes": """patient_id,kind,agency_npi,since,plan_signed_by
p2,hospice,1234567893,2026-01-01,dr-a
p2,home_health,1891234563,2026-01-01,dr-a
""",
    "time_entries": """entry_id,patient_id,by,programs,start_s,end_s,on,seconds,documented
t1,p2,dr-a,cpo,,,2026-10-05,1200,true
t2,p2,dr-a,cpo,1792627200,1792628400,,,true
t3,p2,rn-1,cpo,,,2026-10-30,1200,true
""",
    "attestations": """practitioner,month,signed_on,patient
dr-a,2026-10,2026-11-01,
""",
}
CONFIG = """
submitter: {name: Maple Care Billing, number: "SUBMIT77", contact: Jo Biller, phone: "5185550100"}
payers:
  medicare_ffs: {name: Medicare Part B, number: "13282", filing: MB, receiver: {name: Medicare Part B, number: "13282"}}
charges: {"99490": "95.00", "99439": 70, "G0181": "180.00"}
"""
DECIDED = (
    ("p1", "99490", 1, "bill"), ("p1", "99439", 2, "bill"), ("p1", "99487", 0, "no"),
    ("p2", "G0181", 1, "bill"), ("p3", "99490", 1, "bill"),
)  # fmt: skip


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A folder of tables, settings and decisions."""
    data = tmp_path / "data"
    data.mkdir()
    for name, text in TABLES.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (data / "claims.yaml").write_text(CONFIG, encoding="utf-8")
    closed = tmp_path / "closed"
    closed.mkdir()
    rows = [
        {"patient": patient, "practitioner": "dr-a", "code": code, "units": units, "verdict": verdict,
         "date_of_service": date(2026, 10, 31) if verdict == "bill" else None, "allowed_cents": 6000}
        for patient, code, units, verdict in DECIDED
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), closed / "decisions.parquet")
    return tmp_path


def built(clinic: Path, config: ClaimsConfig | None = None) -> dict[str, BuiltClaim]:
    rows = outbox.decided_rows(clinic / "closed" / "decisions.parquet")
    records = read_records(clinic / "data", {"p1", "p2", "p3"}, {"p2"})
    attested = [Attestation(practitioner="dr-a", month="2026-10", signed_on=date(2026, 11, 1))]
    config = config or read_config(clinic / "data" / "claims.yaml")
    return {row.claim.patient_id: row for row in build_claims(rows, records, attested, config, load_policy())}


def run(clinic: Path, out: str = "claims") -> object:
    command = ["claims", "build", "--decisions", str(clinic / "closed"), "--data", str(clinic / "data")]
    return CliRunner().invoke(group, [*command, "--out", str(clinic / out), "--sent-on", "2026-11-02"])


def test_a_month_of_care_management_is_one_claim(clinic: Path) -> None:
    claim = built(clinic)["p1"].claim
    assert [(line.code, line.units, line.charge_cents) for line in claim.lines] == [
        ("99490", 1, 9500),
        ("99439", 2, 14000),
    ]
    assert claim.diagnoses == ("E1165", "I10", "Z0000")
    assert claim.lines[0].pointers == (1, 2, 3)
    assert (claim.insured.last, claim.insured.first, claim.insured.middle) == ("SMITH", "ANN", "MARIE")
    assert claim.insured.member_id == "1EG4TE5MK73"
    assert (claim.billing.tax_id, claim.billing.address.zip) == ("123456789", "122071234")
    assert claim.rendering is not None
    assert (claim.rendering.last, claim.rendering.first) == ("PROVIDER", "PAT")
    assert (claim.place, claim.rank, len(claim.control_number)) == ("11", "P", 13)


def test_oversight_has_its_agency_and_its_own_documented_days(clinic: Path) -> None:
    claim = built(clinic)["p2"].claim
    assert claim.agency_npi == "1891234563"
    assert (claim.lines[0].since, claim.lines[0].until) == (date(2026, 10, 5), date(2026, 10, 21))


def test_oversight_never_shares_a_claim(clinic: Path) -> None:
    rows = [
        DecidedRow(
            patient="p2", practitioner="dr-a", code=code, units=1, month=OCTOBER, date_of_service=OCTOBER.last_on
        )
        for code in ("99495", "G0181", "G0182")
    ]
    records = read_records(clinic / "data", {"p2"}, {"p2"})
    claims = [row.claim for row in build_claims(rows, records, (), ClaimsConfig(), load_policy())]
    assert sorted(tuple(line.code for line in claim.lines) for claim in claims) == [("99495",), ("G0181",), ("G0182",)]
    assert len({claim.control_number for claim in claims}) == 3


def test_building_again_gives_the_same_numbers(clinic: Path) -> None:
    assert built(clinic) == built(clinic)


def test_a_solo_practitioner_bills_under_the_own_number(clinic: Path) -> None:
    text = TABLES["practices"].replace("1234567893", "1982735460")
    (clinic / "data" / "practices.csv").write_text(text, encoding="utf-8")
    claim = built(clinic)["p1"].claim
    assert claim.rendering is None
    assert (claim.billing.is_person, claim.billing.last) == (True, "PROVIDER")


def test_whole_months_can_be_put_on_lines(clinic: Path) -> None:
    claim = built(clinic, ClaimsConfig(service_days="whole_month"))["p1"].claim
    assert (claim.lines[0].since, claim.lines[0].until) == (date(2026, 10, 1), date(2026, 10, 31))


def test_nothing_is_dropped_when_nothing_is_configured(clinic: Path) -> None:
    rows = outbox.decided_rows(clinic / "closed" / "decisions.parquet")
    checked = list(check_claims(rows, clinic / "data", (), ClaimsConfig(), load_policy(), date(2026, 11, 2)))
    assert len(checked) == 3
    for row in checked:
        assert {"CLM018", "CLM030", "CLM033"} <= {hold.check for hold in row.holds}


def test_the_command_writes_everything_and_its_totals_balance(clinic: Path) -> None:
    result = run(clinic)
    assert result.exit_code == 1, result.output  # type: ignore[attr-defined]
    out = clinic / "claims"
    assert sorted(path.name for path in out.iterdir()) == [
        "837p_000000001_13282.x12", "cms1500.pdf", "held.csv", "proof.pdf", "totals.json",
    ]  # fmt: skip
    totals = json.loads((out / "totals.json").read_text())
    assert (totals["ready"], totals["held"], totals["ready_cents"]) == (2, 1, 41500)
    text = (out / "837p_000000001_13282.x12").read_text()
    assert pyx12_errors(text) == []
    checking = FileCheck(load_policy())
    with (out / "837p_000000001_13282.x12").open("rb") as stream:
        assert list(checking.findings(stream)) == []
    assert (checking.summary.claims, checking.summary.charges_cents) == (2, totals["ready_cents"])
    with (out / "held.csv").open(newline="") as stream:
        held = list(csv.DictReader(stream))
    assert [(row["patient"], row["check"]) for row in held] == [("p3", "CLM012")]
    assert "Lee" not in (out / "held.csv").read_text()


def test_a_folder_in_use_is_not_written_to(clinic: Path) -> None:
    run(clinic)
    before = {path.name: path.read_bytes() for path in (clinic / "claims").iterdir()}
    result = run(clinic)
    assert isinstance(result.exception, InputError)  # type: ignore[attr-defined]
    assert {path.name: path.read_bytes() for path in (clinic / "claims").iterdir()} == before


@pytest.mark.parametrize("step", ["form_pdf", "proof_pdf", "write_837p", "_held_file"])
def test_a_failure_at_any_step_leaves_nothing_behind(clinic: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(outbox, step, fail)
    result = run(clinic)
    assert isinstance(result.exception, OSError)  # type: ignore[attr-defined]
    assert sorted(path.name for path in clinic.iterdir()) == ["closed", "data"]


BAD_CONFIG: dict[str, tuple[str, str]] = {
    "an unknown key": ("submitters: {}", "unknown key"),
    "a list": ("charges: [1]", "mapping"),
    "an amount in words": ('charges: {"99490": much}', "number"),
    "three decimals": ('charges: {"99490": "1.005"}', "dollars and cents"),
    "a number without quotes": ("submitter: {number: 12}", "text"),
    "an unknown choice": ("service_days: sometimes", "allowed"),
}


@pytest.mark.parametrize("name", BAD_CONFIG)
def test_settings_that_cannot_be_used_are_one_clear_line(tmp_path: Path, name: str) -> None:
    text, says = BAD_CONFIG[name]
    (tmp_path / "claims.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        read_config(tmp_path / "claims.yaml")
    assert ":1" in str(caught.value)


def test_a_bad_row_names_file_row_and_column(clinic: Path) -> None:
    (clinic / "data" / "patients.csv").write_text("patient_id,born_on\np1,1945-13-01\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"patients\.csv:2: born_on") as caught:
        read_records(clinic / "data", {"p1"})
    assert "1945" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Pat Q Provider, MD", ("PROVIDER", "PAT", "Q")),
        ("Provider, Pat Q", ("PROVIDER", "PAT", "Q")),
        ("Dr. Pat Provider MD PhD", ("PROVIDER", "PAT", "")),
        ("Provider", ("PROVIDER", "", "")),
        ("", ("", "", "")),
    ],
)
def test_names_are_taken_apart(name: str, parts: tuple[str, str, str]) -> None:
    assert person_name(name) == parts


def test_text_is_made_plain() -> None:
    assert plain("Müller–Lüdenscheidt: O’Neil*") == "MULLER-LUDENSCHEIDT O'NEIL"
    assert telephone("+1 (518) 555-0111") == "5185550111"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("dr-a,2026-99,2026-11-01,", "month: not a month"),
        ("dr-a,2026-10,2026-13-01,", "signed_on"),
        ("dr-a,2026-10,2026-09-30,", "signed before the month began"),
    ],
)
def test_it_refuses_an_attestation_that_cannot_be(clinic: Path, row: str, words: str) -> None:
    (clinic / "data" / "attestations.csv").write_text(f"practitioner,month,signed_on,patient\n{row}\n")
    with pytest.raises(InputError, match=words) as refused:
        outbox.read_attestations(clinic / "data")
    assert "attestations" in str(refused.value)
    assert ":2" in str(refused.value)
