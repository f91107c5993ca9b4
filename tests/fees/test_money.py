"""What a code pays: the published national amounts to the cent, and who owes which part."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from careledger.engine.money import Price, price, total
from careledger.policy import load_policy
from careledger.policy.load import DATA

HERE = Path(__file__).parent
COLUMNS: dict[str, tuple[date, dict[str, Any]]] = {
    "jan_2024": (date(2024, 3, 8), {}),
    "mar_2024": (date(2024, 3, 9), {}),
    "y2025": (date(2025, 6, 30), {}),
    "y2026": (date(2026, 10, 31), {}),
    "y2026_apm": (date(2026, 1, 1), {"apm": True}),
    "y2026_facility": (date(2026, 12, 31), {"setting": "hospital_outpatient"}),
}
IN_2026 = date(2026, 10, 31)


def published() -> list[tuple[str, str, int]]:
    """National amounts of every code, as published; 98981 in March 2024 is exactly 39.945 and rounds up like 99496."""
    rows = csv.DictReader((HERE / "national_amounts.csv").read_text().splitlines())
    return [(row["code"], column, round(float(row[column]) * 100)) for row in rows for column in COLUMNS if row[column]]


def priced(code: str, on: date = IN_2026, units: int = 1, **how: Any) -> Price:
    payer = how.get("payer", "medicare_ffs")
    return price(code, units, on, load_policy().on(on, payer=payer), **how)


def rules(line: Price) -> list[str]:
    return [finding.rule for finding in line.findings]


def test_the_published_table_is_whole() -> None:
    assert len({code for code, _, _ in published()}) == 71
    assert len(published()) == 372


@pytest.mark.parametrize(("code", "column", "cents"), published())
def test_amounts_agree_with_the_national_amounts_to_the_cent(code: str, column: str, cents: int) -> None:
    on, how = COLUMNS[column]
    assert priced(code, on, **how).schedule_cents == cents


@pytest.mark.parametrize("code", ["99374", "99375", "99377", "99378", "99379", "99380", "99358", "99359"])
def test_bundled_and_invalid_codes_have_no_amount_and_the_reason(code: str) -> None:
    line = priced(code)
    assert (line.allowed_cents, line.patient_share_cents) == (None, None)
    assert rules(line) == ["money.status"]
    assert code in line.findings[0].says


def test_the_patient_owes_a_fifth_and_sequestration_takes_from_medicare_only() -> None:
    line = priced("99490")
    assert (line.allowed_cents, line.patient_share_cents) == (6613, 1323)
    assert line.payer_pays_cents == 5184  # 52.90 less 2 percent, 1.06
    assert {"pprrvu-2026", "sequestration-2022"} <= {source for finding in line.findings for source in finding.cite}


@pytest.mark.parametrize(
    ("left", "owed", "paid"),
    [(0, 1323, 5184), (5000, 5323, 1264), (6613, 6613, 0), (28300, 6613, 0)],
)
def test_the_deductible_comes_before_the_coinsurance(left: int, owed: int, paid: int) -> None:
    line = priced("99490", deductible_left_cents=left)
    assert (line.patient_share_cents, line.payer_pays_cents) == (owed, paid)


def test_a_qualified_medicare_beneficiary_owes_nothing_and_the_finding_says_why() -> None:
    line = priced("99490", qmb=True)
    assert (line.allowed_cents, line.patient_share_cents, line.payer_pays_cents) == (6613, 0, 5184)
    assert "Qualified Medicare Beneficiary" in line.findings[-1].says


@pytest.mark.parametrize(
    ("kind", "cents"), [("physician", 6613), ("np", 5621), ("pa", 5621), ("cns", 5621), ("cnm", 6613)]
)
def test_each_kind_of_practitioner_is_paid_its_percentage(kind: str, cents: int) -> None:
    assert priced("99490", biller_kind=kind).allowed_cents == cents


def test_a_kind_without_a_known_percentage_has_no_amount() -> None:
    line = priced("99490", biller_kind="psychologist")
    assert line.allowed_cents is None
    assert rules(line) == ["money.practitioner_share"]


def test_cents_are_rounded_for_one_unit_before_units_multiply() -> None:
    # 85 percent of 50.44 is 42.874: 42.87 a unit, 85.74 for two; rounding the sum would make 85.75
    assert priced("99439", units=2, biller_kind="np").allowed_cents == 8574


@pytest.mark.parametrize("setting", ["hospital_outpatient", "19", "22", "21"])
def test_facility_settings_take_the_facility_column(setting: str) -> None:
    assert priced("99490", setting=setting).allowed_cents == 4376


@pytest.mark.parametrize("setting", ["office", "11", "12", "13", "32"])
def test_other_settings_take_the_non_facility_column(setting: str) -> None:
    assert priced("99490", setting=setting).allowed_cents == 6613


def test_a_code_whose_facility_column_does_not_apply_pays_the_one_amount_everywhere() -> None:
    assert priced("G0181", setting="22").allowed_cents == priced("G0181").allowed_cents == 10989


def test_local_amounts_use_the_indices_of_the_locality() -> None:
    # San Francisco 2025: (1.00 x 1.088 + 0.81 x 1.419 + 0.06 x 0.445) x 32.3465 = 73.2354
    line = priced("99490", date(2025, 5, 1), locality="01112-05")
    assert line.allowed_cents == 7324
    assert "money.approximate" not in rules(line)


def test_local_amounts_of_2026_carry_a_warning_because_the_indices_are_rounded() -> None:
    line = priced("99490", locality="01112-05")
    # (1.00 x 1.10 + 0.91 x 1.41 + 0.07 x 0.43) x 33.4009 = 80.6027
    assert line.allowed_cents == 8060
    assert "money.approximate" in rules(line)
    assert load_policy().on(IN_2026).value("fees.medicare.geographic_indices").confirmed is False


def test_alaska_keeps_its_work_floor() -> None:
    # Alaska 2025: (1.00 x 1.500 + 0.81 x 1.081 + 0.06 x 0.592) x 32.3465 = 77.9917
    assert priced("99490", date(2025, 5, 1), locality="02102-01").allowed_cents == 7799


def test_an_unknown_locality_has_no_amount() -> None:
    line = priced("99490", locality="99999-99")
    assert line.allowed_cents is None
    assert rules(line) == ["money.locality_unknown"]


@pytest.mark.parametrize("on", [date(2018, 1, 31), date(2023, 12, 31), date(2027, 1, 1)])
def test_outside_the_years_held_there_is_no_amount(on: date) -> None:
    line = priced("99490", on)
    assert (line.allowed_cents, line.schedule_cents) == (None, None)
    assert "careledger fees import" in line.findings[0].says


def test_a_code_without_facts_has_no_amount() -> None:
    line = priced("12345")
    assert line.allowed_cents is None
    assert rules(line) == ["money.no_fee_facts"]


@pytest.mark.parametrize("code", ["90952", "90953"])
def test_a_code_priced_by_the_contractor_has_no_amount_not_zero(code: str) -> None:
    line = priced(code)
    assert (line.allowed_cents, line.schedule_cents) == (None, None)


def test_a_rural_clinic_is_paid_the_general_code_first_and_the_individual_codes_from_2025_on() -> None:
    assert priced("99490", date(2024, 12, 31), setting="rhc").allowed_cents is None
    assert priced("G0511", date(2024, 12, 31), setting="rhc").allowed_cents == 7290
    assert priced("G0511", date(2025, 9, 30), setting="fqhc").allowed_cents == 5467
    assert priced("G0511", date(2025, 10, 1), setting="fqhc").allowed_cents is None
    assert priced("G0511", date(2025, 6, 1)).allowed_cents is None
    assert priced("99490", date(2025, 1, 1), setting="rhc", locality="01112-05", biller_kind="np").allowed_cents == 6049


def test_another_payer_has_no_amount_until_its_overlay_lists_one() -> None:
    line = priced("99375", payer="commercial")
    assert line.allowed_cents is None
    assert "contract" in line.findings[0].says


def test_an_overlay_lists_a_contract_fee(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(DATA, folder)
    (folder / "payers" / "lake_health.yaml").write_text(
        "payer: lake_health\nkind: commercial\nsays: A contract of ours.\nvalues:\n  fees.medicare.payer_fees:\n"
        '    - {from: 2026-01-01, value: ["99375 101.50"], cite: [pprrvu-2026]}\n'
    )
    view = load_policy(folder).on(IN_2026, payer="lake_health")
    line = price("99375", 2, IN_2026, view, payer="lake_health")
    assert (line.allowed_cents, line.patient_share_cents) == (20300, None)


def test_a_total_is_unknown_as_soon_as_one_line_is() -> None:
    known = [priced("99490"), priced("99439", units=2)]
    assert total(known) == (16701, 1323 + 2018)  # 66.13 + 2 x 50.44; a fifth of each line
    assert total([*known, priced("99374")]) == (None, None)
