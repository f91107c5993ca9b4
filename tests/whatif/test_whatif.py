"""A month closed again under a hypothesis: only what is supposed differs, and nothing of the practice's changes."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from careledger.batch.whatif import WhatIf, what_if
from careledger.cli.whatif import whatif
from careledger.core.errors import PolicyError
from careledger.core.month import Month
from careledger.policy import load_policy
from careledger.policy.hypothesis import Hypothesis, HypotheticalPolicy

MONTH = Month.parse("2026-10")
AS_OF = date(2026, 11, 5)
TABLES = {
    "practices": "practice_id,access_24_7,certified_ehr\ng1,true,true\n",
    "people": "person_id,kind,practice_id\ndr-a,physician,g1\nrn-1,rn,g1\n",
    "patients": "patient_id,residence\np1,home\np2,home\n",
    "coverage": "patient_id,payer,part_b,qmb\np1,medicare_ffs,true,false\np2,medicare_ffs,true,false\n",
    "panel": "patient_id,biller_id,established,last_seen_on\np1,dr-a,true,2026-09-05\np2,dr-a,true,2026-09-05\n",
    "conditions": "patient_id,icd10,chronic,expected_months,significant_risk\n"
    + "".join(f"{p},{code},true,12,true\n" for p in ("p1", "p2") for code in ("E11.22", "I50.32")),
    "consents": "patient_id,program,given_on,form,documented,practitioner,covers\n"
    + "".join(
        f"{p},ccm,2026-09-05,verbal,true,dr-a,availability cost_sharing one_practitioner right_to_stop\n"
        for p in ("p1", "p2")
    ),
    "care_plans": "patient_id,program,established_on,reviewed_on,signed_by,copy_given_on,elements\n"
    + "".join(f"{p},ccm,2026-09-10,2026-09-10,dr-a,2026-09-10,all\n" for p in ("p1", "p2")),
    "time_entries": "entry_id,patient_id,by,programs,start_s,end_s,activity,documented\n"
    "e1,p1,rn-1,ccm,1791280800,1791282060,call_patient,true\n",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for table, text in TABLES.items():
        (folder / f"{table}.csv").write_text(text)
    return folder


def _digest(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def _supposed(data: Path, out: Path, hypothesis: Hypothesis, payers: dict[str, str] | None = None) -> WhatIf:
    before = _digest(data)
    found = what_if(data, out, MONTH, load_policy(), hypothesis, payers or {}, as_of=AS_OF)
    assert _digest(data) == before
    return found


def test_other_fees_change_the_worth_and_nothing_else(data: Path, tmp_path: Path) -> None:
    found = _supposed(data, tmp_path / "out", Hypothesis(fees_of=2025))
    (change,) = found.by_code
    assert (change.code, change.lines, change.units) == ("99490", (1, 1), (1, 1))
    assert change.cents == (6613, 6049)  # national, office: 2026 and 2025
    with (tmp_path / "out" / "changes.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["patient"], row["code"]) for row in rows] == [("p1", "99490")]


def test_an_id_that_a_spreadsheet_would_run_is_text_in_the_changes(data: Path, tmp_path: Path) -> None:
    for file in data.iterdir():
        file.write_text(file.read_text().replace("p1,", "=p1,"))
    _supposed(data, tmp_path / "out", Hypothesis(fees_of=2025))
    with (tmp_path / "out" / "changes.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["patient"] == "'=p1"
    cells = ("practitioner", "units", "allowed_cents", "allowed_cents_supposed")
    assert [row[name] for name in cells] == ["dr-a", "1", "6613", "6049"]


def test_rules_of_a_month_in_which_a_code_did_not_exist_bill_nothing_of_it(data: Path, tmp_path: Path) -> None:
    """The add-on of today was G2058 in 2020."""
    policy = HypotheticalPolicy(load_policy(), Hypothesis(rules_of=Month.parse("2020-10")))
    view = policy.on(MONTH.last_on)
    assert view.code("99439").exists is False
    assert view.code("G2058").exists is True


def test_another_payer_takes_the_place_of_medicare(data: Path, tmp_path: Path) -> None:
    found = _supposed(data, tmp_path / "out", Hypothesis(), {"medicare_ffs": "commercial"})
    (change,) = found.by_code
    assert change.lines == (1, 0)
    assert "commercial paying for medicare_ffs" in found.says


def test_a_hypothesis_that_names_nothing_known_is_refused_by_name(data: Path, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no overlay has this name"):
        _supposed(data, tmp_path / "out", Hypothesis(overlays=("no_such",)))
    with pytest.raises(PolicyError, match="no overlay has this name"):
        _supposed(data, tmp_path / "out", Hypothesis(), {"*": "no_such"})
    assert not (tmp_path / "out").exists()


def test_the_command_asks_for_a_supposition_and_shows_the_difference(data: Path, tmp_path: Path) -> None:
    asked = ["--month", "2026-10", "--data", str(data), "--out", str(tmp_path / "out"), "--as-of", "2026-11-05"]
    refused = CliRunner().invoke(whatif, asked)
    assert refused.exit_code == 2
    assert "nothing is supposed" in refused.output
    shown = CliRunner().invoke(whatif, [*asked, "--fees-of", "2025"])
    assert shown.exit_code == 0
    assert "at the fees of 2025" in shown.output
    assert "-$5.64" in shown.output
