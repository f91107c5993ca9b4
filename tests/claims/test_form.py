"""The paper form: what stands where, read back from the PDF by position."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pdfplumber
import pytest
from tests.claims import cast

from careledger.claims.form.grid import text_form
from careledger.claims.form.layout import COLUMNS, LINES, layout
from careledger.claims.form.pages import Page, pages
from careledger.claims.form.pdf import Offset, form_pdf, printer_test_pdf
from careledger.claims.form.proof import proof_pdf
from careledger.claims.model import Hold
from careledger.core.errors import InputError

SIGNED = date(2026, 11, 2)


def sheets(path: Path, right: float = 0, down: float = 0) -> list[list[str]]:
    """The lines of each sheet, rebuilt from where every character stands."""
    found = []
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            rows = [[" "] * COLUMNS for _ in range(LINES)]
            for sign in page.chars:
                column = (sign["x0"] - right - 21.6) / 7.2
                baseline = 792 - sign["matrix"][5] - down
                line = (baseline + 3) / 12 - 1
                assert abs(column - round(column)) < 0.02
                assert abs(line - round(line)) < 0.02
                if sign["text"] != " ":
                    rows[round(line)][round(column)] = sign["text"]
            found.append(["".join(row).rstrip() for row in rows])
    return found


def one(claim: object) -> Page:
    (page,) = pages(claim, SIGNED)  # type: ignore[arg-type]
    return page


def test_the_pdf_has_every_character_where_the_text_form_has_it(tmp_path: Path) -> None:
    forms = [page for claim in cast.ALL for page in pages(claim, SIGNED)]
    assert form_pdf(tmp_path / "forms.pdf", forms) == len(forms)
    for page, sheet in zip(forms, sheets(tmp_path / "forms.pdf"), strict=True):
        assert sheet == text_form(page).splitlines()


@pytest.mark.parametrize(("right", "down"), [(2.0, -3.0), (-7.2, 12.0)])
def test_a_printer_has_its_own_offset(tmp_path: Path, right: float, down: float) -> None:
    page = one(cast.CCM)
    form_pdf(tmp_path / "moved.pdf", [page], Offset(right, down))
    assert sheets(tmp_path / "moved.pdf", right, down) == [text_form(page).splitlines()]


def test_a_medicare_claim_is_filled_by_medicares_instructions() -> None:
    items = one(cast.CCM).items
    assert items["1.medicare"] == "X"
    assert items["1a.insured_id"] == "1EG4TE5MK73"
    assert items["2.patient_name"] == "SMITH, ANN"
    assert items["11.policy"] == "NONE"
    assert items["21.indicator"] == "0"
    assert (items["21.A"], items["21.B"], items["21.C"]) == ("E1165", "I10", "N1831")
    assert items["24.1.pointer"] == "A"
    assert items["24.2.units"] == "2"
    assert items["24.1.rendering"] == "1982735460"
    assert (items["28.dollars"], items["28.cents"]) == ("235", "00")
    assert items["32.name"] == "MAPLE PRIMARY CARE PC"
    for blank in ("4.insured_name", "17a.other_id", "22.code", "24.1.emergency", "11d.no", "13.signature", "23.number"):
        assert blank not in items


def test_oversight_has_the_agency_in_item_23() -> None:
    assert one(cast.CPO).items["23.number"] == cast.CPO.agency_npi


def test_a_secondary_claim_names_who_paid_before() -> None:
    items = one(cast.SECONDARY).items
    assert items["11.policy"] == "GRP100"
    assert items["4.insured_name"] == "SMITH, ANN"
    assert items["7.street"] == "SAME"
    assert items["11c.plan"] == "COMMERCIAL HEALTH"


def test_another_payer_gets_every_pointer_and_the_insured() -> None:
    items = one(cast.DEPENDENT).items
    assert items["24.1.pointer"] == "AB"
    assert items["4.insured_name"] == "SMITH, JOHN"
    assert items["6.spouse"] == "X"


def test_seven_lines_are_two_forms_each_with_its_own_total() -> None:
    claim = replace(cast.CCM, lines=tuple(cast.line("99213", 10000 + number, number) for number in range(7)))
    first, second = pages(claim, SIGNED)
    assert first.items["28.dollars"] == "600"
    assert (second.items["28.dollars"], second.items["28.cents"]) == ("100", "06")
    assert first.items["26.account"] != second.items["26.account"]
    assert "24.2.code" not in second.items


def test_thirteen_diagnoses_lose_none_that_a_line_points_to() -> None:
    codes = tuple(f"I{number}" for number in range(10, 24))
    lines = (cast.line("99213", 9000, pointers=(1, 2)), cast.line("99214", 9000, 2, pointers=(13, 14)))
    (only,) = pages(replace(cast.CCM, diagnoses=codes, lines=lines), SIGNED)
    shown = [only.items[f"21.{letter}"] for letter in "ABCDEFGHIJKL"]
    assert shown == [*codes[:10], *codes[12:]]
    assert only.items["24.2.pointer"] == "K"
    apart = tuple(cast.line("99213", 9000, at, pointers=tuple(range(4 * at - 3, 4 * at + 1))) for at in range(1, 5))
    many = replace(cast.CCM, diagnoses=tuple(f"I{number}" for number in range(10, 26)), lines=apart)
    assert [len(page.claim.lines) for page in pages(many, SIGNED)] == [3, 1]


def test_no_symbol_and_no_small_letter_is_printed() -> None:
    for claim in cast.ALL:
        text = text_form(one(claim))
        assert not set(text) & set("$.abcdefghijklmnopqrstuvwxyz")


def test_a_long_name_is_cut_and_said(tmp_path: Path) -> None:
    page = one(replace(cast.CCM, insured=replace(cast.ANN, last="A" * 40)))
    assert page.cut == ("2.patient_name",)
    assert page.items["2.patient_name"] == "A" * 28


def test_an_amount_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="more figures"):
        pages(replace(cast.CCM, lines=(cast.line("99490", 10_000_000),)), SIGNED)


def test_every_place_lies_on_the_sheet_and_on_no_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for field in layout().values():
        assert 1 <= field.line <= LINES
        for column in range(field.column, field.column + field.width):
            assert 1 <= column <= COLUMNS
            assert (field.line, column) not in taken, (field.name, taken.get((field.line, column)))
            taken[field.line, column] = field.name


def test_the_printer_test_fills_every_place(tmp_path: Path) -> None:
    printer_test_pdf(tmp_path / "test.pdf", Offset(1.5, 0))
    with pdfplumber.open(tmp_path / "test.pdf") as pdf:
        assert len(pdf.pages) == 2
        signs = [sign for sign in pdf.pages[0].chars if sign["text"] != " "]
        assert len(signs) == sum(field.width for field in layout().values())
        assert "right 1.5" in pdf.pages[1].extract_text()


def test_the_proof_shows_every_claim_and_why_it_is_held(tmp_path: Path) -> None:
    hold = Hold(
        check="CLM001", field="billing.npi", what="the NPI's check digit is wrong", why="why", mend="correct it"
    )
    proof_pdf(tmp_path / "proof.pdf", [(cast.CCM, ()), (cast.CPO, (hold,))])
    with pdfplumber.open(tmp_path / "proof.pdf") as pdf:
        first, second = (page.extract_text() for page in pdf.pages)
    assert "$235.00" in first
    assert "E11.65" in first
    assert "Held" not in first
    assert "CLM001" in second
    assert "Agency NPI 1891234563" in second


def test_the_same_claim_prints_the_same_file(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        form_pdf(tmp_path / name, [one(cast.CCM)])
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_long_city_keeps_its_state_and_zip_code() -> None:
    claim = cast.CCM
    address = replace(claim.billing.address, city="Lake Saint Catherine by the Narrows", state="VT", zip="057640123")
    shown = one(replace(claim, billing=replace(claim.billing, address=address))).items["33.city"]
    assert shown.endswith(" VT 057640123")
    assert shown.startswith("LAKE SAINT")
    assert len(shown) <= layout()["33.city"].width
