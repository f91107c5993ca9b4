"""What fuzzing found, kept as small inputs: each once broke a reader, and none may again."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from tests.fuzz.targets import TARGETS, guarded, seeds

from careledger.fhir.importer import import_fhir


def _pointing_outside() -> bytes:
    """An archive whose directory says that its entry begins before the file does."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.ndjson", b"{}")
    text = bytearray(packed.getvalue())
    end = text.rindex(b"PK\x05\x06")
    text[end + 16 : end + 20] = struct.pack("<I", 0xFFFF)
    return b"\4" + bytes(text)


def _encrypted() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.ndjson", b"{}")
    text = bytearray(packed.getvalue())
    text[text.rindex(b"PK\x01\x02") + 8] |= 1
    text[6] |= 1
    return b"\4" + bytes(text)


def _resource(**parts: object) -> bytes:
    return json.dumps(parts).encode()


def _header_behind_white_space() -> bytes:
    """A second interchange whose terminator is a line end, behind a line end: the reader never came past it."""
    isa = "ISA*00*          *00*          *ZZ*13282          *ZZ*SUBMIT77       *261102*0900*^*00501*000000002*0*T*:"
    return f"{isa}~\nTA1*000000001*261102*0800*A*000~\nIEA*0*000000002~\n{isa}\nIEA*0*000000002\n".encode()


def _served_in(year: bytes) -> bytes:
    """A sound 837P whose days of service lie in a year that is no year of ours."""
    whole = next(seed for seed in seeds("check_837p") if b"DTP*472*D8*2026" in seed)
    return whole.replace(b"DTP*472*D8*2026", b"DTP*472*D8*" + year)


FOUND = {
    "a service two hundred years from now": ("check_837p", _served_in(b"2206")),
    "a service before there were months": ("check_837p", _served_in(b"0001")),
    "a header behind white space that ends its segments": ("acknowledgement", _header_behind_white_space()),
    "an archive whose directory points outside": ("fhir_reading", _pointing_outside()),
    "an encrypted archive": ("fhir_reading", _encrypted()),
    "a name that is text": ("fhir_import", _resource(resourceType="Patient", id="p", name="Ann")),
    "a list of names with text in it": ("fhir_import", _resource(resourceType="Patient", id="p", name=["Ann"])),
    "a meta that is a list": ("fhir_import", _resource(resourceType="Patient", id="p", meta=[1])),
    "identifiers that are a number": ("fhir_import", _resource(resourceType="Patient", id="p", identifier=7)),
    "codings that are a number": (
        "fhir_import",
        _resource(resourceType="Practitioner", id="p", qualification=[{"code": {"coding": 7}}]),
    ),
}


@pytest.mark.parametrize(("target", "data"), FOUND.values(), ids=FOUND.keys())
def test_what_broke_a_reader_once_does_not_again(target: str, data: bytes) -> None:
    guarded(TARGETS[target])(data)


@pytest.mark.parametrize("order", ["x", 1.5, {}, []])
def test_a_misshapen_resource_is_named_and_left_out(order: object, tmp_path: Path) -> None:
    source = tmp_path / "in.ndjson"
    lines = [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1950-02-03"},
        {"resourceType": "Coverage", "id": "v1", "beneficiary": {"reference": "Patient/p1"}, "order": order},
    ]
    source.write_text("\n".join(map(json.dumps, lines)))
    report = import_fhir(source, tmp_path / "out")
    assert report.kept["patients"] == 1
    assert [fault.split(":")[1] for fault in report.faults] == ["2"]
    assert "Coverage.order has another shape" in report.faults[0]


def test_what_another_place_means_by_the_same_word_is_let_in(tmp_path: Path) -> None:
    source = tmp_path / "in.ndjson"
    rhythm = [{"detail": {"scheduledTiming": {"repeat": {"period": 1, "periodUnit": "d"}}}}]
    subject = {"reference": "Patient/p1", "identifier": {"value": "7"}}
    lines = [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1950-02-03"},
        {"resourceType": "CarePlan", "id": "k1", "subject": subject, "activity": rhythm},
    ]
    source.write_text("\n".join(map(json.dumps, lines)))
    assert not import_fhir(source, tmp_path / "out").faults


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_bounded_run_lets_only_our_own_errors_through(name: str) -> None:
    """Every seed cut at many places, and with bytes turned over: the guided run's small sister."""
    run, budget = guarded(TARGETS[name]), 60 if name in ("tables", "check_837p", "history") else 300
    for data in _bent(seeds(name), budget):
        run(data)


def _bent(found: list[bytes], budget: int) -> list[bytes]:
    bent: list[bytes] = []
    for place in range(budget):
        seed = found[place % len(found)]
        at = (place * 7919) % max(len(seed), 1)
        kinds = (
            seed[:at],
            seed[:at] + bytes([(seed[at] if seed else 0) ^ 1 << place % 8]) + seed[at + 1 :],
            seed[:at] + seed[at // 2 :],
            seed[:at] + b"\xff\x00\"'[{" + seed[at:],
        )
        bent.append(kinds[place % len(kinds)])
    return bent
