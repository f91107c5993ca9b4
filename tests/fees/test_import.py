"""CMS's own fee files: read as they come, laid over the built-in facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from careledger.cli.fees import fees
from careledger.core.errors import InputError, PolicyError
from careledger.engine.money import price
from careledger.policy import load_policy
from careledger.policy.fee_files import read_cms_file
from careledger.policy.fee_folder import write_fee_folder
from careledger.policy.fees import OVERLAY_VARIABLE, load_fees

STACKED = """\
,,2026 National Physician Fee Schedule Relative Value File October Release,,,,,,,,,,,,,,,
,,A notice about the owner of the short descriptions.,,,,,,,,,,,,,,,
,,,,,,,,,,,,,,,,,
,,RELEASED 09/30/2026,,,,,,,,,,,,,,,
,,,,NOT USED,,,,,,,,,,,,,
,,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,ENDO,CONV,PHYSICIAN
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,BASE,FACTOR,VISION
99490,,"Licensed words, staff 1st 20",A,,1.00,0.95,,0.25,,0.07,2.02,1.32,0,XXX,,33.4009,09
G0181,,Licensed words,A,,1.73,1.44,,1.44,NA,0.12,3.29,3.29,0,XXX,,33.4009,09
71046,26,Licensed words,A,,0.18,0.07,,0.07,,0.01,0.26,0.26,1,XXX,,33.4009,09
00100,,Licensed words,J,,0.00,0.00,,0.00,,0.00,0.00,0.00,9,XXX,,0.0000,09
NOTE: the values are not amounts,,,,,,,,,,,,,,,,,
"""
FLAT = """\
HCPCS,MOD,DESCRIPTION,STATUS CODE,NOT USED FOR MEDICARE PAYMENT,WORK RVU,NON-FAC PE RVU,NON-FAC NA INDICATOR,\
FACILITY PE RVU,FACILITY NA INDICATOR,MP RVU,NON-FACILITY TOTAL,FACILITY TOTAL,CONV FACTOR
99490,,Licensed words,A,,1,.95,,.25,,.07,2.02,1.32,32.8409
"""
GPCI = """\
"ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY",,,,,,,
Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2026 PW GPCI (without 1.0 Floor),\
2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI
1112,CA,5,SAN FRANCISCO-OAKLAND-BERKELEY,1.097,1.097,1.412,0.431
10112,AL,00,ALABAMA*,0.988,1.000,0.871,0.561
,,,,,,,
*A footnote,,,,,,,
"""
IN_OCTOBER = date(2026, 10, 31)


def cms_file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def amount(folder: Path, on: date = IN_OCTOBER, locality: str | None = None, apm: bool = False) -> int | None:
    book = load_fees(folder)
    return price("99490", 1, on, load_policy().on(on), fees=book, locality=locality, apm=apm).allowed_cents


def test_a_heading_spread_over_rows_is_read_by_its_joined_words(tmp_path: Path) -> None:
    read = read_cms_file(cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED))
    assert read.cells == {
        "99490": "A 1.00 0.95 0.25 0.07",
        "G0181": "A 1.73 1.44 na 0.12",
        "00100": "J 0.00 0.00 0.00 0.00",
    }
    assert (read.since, read.factor, read.skipped, read.for_apm) == (date(2026, 10, 1), "33.4009", 1, False)


def test_an_imported_release_holds_from_its_quarter_on_and_the_earlier_one_before(tmp_path: Path) -> None:
    write_fee_folder(tmp_path / "own", [read_cms_file(cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED))])
    assert amount(tmp_path / "own") == 6747  # 2.02 x 33.4009 = 67.4698
    assert amount(tmp_path / "own", date(2026, 9, 30)) == 6613


def test_descriptions_are_never_kept(tmp_path: Path) -> None:
    write_fee_folder(tmp_path / "own", [read_cms_file(cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED))])
    kept = "".join(file.read_text() for file in (tmp_path / "own").iterdir())
    assert "99490" in kept
    assert "Licensed" not in kept


def test_a_year_that_is_not_built_in_becomes_payable(tmp_path: Path) -> None:
    read = read_cms_file(cms_file(tmp_path, "PPRRVU2027_Jan_nonQPP.csv", FLAT))
    write_fee_folder(tmp_path / "own", [read])
    book = load_fees(tmp_path / "own")
    assert book.rvu("99490", date(2027, 3, 1)) is not None
    assert amount(tmp_path / "own", date(2027, 3, 1)) == 6634  # 2.02 x 32.8409 = 66.3386


def test_both_factors_of_a_quarter_share_one_release(tmp_path: Path) -> None:
    first = read_cms_file(cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED))
    second = read_cms_file(cms_file(tmp_path, "PPRRVU2026_Oct_QPP.csv", STACKED.replace("33.4009", "33.5675")))
    write_fee_folder(tmp_path / "own", [first, second])
    assert amount(tmp_path / "own", apm=True) == 6781  # 2.02 x 33.5675 = 67.8064
    assert amount(tmp_path / "own") == 6747


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    read = read_cms_file(cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED))
    write_fee_folder(tmp_path / "own", [read])
    once = {file.name: file.read_text() for file in (tmp_path / "own").iterdir()}
    write_fee_folder(tmp_path / "own", [read])
    assert {file.name: file.read_text() for file in (tmp_path / "own").iterdir()} == once


def test_exact_indices_replace_the_rounded_ones_and_their_warning(tmp_path: Path) -> None:
    read = read_cms_file(cms_file(tmp_path, "GPCI2026.csv", GPCI, encoding="utf-8-sig"))
    assert read.cells == {"01112-05": "1.097 1.412 0.431", "10112-00": "1.000 0.871 0.561"}
    write_fee_folder(tmp_path / "own", [read])
    line = price(
        "99490", 1, IN_OCTOBER, load_policy().on(IN_OCTOBER), locality="01112-05", fees=load_fees(tmp_path / "own")
    )
    assert line.allowed_cents == 8057  # (1.097 + 0.91 x 1.412 + 0.07 x 0.431) x 33.4009 = 80.5663
    assert "money.approximate" not in {finding.rule for finding in line.findings}


def test_a_changed_heading_is_refused_with_the_name_of_the_column(tmp_path: Path) -> None:
    file = cms_file(tmp_path, "PPRRVU2027_Jan.csv", FLAT.replace("MP RVU", "LIABILITY"))
    with pytest.raises(InputError, match="MP RVU was not found"):
        read_cms_file(file)


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no heading of CMS's"):
        read_cms_file(cms_file(tmp_path, "notes.csv", "a,b\n1,2\n"))


def test_a_heading_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no row of values"):
        read_cms_file(cms_file(tmp_path, "PPRRVU2027_Jan.csv", FLAT.splitlines()[0]))


def test_a_file_that_does_not_say_from_when_it_holds_wants_to_be_told(tmp_path: Path) -> None:
    file = cms_file(tmp_path, "values.csv", FLAT)
    with pytest.raises(InputError, match="--from"):
        read_cms_file(file)
    assert read_cms_file(file, date(2027, 1, 1)).release == "rvu2027-01"


def test_a_folder_without_releases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="careledger fees import"):
        load_fees(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(fees, words, catch_exceptions=False)


def test_it_imports_and_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = str(tmp_path / "own")
    imported = run("import", str(cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED)), "--out", own)
    assert imported.exit_code == 0
    assert "3 codes from 2026-10-01, conversion factor 33.4009, 1 rows left out" in imported.output
    assert "$67.47 allowed" in run("show", "99490", "--on", "2026-10-31", "--fees", own).output
    assert "$66.13 allowed, patient owes $13.23" in run("show", "99490", "--on", "2026-10-31").output
    monkeypatch.setenv(OVERLAY_VARIABLE, own)
    assert "$67.47 allowed" in run("show", "99490", "--on", "2026-10-31").output


def test_a_row_with_a_misread_number_is_named_by_its_line(tmp_path: Path) -> None:
    file = cms_file(tmp_path, "PPRRVU2026_Oct_nonQPP.csv", STACKED.replace("1.73", "1.7E"))
    at = next(number for number, line in enumerate(STACKED.splitlines(), 1) if line.startswith("G0181"))
    assert read_cms_file(file).unreadable == (at,)
    result = run("import", str(file), "--out", str(tmp_path / "own"))
    assert result.exit_code == 1
    assert f"{file.name}:{at}: a value is no number" in result.output


def test_it_shows_why_there_is_no_amount() -> None:
    shown = run("show", "99374", "--on", "2026-10-31").output
    assert "no amount" in shown
    assert "$70.81 a unit" in shown


def test_it_names_near_localities() -> None:
    with pytest.raises(InputError, match="01112-05"):
        run("show", "99490", "--on", "2026-10-31", "--locality", "01112-99")
