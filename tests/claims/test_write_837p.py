"""Files we write, judged by a validator and read back by two parsers that are not ours."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
import pyx12.x12file
from tests.claims import cast
from tests.claims.judges import pyx12_errors
from x12sdk.io import X12ModelReader

from careledger.claims.model import Adjustment, Claim
from careledger.claims.x12.check_837p import FileCheck
from careledger.claims.x12.segments import amount, text
from careledger.claims.x12.write_837p import CLAIMS_PER_TRANSACTION, write_837p
from careledger.policy import load_policy


def written(*claims: Claim) -> str:
    stream = io.StringIO()
    write_837p(stream, claims, cast.ENVELOPE)
    return stream.getvalue()


@pytest.mark.parametrize("claim", cast.ALL, ids=lambda claim: claim.control_number)
def test_an_outside_validator_accepts_every_kind_of_claim(claim: Claim) -> None:
    assert pyx12_errors(written(claim)) == []


def test_it_accepts_all_of_them_in_one_file() -> None:
    assert pyx12_errors(written(*cast.ALL)) == []


def test_another_parser_reads_back_envelope_counts_and_amounts() -> None:
    reader = pyx12.x12file.X12Reader(io.StringIO(written(*cast.ALL)))
    segments = list(reader)
    claims = [segment for segment in segments if segment.get_seg_id() == "CLM"]
    assert [claim.get_value("CLM01") for claim in claims] == [claim.control_number for claim in cast.ALL]
    assert sum(Decimal(claim.get_value("CLM02")) for claim in claims) == Decimal("1215")
    assert reader.pop_errors() == []


def test_a_third_parser_reads_back_a_claim() -> None:
    with X12ModelReader(written(cast.CCM)) as reader:
        model = next(iter(reader.models()))
    claim = model.loop_2000a[0].loop_2000b[0].loop_2300[0]
    assert claim.clm_segment.patient_control_number == cast.CCM.control_number
    assert Decimal(str(claim.clm_segment.total_claim_charge_amount)) == Decimal("235")
    assert len(claim.loop_2400) == 2


def test_our_own_reader_gives_the_same_claims_back() -> None:
    stream = io.BytesIO(written(*cast.ALL).encode())
    read = list(FileCheck(load_policy()).claims(stream))
    for was, now in zip(cast.ALL, read, strict=True):
        assert now.lines == was.lines
        assert now.diagnoses == was.diagnoses
        assert (now.control_number, now.total_cents, now.frequency) == (
            was.control_number,
            was.total_cents,
            was.frequency,
        )
        assert now.billing.npi == was.billing.npi
        assert now.agency_npi == was.agency_npi
        assert now.treated.member_id in ("", was.treated.member_id)


def test_five_thousand_claims_fill_a_transaction_and_numbers_run_on() -> None:
    claims = (replace(cast.CCM, control_number=f"C{number}") for number in range(CLAIMS_PER_TRANSACTION + 1))
    stream = io.StringIO()
    told = write_837p(stream, claims, cast.ENVELOPE)
    lines = stream.getvalue().split("~\n")
    assert told.claims == CLAIMS_PER_TRANSACTION + 1
    assert [line for line in lines if line.startswith("ST*")] == [
        "ST*837*0001*005010X222A1",
        "ST*837*0002*005010X222A1",
    ]
    assert next(line for line in lines if line.startswith("GE*")) == "GE*2*1"
    reader = pyx12.x12file.X12Reader(io.StringIO(stream.getvalue()))
    assert sum(1 for segment in reader if segment.get_seg_id() == "CLM") == told.claims
    assert reader.pop_errors() == []


def test_a_level_holds_a_hundred_claims_at_most() -> None:
    claims = [replace(cast.CCM, control_number=f"C{number}") for number in range(101)]
    assert written(*claims).count("*22*0~") == 2
    assert pyx12_errors(written(*claims)) == []


def test_delimiters_and_foreign_signs_in_data_cannot_break_the_file() -> None:
    odd = replace(cast.CCM, billing=replace(cast.GROUP, last="A*B~C:D^E\n\u00c9F"))
    assert "A B C D E ?F" in written(odd)
    assert pyx12_errors(written(odd)) == []


def test_a_facility_like_the_billing_address_is_left_out() -> None:
    same = replace(cast.CCM, facility=replace(cast.EAST, address=cast.GROUP.address))
    assert "NM1*77" not in written(same)


def test_reasons_of_one_group_share_a_segment() -> None:
    many = tuple(Adjustment(group="CO", reason=str(number), amount_cents=100) for number in range(1, 8))
    line = cast.SECONDARY.lines[0]
    answer = replace(line.adjudications[0], adjustments=many)
    claim = replace(cast.SECONDARY, lines=(replace(line, adjudications=(answer,)),))
    found = [segment for segment in written(claim).split("~\n") if segment.startswith("CAS")]
    assert [segment.split("*")[2::3] for segment in found] == [["1", "2", "3", "4", "5", "6"], ["7"]]
    assert pyx12_errors(written(claim)) == []


@pytest.mark.parametrize(
    ("cents", "shown"), [(0, "0"), (5, "0.05"), (50, "0.5"), (11000, "110"), (6216, "62.16"), (-50, "-0.5")]
)
def test_amounts_have_no_needless_zeros(cents: int, shown: str) -> None:
    assert amount(cents) == shown


def test_text_is_cut_to_its_element() -> None:
    assert text("A" * 70, 60) == "A" * 60
    assert text("  A  B ") == "A  B"
