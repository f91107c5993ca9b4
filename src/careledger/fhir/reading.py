"""FHIR R4 resources out of files: NDJSON and bundles, gzipped or zipped, one file or a folder."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any
from zlib import error as ZlibError

import orjson

MAX_BYTES = 8 * 1024**3
"""Most bytes read from one compressed file, after decompression; more is refused as a bomb."""
MAX_LINE = 64 * 1024**2

Json = dict[str, Any]
Fault = Callable[[str, int | None, str, str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A resource, where it stood, and the full URL its bundle gave it."""

    file: str
    line: int | None
    resource: Json
    full_url: str | None = None

    @property
    def key(self) -> str:
        """``Type/id``."""
        return f"{self.resource['resourceType']}/{self.resource.get('id')}"


def resources(path: Path, fault: Fault) -> Iterator[Found]:
    """Every resource under a path; what cannot be read goes to ``fault`` (file, line, problem, mend)."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    for file in files:
        if file.suffix == ".zip":
            yield from _zipped(file, fault)
        elif _is_fhir(file.name):
            with _opened(file) as stream:
                yield from _guarded(stream, file.name, fault)


def _is_fhir(name: str) -> bool:
    return name.removesuffix(".gz").endswith((".json", ".ndjson"))


def _opened(file: Path) -> Any:
    return gzip.GzipFile(file) if file.suffix == ".gz" else file.open("rb")


def _zipped(file: Path, fault: Fault) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in sorted(archive.namelist()):
                if not _is_fhir(entry):
                    continue
                with archive.open(entry) as stream:
                    plain: Any = gzip.GzipFile(fileobj=stream) if entry.endswith(".gz") else stream
                    yield from _guarded(plain, f"{file.name}/{entry}", fault)
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile):
        # A cut directory points outside the file; an entry may be encrypted or packed in a way zipfile does not know.
        fault(file.name, None, "the archive is cut, broken or encrypted", "copy it again, without a password")


def _guarded(stream: IO[bytes], name: str, fault: Fault) -> Iterator[Found]:
    try:
        yield from _read(stream, name, fault)
    except (EOFError, OSError, ValueError, ZlibError, LZMAError, zipfile.BadZipFile):
        fault(name, None, "the compressed file is cut in the middle", "copy it again; what came before was read")


def _read(stream: IO[bytes], name: str, fault: Fault) -> Iterator[Found]:
    if name.removesuffix(".gz").endswith(".ndjson"):
        yield from _lines(stream, name, fault)
        return
    text = stream.read(MAX_LINE * 8 + 1)
    if len(text) > MAX_LINE * 8:
        fault(name, None, "the file is larger than 512 MB", "export it as NDJSON")
        return
    whole = _parsed(text, name, None, fault)
    if whole is None and b"\n{" in text.strip():
        return
    if whole is not None:
        yield from _unbundled(whole, name, None, fault)


def _lines(stream: IO[bytes], name: str, fault: Fault) -> Iterator[Found]:
    read = number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        read += len(line)
        if read > MAX_BYTES:
            fault(name, number, "the file unpacks to more than 8 GB", "split it")
            return
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            fault(name, number, "the line is longer than 64 MB", "a resource is far smaller; check the export")
            read += _skipped(stream, MAX_BYTES - read)
            continue
        if not line.strip():
            continue
        found = _parsed(line, name, number, fault)
        if found is not None:
            yield from _unbundled(found, name, number, fault)


def _skipped(stream: IO[bytes], most: int) -> int:
    """Pass over the rest of a line that is too long, piece by piece: a line that never ends must not fill the memory."""
    passed = 0
    while passed <= most and (piece := stream.readline(MAX_LINE)):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


def _parsed(text: bytes, name: str, line: int | None, fault: Fault) -> Any:
    try:
        return orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        fault(name, line, "this is no whole JSON", "the file may be cut in the middle; export it again")
        return None


def _unbundled(found: Any, name: str, line: int | None, fault: Fault) -> Iterator[Found]:
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        fault(name, line, "this is no FHIR resource", "a resource is a JSON object with resourceType")
        return
    if found["resourceType"] != "Bundle":
        yield Found(name, line, found)
        return
    for place, entry in enumerate(found.get("entry") or []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            yield Found(name, place, resource, entry.get("fullUrl"))
        else:
            fault(name, place, "a bundle entry without a resource", "search and transaction bundles carry one each")
