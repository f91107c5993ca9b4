"""Identifiers are refused for the right reason, and never repeated in the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.core.codes import (
    hcpcs_problem,
    icd10_plain,
    icd10_problem,
    mbi_problem,
    npi_check_digit,
    npi_problem,
    taxonomy_problem,
)


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_it_accepts_the_published_example_npis(npi: str) -> None:
    assert npi_problem(npi) is None


@pytest.mark.parametrize(
    ("npi", "says"),
    [
        ("1234567890", "check digit"),
        ("123456789", "has 9"),
        ("12345678934", "has 11"),
        ("3234567893", "starts with 1 or 2"),
        ("12345A7893", "digits only"),
        ("١٢٣٤٥٦٧٨٩٣", "digits only"),
        ("", "digits only"),
    ],
)
def test_it_says_what_is_wrong_with_an_npi(npi: str, says: str) -> None:
    problem = npi_problem(npi)
    assert problem is not None
    assert says in problem
    assert not npi or npi not in problem


@given(st.integers(100_000_000, 299_999_999), st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(first_nine: int, place: int, change: int) -> None:
    npi = str(first_nine) + npi_check_digit(str(first_nine))
    assert npi_problem(npi) is None
    wrong = npi[:place] + str((int(npi[place]) + change) % 10) + npi[place + 1 :]
    assert npi_problem(wrong) is not None


@pytest.mark.parametrize("mbi", ["1EG4TE5MK73", "9AA0AA0AA00", "1A00A00AA00"])
def test_it_accepts_an_mbi(mbi: str) -> None:
    assert mbi_problem(mbi) is None


@pytest.mark.parametrize(
    "mbi", ["0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MK7", "1EG4-TE5-MK73", "1eg4te5mk73", "1EGATE5MK73", "1EG4TE5MKA3"]
)
def test_it_refuses_what_is_no_mbi_and_does_not_repeat_it(mbi: str) -> None:
    problem = mbi_problem(mbi)
    assert problem is not None
    assert mbi not in problem


@pytest.mark.parametrize("code", ["I10", "E11.22", "E1122", "Z79.4", "S72.001A", "U07.1", "C4A.0", "M1A.0110"])
def test_it_accepts_diagnoses_whole(code: str) -> None:
    assert icd10_problem(code) is None
    assert "." not in icd10_plain(code)


@pytest.mark.parametrize("code", ["250.00", "e11.22", "E1", "E11.", "E11.22222", "44054006", "", "I10 "])
def test_it_refuses_what_is_no_icd10_code(code: str) -> None:
    assert icd10_problem(code) is not None


@pytest.mark.parametrize(
    ("code", "good"), [("99490", True), ("G0181", True), ("9949", False), ("g0181", False), ("G018", False)]
)
def test_it_knows_the_shape_of_a_procedure_code(code: str, good: bool) -> None:
    assert (hcpcs_problem(code) is None) is good


def test_it_knows_the_shape_of_a_taxonomy_code() -> None:
    assert taxonomy_problem("207Q00000X") is None
    assert taxonomy_problem("207Q00000") is not None
