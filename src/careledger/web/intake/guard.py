"""What is looked at before a file is taken: its size, whether it is what it says, and what it unpacks to."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import PurePath
from typing import Any
from zlib import error as ZlibError

from careledger.core.records import TABLES
from careledger.web.intake.desk import ending

MB = 1024 * 1024
MAX_MB = {"fhir": 200, "table": 50, "timelog": 50, "folder": 200}
"""Largest upload of each kind. House values."""
MAX_UNPACKED = 1024 * MB
"""Most bytes an archive may unpack to."""
MAX_FILES = 2_000
_ENDINGS = {
    "fhir": (".ndjson", ".json", ".ndjson.gz", ".json.gz", ".zip"),
    "table": (".csv", ".txt"),
    "timelog": (".csv", ".txt"),
    "folder": (".zip",),
}
_TOO_MUCH = "It unpacks to more than 1 GB. Send it in parts, each as an import of its own."


def refusal(kind: str, file: Any) -> str | None:
    """Why an uploaded file is not taken, and what to do; None when it may be read. Leaves the file at its start."""
    if file.size > MAX_MB[kind] * MB:
        return f"The file is larger than {MAX_MB[kind]} MB. Send it in parts, each as an import of its own."
    if not file.size:
        return "The file is empty. Export it again."
    end = ending(file.name)
    if end not in _ENDINGS[kind]:
        return f"This kind of import takes files that end in {', '.join(_ENDINGS[kind])}."
    try:
        return _content(kind, end, file)
    finally:
        file.seek(0)


def _content(kind: str, end: str, file: Any) -> str | None:
    start = file.read(4096)
    file.seek(0)
    if end == ".zip":
        return _archive(kind, file)
    if end.endswith(".gz"):
        return _gzipped(file)
    if b"\x00" in start:
        return (
            "This is no text file. Save it as CSV UTF-8, or export it as JSON."
            if kind != "fhir"
            else "This is no JSON text."
        )
    if kind == "fhir" and not start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        return "This is no FHIR file: it does not begin with a JSON object. Nothing of it was read."
    return None


def _archive(kind: str, file: Any) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "The archive is cut or broken. Copy it again."
    if len(entries) > MAX_FILES:
        return f"The archive holds more than {MAX_FILES:,} files. Send what is needed only."
    if any(entry.flag_bits & 1 for entry in entries):
        return "The archive is encrypted. Send it without a password; the connection is encrypted anyway."
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        return _TOO_MUCH
    return _missing(kind, [PurePath(entry.filename).name for entry in entries])


def _missing(kind: str, names: list[str]) -> str | None:
    if kind == "folder" and not any(PurePath(name).stem in TABLES and name.endswith(".csv") for name in names):
        return "The archive holds no table: its files are to be named as docs/tables.md says, such as patients.csv."
    ends = (".json", ".ndjson", ".json.gz", ".ndjson.gz")
    if kind == "fhir" and not any(name.endswith(ends) for name in names):
        return "The archive holds no FHIR file (.json or .ndjson)."
    return None


def _gzipped(file: Any) -> str | None:
    """A compressed file is unpacked once to count its bytes; nothing is kept."""
    left = MAX_UNPACKED
    try:
        with gzip.GzipFile(fileobj=file) as plain:
            while chunk := plain.read(MB):
                left -= len(chunk)
                if left < 0:
                    return _TOO_MUCH
    except (OSError, EOFError, ZlibError):
        return "The compressed file is cut or broken. Copy it again."
    return None
