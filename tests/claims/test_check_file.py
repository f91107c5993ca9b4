"""Any 837P: nothing is found in good files; every defect is, whether outside judges see it or not."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

import pytest
from tests.claims import cast
from tests.claims.judges import pyx12_errors
from tests.claims.mutants import structural

from careledger.claims.x12.check_837p import FileCheck
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import NotReadable, SegmentReader
from careledger.claims.x12.write_837p import write_837p
from careledger.policy import load_policy


def good(*claims: object) -> str:
    stream = io.StringIO()
    write_837p(stream, claims or (cast.CCM,), cast.ENVELOPE)  # type: ignore[arg-type]
    return stream.getvalue()


def findings(text: str) -> list[Finding]:
    return list(FileCheck(load_policy()).findings(io.BytesIO(text.encode("utf-8"))))


@pytest.mark.parametrize("claim", cast.ALL, ids=lambda claim: claim.control_number)
def test_it_finds_nothing_in_a_good_file(claim: object) -> None:
    assert findings(good(claim)) == []


def test_it_takes_other_delimiters_and_dressing() -> None:
    text = "\ufeff" + good().replace("~\n", "\r\n").replace("*", "|").replace(":", ">")
    assert findings(text) == []


MISSED_BY_OTHERS = {
    "a wrong NPI check digit": ("XX*1234567893", "XX*1234567890", "CLM001", "NM109"),
    "an NPI of nine digits": ("XX*1234567893", "XX*123456789", "CLM001", "NM109"),
    "a wrong rendering NPI": ("XX*1982735460", "XX*1982735461", "CLM002", "NM109"),
    "a Medicare number of another pattern": ("MI*1EG4TE5MK73", "MI*1SG4TE5MK73", "CLM011", "NM109"),
    "a diagnosis that is none": ("ABK:E1165", "ABK:99999", "CLM037", "HI01"),
    "a procedure that is none": ("HC:99439", "HC:9943", "CLM054", "SV101"),
    "a pointer to an absent diagnosis": ("SV1*HC:99490*95*UN*1***1:2", "SV1*HC:99490*95*UN*1***1:9", "CLM042", "SV107"),
    "a service in the future": ("DTP*472*D8*20261031", "DTP*472*D8*20271031", "CLM047", "DTP03"),
    "days that run backwards": ("DTP*472*D8*20261031", "DTP*472*RD8*20261031-20261001", "CLM046", "DTP03"),
    "an unknown claim frequency": ("11:B:1", "11:B:5", "CLM025", "CLM05"),
    "a billing ZIP of five digits": ("122071234", "12207", "CLM007", "N403"),
    "a taxonomy that is none": ("PRV*BI*PXC*207Q00000X", "PRV*BI*PXC*207Q", "CLM004", "PRV03"),
    "small letters": ("NM1*IL*1*SMITH", "NM1*IL*1*Smith", "CLM077", "NM103"),
    "a patient without a street": ("N3*2 OAK AVE~\nN4*ALBANY*NY*12208~\n", "", "CLM016", "N301"),
    "a patient without a birth date": ("DMG*D8*19450415*F~\n", "", "CLM014", "DMG02"),
    "a total that does not add up": ("*235***", "*236***", "CLM029", "CLM02"),
    "a claim without kind of insurance": ("SBR*P*18*******MB", "SBR*P*18", "CLM019", "SBR09"),
}


@pytest.mark.parametrize("name", MISSED_BY_OTHERS)
def test_it_finds_what_outside_validators_miss(name: str) -> None:
    before, after, check, place = MISSED_BY_OTHERS[name]
    text = good()
    assert before in text
    changed = text.replace(before, after)
    segments = changed.count("~") - 4
    changed = changed.replace(f"SE*{text.count('~') - 4}*", f"SE*{segments}*")
    assert (check, place) in [(found.rule, found.place) for found in findings(changed)]


def test_it_finds_a_control_number_used_twice() -> None:
    found = findings(good(cast.CCM, cast.CCM))
    assert ("CLM024", "CLM01") in [(one.rule, one.place) for one in found]


ENVELOPE = {
    "another interchange number": ("IEA*1*000000001", "IEA*1*000000002"),
    "another group number": ("GE*1*1", "GE*1*2"),
    "another set number": ("*0001~\nGE", "*0002~\nGE"),
    "a wrong count of segments": ("SE*31", "SE*30"),
    "a wrong count of sets": ("GE*1*1", "GE*2*1"),
    "a wrong count of groups": ("IEA*1", "IEA*2"),
    "no trailer": ("IEA*1*000000001~\n", ""),
    "another version in the set": ("ST*837*0001*005010X222A1", "ST*837*0001*005010X222A2"),
    "a gap in the levels": ("HL*2*1*22", "HL*3*1*22"),
    "a level under the wrong parent": ("HL*2*1*22", "HL*2*7*22"),
    "a level that announces children": ("*22*0~", "*22*1~"),
    "a line out of count": ("LX*2", "LX*3"),
}


@pytest.mark.parametrize("name", ENVELOPE)
def test_it_finds_a_broken_envelope(name: str) -> None:
    before, after = ENVELOPE[name]
    assert before in good()
    assert findings(good().replace(before, after)) != []


EVERY = int(os.environ.get("CARELEDGER_MUTANT_STEP", "23"))
"""One changed file in so many is judged; 1 judges them all, which takes an outside validator many minutes."""


def _sample() -> Iterator[tuple[str, str]]:
    """Changed files: every kind of change to every segment and element, thinned out."""
    for base in (cast.CCM, cast.SECONDARY):
        for number, (name, text) in enumerate(structural(good(base))):
            if number % EVERY == 0:
                yield f"{base.control_number} {name}", text


@pytest.mark.slow
def test_it_finds_all_that_an_outside_validator_finds() -> None:
    missed = [name for name, text in _sample() if pyx12_errors(text) and not findings(text)]
    assert missed == []


def test_a_file_cut_anywhere_is_never_taken_for_whole() -> None:
    text = good()
    for end in range(0, len(text) - 2, 7):
        try:
            assert findings(text[:end]) != []
        except NotReadable:
            continue


@pytest.mark.parametrize("text", ["", " \n", "hello", "ISA", "ISA*00*", "ISA" + "*" * 200, "\x00" * 500])
def test_it_refuses_what_is_no_x12(text: str) -> None:
    with pytest.raises(NotReadable, match="segment"):
        findings(text)


def test_it_refuses_another_transaction() -> None:
    with pytest.raises(NotReadable, match="segment 2"):
        findings(good().replace("GS*HC", "GS*HP"))
    with pytest.raises(NotReadable, match="004010X098A1"):
        findings(good().replace("005010X222A1", "004010X098A1"))


def test_reading_keeps_every_byte() -> None:
    for text in (good(), "\ufeff \r\n" + good().replace("~\n", "~\r\n  ") + "\n\n", good() + good()):
        raw = text.encode("utf-8")
        reader = SegmentReader(io.BytesIO(raw))
        kept = "".join(segment.raw for segment in reader) + reader.tail
        assert kept.encode("latin-1") == raw
