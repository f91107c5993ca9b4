"""Files made to fill memory or disk, or to land outside their folder: archives, endless lines, nested archives, backups."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from careledger.core.errors import CareLedgerError, InputError
from careledger.facts.case import cases_of_text
from careledger.fhir import reading
from careledger.fhir.importer import import_fhir
from careledger.policy import strict_yaml
from careledger.web.intake import guard
from careledger.web.keeping import backup

MB = 1024 * 1024
PATIENT = json.dumps({"resourceType": "Patient", "id": "p1", "birthDate": "1950-02-03"}).encode()


@contextmanager
def within(most: int) -> Iterator[None]:
    """Fails when Python holds more memory than this at any moment."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most, f"{peak / MB:.0f} MB"


def _read(file: Path) -> tuple[int, list[str]]:
    faults: list[str] = []
    found = sum(1 for _ in reading.resources(file, lambda name, line, problem, mend: faults.append(problem)))
    return found, faults


def _zip(*entries: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The readers' limits a thousandth of what they are, so that a test needs no gigabytes."""
    monkeypatch.setattr(reading, "MAX_LINE", 64 * 1024)
    monkeypatch.setattr(reading, "MAX_BYTES", 8 * MB)


def test_the_limits_are_what_they_are_said_to_be() -> None:
    assert (reading.MAX_LINE, reading.MAX_BYTES) == (64 * MB, 8 * 1024 * MB)
    assert guard.MAX_UNPACKED == 1024 * MB


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("pack", [lambda text: text, gzip.compress], ids=["plain", "gzip"])
def test_a_line_that_is_too_long_is_passed_over_and_the_rest_is_read(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    endless = b'{"resourceType": "' + b"x" * 3 * MB + b'"}'
    file = tmp_path / ("a.ndjson.gz" if pack is gzip.compress else "a.ndjson")
    file.write_bytes(pack(PATIENT + b"\n" + endless + b"\n" + PATIENT))
    with within(2 * MB):
        found, faults = _read(file)
    assert found == 2
    assert faults == ["the line is longer than 64 MB"]


@pytest.mark.usefixtures("small")
def test_a_line_without_end_stops_at_the_files_limit(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson.gz"
    file.write_bytes(gzip.compress(b"x" * 20 * MB, 1))
    assert file.stat().st_size < MB
    with within(2 * MB):
        found, faults = _read(file)
    assert found == 0
    assert "longer" in faults[0]


@pytest.mark.usefixtures("small")
def test_a_file_of_many_short_lines_stops_at_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson.gz"
    file.write_bytes(gzip.compress((b" " * 1023 + b"\n") * 9_000, 1))
    assert _read(file)[1] == ["the file unpacks to more than 8 GB"]


@pytest.mark.usefixtures("small")
def test_one_document_larger_than_its_limit_is_not_parsed(tmp_path: Path) -> None:
    file = tmp_path / "a.json.gz"
    file.write_bytes(gzip.compress(b"[" + b"0," * MB + b"0]", 1))
    assert _read(file)[1] == ["the file is larger than 512 MB"]


@pytest.mark.usefixtures("small")
def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    inner = _zip(("a.ndjson", PATIENT))
    file = tmp_path / "a.zip"
    file.write_bytes(_zip(("inner.zip", inner), ("inner.ndjson.gz.zip", inner), ("b.ndjson", PATIENT)))
    assert _read(file) == (1, [])


@pytest.mark.usefixtures("small")
def test_a_compressed_file_in_an_archive_has_the_same_limit(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(_zip(("a.ndjson.gz", gzip.compress((b" " * 1023 + b"\n") * 9_000, 1))))
    assert _read(file)[1] == ["the file unpacks to more than 8 GB"]


@pytest.mark.parametrize("name", ["../../evil.ndjson", "/etc/evil.ndjson", "..\\evil.ndjson", "a/../../evil.ndjson"])
def test_an_entry_of_an_archive_lands_nowhere(tmp_path: Path, name: str) -> None:
    """Entries are read where they lie; none is ever written under the name it brings."""
    file = tmp_path / "in" / "a.zip"
    file.parent.mkdir()
    file.write_bytes(_zip((name, PATIENT)))
    report = import_fhir(file, tmp_path / "out")
    assert report.kept["patients"] == 1
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize(("make", "word"), [
    (lambda: _zip(*((f"{number}.ndjson", b"") for number in range(2_001))), "more than 2,000 files"),
    (lambda: _zip(("readme.txt", b"x")), "no FHIR file"),
    (lambda: _zip(("a.ndjson", PATIENT))[:40], "cut or broken"),
])  # fmt: skip
def test_an_archive_is_looked_at_before_it_is_taken(make: Callable[[], bytes], word: str) -> None:
    assert word in (guard.refusal("fhir", SimpleUploadedFile("a.zip", make())) or "")


@pytest.mark.parametrize("name", ["a.zip", "a.ndjson.gz"])
def test_what_would_unpack_to_too_much_is_not_taken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(guard, "MAX_UNPACKED", MB)
    content = b"\n" * 5 * MB
    packed = gzip.compress(content) if name.endswith(".gz") else _zip(("a.ndjson", content))
    with within(8 * MB):
        assert "unpacks to more" in (guard.refusal("fhir", SimpleUploadedFile(name, packed)) or "")


@pytest.fixture
def kept(tmp_path: Path, settings: Any) -> Callable[[list[tuple[tarfile.TarInfo, bytes]]], Path]:
    """Encrypts a tar of one's own making as if it were a backup; restores go into a data folder of the test's own."""
    settings.DATA = tmp_path / "data"
    public = backup.make_key(tmp_path / "key")

    def packed(entries: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
        plain = tmp_path / "plain.tar.gz"
        with tarfile.open(plain, "w:gz") as archive:
            for info, content in entries:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        file = tmp_path / "made.age"
        file.unlink(missing_ok=True)
        pyrage.encrypt_file(str(plain), str(file), [pyrage.x25519.Recipient.from_str(public)])
        return file

    return packed


def _link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("info", [
    tarfile.TarInfo("../../evil"),
    tarfile.TarInfo("/tmp/careledger-evil"),
    tarfile.TarInfo("files/../../../evil"),
    _link("files/evil", "/etc/passwd", tarfile.SYMTYPE),
    _link("files/evil", "../../../../etc/passwd", tarfile.LNKTYPE),
    _link("files/evil", "", tarfile.CHRTYPE),
], ids=["parent", "absolute", "through", "symlink", "hardlink", "device"])  # fmt: skip
def test_a_backup_cannot_write_outside_its_folder(
    kept: Callable[..., Path], tmp_path: Path, info: tarfile.TarInfo
) -> None:
    file = kept([(info, b"")])
    with pytest.raises(InputError, match=r"no backup|manifest"):
        backup.restore(file, tmp_path / "key")
    assert not list(tmp_path.rglob("*evil*"))
    assert not os.path.lexists("/tmp/careledger-evil")
    assert not list((tmp_path / "data").iterdir()), "nothing of it stays"


def test_a_backup_that_unpacks_to_more_than_the_disk_may_hold_is_refused(
    kept: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "MAX_UNPACKED", 4 * MB)
    file = kept([(tarfile.TarInfo("files/zeros"), b"\0" * 5 * MB)])
    assert file.stat().st_size < MB
    with pytest.raises(InputError, match="unpacks to more"):
        backup.restore(file, tmp_path / "key")
    assert not list((tmp_path / "data").iterdir())


def test_a_backup_of_another_key_is_opened_by_nobody_else(kept: Callable[..., Path], tmp_path: Path) -> None:
    file = kept([(tarfile.TarInfo("database/manifest.json"), b"{}")])
    backup.make_key(tmp_path / "other")
    with pytest.raises(InputError, match="cannot be decrypted"):
        backup.restore(file, tmp_path / "other")


@pytest.mark.parametrize("text", [
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "[" * 5_000, "{" * 5_000, "a: " * 2_000, "? " * 3_000, "- " * 5_000,
    "!!python/object/apply:os.system ['id']", "a: !!binary aGk=", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
])  # fmt: skip
def test_a_case_of_aliases_tags_or_endless_depth_is_refused(text: str) -> None:
    with within(64 * MB), pytest.raises(CareLedgerError):
        cases_of_text(text, "case.yaml")


def test_a_case_larger_than_its_limit_is_refused_unread() -> None:
    with within(64 * MB), pytest.raises(CareLedgerError, match="too large"):
        cases_of_text("a: " + "x" * (strict_yaml.MAX_BYTES + 1), "case.yaml")
