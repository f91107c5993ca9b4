"""Bulk import: ask a server for everything, wait, download, keep a mirror, and go on where an interruption stopped.

Source: HL7 FHIR Bulk Data Access 2.0 (asynchronous ``$export``; ``_since``; ``deleted``).
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from careledger.fhir.server.login import LONGEST_WAIT_S, ServerError, Session, outcome, waits_s

Progress = Callable[[str], None]
STATE, MIRROR, INCOMING = "export.json", "mirror", "incoming"
TYPES = (
    "Patient", "Practitioner", "PractitionerRole", "Organization", "Coverage", "Condition", "Encounter", "CarePlan", "Goal",
    "Consent",
)  # fmt: skip
"""What the importer reads."""
MOST_LOOKED_UP = 5_000
"""Most people and most organisations that are read one by one."""
MAX_BYTES = 8 * 1024**3
"""Most bytes of one file; more is refused."""


@dataclass(slots=True)
class State:
    """How far an export has come; written to disk after every step.

    Attributes:
        since: what was asked for: only what changed after it; None asks for everything.
        status: address that tells how the export stands; None when none is under way.
        files: what there is to download, once the export is complete.
        done: addresses that are downloaded, with the name of the file.
        through: the server's time of the last export that was imported whole.
    """

    base: str
    group: str | None = None
    since: str | None = None
    status: str | None = None
    signed: bool = True
    taken_at: str | None = None
    files: list[dict[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export brought: resources by type, those the server says are gone, and its own complaints."""

    taken_at: str
    since: str | None
    read: Mapping[str, int]
    deleted: int
    complaints: tuple[str, ...]


class BulkExport:
    """Exports of one server into one folder.

    Args:
        folder: holds the state, what is being downloaded, and the mirror: a file a type, each resource once.
        patience_s: seconds to wait for a server that is still preparing.
    """

    def __init__(
        self, session: Session, folder: Path, *, patience_s: float = 6 * 3600, progress: Progress | None = None
    ) -> None:
        self.session, self.folder, self.patience_s = session, folder, patience_s
        self.progress = progress or (lambda _: None)

    @property
    def mirror(self) -> Path:
        """Everything the server has told so far, a file a type."""
        return self.folder / MIRROR

    def run(self, *, group: str | None = None, everything: bool = False) -> Exported:
        """Bring the mirror up to date.

        Args:
            group: id of a Group whose patients are wanted; all patients when None.
            everything: ask for all again, not only for what changed since the last import.

        Raises:
            ServerError: the server refuses, fails or stays silent. What was downloaded is kept; the next run goes on.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self._state(group)
        if state.status is None and not state.files:
            if everything:
                state.through = None
            self._ask(state)
        if not state.files:
            self._follow(state)
        self._download(state)
        found = self._settle(state)
        self._look_up()
        return found

    def _state(self, group: str | None) -> State:
        file = self.folder / STATE
        state = State(**json.loads(file.read_text("utf-8"))) if file.is_file() else State(self.session.base, group)
        if state.base != self.session.base:
            raise ServerError(f"{self.folder} holds the export of another server; name another folder")
        if state.group != group:
            state = State(self.session.base, group)
        return state

    def _ask(self, state: State) -> None:
        path = f"Group/{state.group}/$export" if state.group else "Patient/$export"
        wanted = {"_type": ",".join(TYPES), "_outputFormat": "application/fhir+ndjson"}
        if state.through:
            wanted["_since"] = state.through
        headers = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
        answer = self.session.request("GET", self.session.url(path), headers=headers, params=wanted)
        if answer.status_code != 202 or "Content-Location" not in answer.headers:
            raise ServerError(f"the server did not start an export ({outcome(answer)})")
        state.status, state.since = answer.headers["Content-Location"], state.through
        self._keep(state)
        self.progress("the server prepares the export")

    def _follow(self, state: State) -> None:
        until = time.monotonic() + self.patience_s
        pause = 1.0
        while True:
            assert state.status is not None
            answer = self.session.request("GET", state.status, headers={"Accept": "application/json"})
            if answer.status_code == 200:
                break
            if answer.status_code in (404, 410):
                state.status = None
                self._ask(state)
            elif answer.status_code != 202:
                state.status = None
                self._keep(state)
                raise ServerError(f"the export failed ({outcome(answer)}); run again to ask anew")
            elif time.monotonic() > until:
                raise ServerError("the server is still preparing; run again to go on waiting")
            else:
                self.progress(answer.headers.get("X-Progress", "")[:60] or "waiting")
                time.sleep(min(waits_s(answer, pause), LONGEST_WAIT_S))
                pause = min(pause * 1.5, 30.0)
        self._list(state, answer)

    def _list(self, state: State, answer: httpx.Response) -> None:
        told = answer.json()
        state.taken_at = str(told["transactionTime"])
        state.signed = bool(told.get("requiresAccessToken", True))
        state.files = [
            {"url": str(one["url"]), "type": str(one["type"])}
            for one in (*told.get("output", ()), *told.get("error", ()))
        ]
        state.deleted = [str(one["url"]) for one in told.get("deleted", ())]
        state.files += [{"url": url, "type": "Deleted"} for url in state.deleted]
        if not state.files:
            state.files = [{"url": "", "type": "Nothing"}]
        self._keep(state)

    def _download(self, state: State) -> None:
        folder = self.folder / INCOMING
        folder.mkdir(exist_ok=True)
        for number, file in enumerate(state.files):
            url = file["url"]
            if not url or url in state.done:
                continue
            name = f"{number:04d}-{file['type']}.ndjson"
            self._fetch(url, folder / name, signed=state.signed)
            state.done[url] = name
            self._keep(state)
            self.progress(f"{len(state.done)} of {len(state.files)} files")

    def _fetch(self, url: str, file: Path, *, signed: bool) -> None:
        part = file.with_name(file.name + ".part")
        try:
            with self.session.stream(url, signed=signed) as answer, part.open("wb") as out:
                if answer.status_code != 200:
                    answer.read()
                    raise ServerError(f"a file of the export was refused ({outcome(answer)}); run again to go on")
                size = 0
                for piece in answer.iter_bytes():
                    size += len(piece)
                    if size > MAX_BYTES:
                        raise ServerError("a file of the export is larger than 8 GB; ask the server for smaller files")
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
        except httpx.TransportError as lost:
            raise ServerError(
                f"the download broke off ({type(lost).__name__}); run again to go on with this file"
            ) from None
        part.replace(file)

    def _settle(self, state: State) -> Exported:
        """Merge what came into the mirror, type by type, then forget the export; a repeated merge changes nothing."""
        folder = self.folder / INCOMING
        gone = {key for name in self._names(state, "Deleted") for key in deletions(folder / name)}
        read: Counter[str] = Counter()
        types = dict.fromkeys(file["type"] for file in state.files if file["type"] in TYPES)
        for kind in dict.fromkeys((*types, *(key.partition("/")[0] for key in gone))):
            new = [folder / name for name in self._names(state, kind)]
            read[kind] += merge(self.mirror, kind, new, gone, whole=state.since is None)
        if state.since is None:
            for file in self.mirror.glob("*.ndjson"):
                if file.stem not in types:
                    file.unlink()
        complaints = tuple(
            line for name in self._names(state, "OperationOutcome") for line in complaints_in(folder / name)
        )
        found = Exported(state.taken_at or "", state.since, {k: n for k, n in read.items() if n}, len(gone), complaints)
        status = state.status
        self._keep(State(state.base, state.group, through=state.taken_at))
        for file in folder.glob("*"):
            file.unlink()
        if status:
            self._release(status)
        return found

    def _look_up(self) -> None:
        """Read the people and organisations that the patients' resources name and that no export brought: a server need
        not export what belongs to no patient."""
        for kind in ("Practitioner", "Organization"):
            file = self.mirror / f"{kind}.ndjson"
            have = {id_ for id_, _ in _lines(file)} if file.is_file() else set()
            wanted = sorted(self._named(kind) - have)[:MOST_LOOKED_UP]
            found = [line for id_ in wanted if (line := self._read(f"{kind}/{id_}")) is not None]
            if found:
                before = [line for _, line in _lines(file)] if file.is_file() else []
                replace(file, b"".join(line + b"\n" for line in (*before, *found)))

    def _named(self, kind: str) -> set[str]:
        pattern = re.compile(rb'"reference"\s*:\s*"(?:[^"]*/)?' + kind.encode() + rb'/([A-Za-z0-9.-]{1,64})"')
        named: set[str] = set()
        for file in self.mirror.glob("*.ndjson"):
            with file.open("rb") as lines:
                named.update(id_.decode() for line in lines for id_ in pattern.findall(line))
        return named

    def _read(self, path: str) -> bytes | None:
        answer = self.session.request("GET", self.session.url(path), headers={"Accept": "application/fhir+json"})
        return orjson.dumps(answer.json()) if answer.status_code == 200 else None

    def _release(self, status: str) -> None:
        """Tell the server that its files are no longer needed; that it cannot is no harm."""
        try:
            self.session.request("DELETE", status)
        except ServerError:
            self.progress("the server keeps its files")

    def _names(self, state: State, kind: str) -> list[str]:
        return [state.done[file["url"]] for file in state.files if file["type"] == kind and file["url"] in state.done]

    def _keep(self, state: State) -> None:
        replace(self.folder / STATE, json.dumps(asdict(state), indent=1).encode())


def merge(mirror: Path, kind: str, new: Iterable[Path], gone: set[str], *, whole: bool) -> int:
    """Put resources of a type into the mirror, the latest version of each; returns how many came.

    Args:
        gone: ``Type/id`` of resources that are no more.
        whole: the new files hold everything there is, so that what is not in them goes.
    """
    mirror.mkdir(parents=True, exist_ok=True)
    file = mirror / f"{kind}.ndjson"
    kept: dict[str, bytes] = {} if whole or not file.is_file() else dict(_lines(file))
    came = 0
    for one in new:
        for key, line in _lines(one):
            kept[key] = line
            came += 1
    for key in gone:
        type_, _, id_ = key.partition("/")
        if type_ == kind:
            kept.pop(id_, None)
    replace(file, b"".join(line + b"\n" for line in kept.values()))
    return came


def _lines(file: Path) -> Iterator[tuple[str, bytes]]:
    """Resources of a file by id; a line that is none keeps its place, so that the importer tells of it."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.strip()
            if not text:
                continue
            try:
                found = orjson.loads(text)
            except orjson.JSONDecodeError:
                found = None
            id_ = found.get("id") if isinstance(found, dict) else None
            yield (id_ if isinstance(id_, str) else f"?{file.name}:{number}"), text


def deletions(file: Path) -> Iterator[str]:
    """``Type/id`` of what the server deleted: bundles of DELETE requests."""
    for _, line in _lines(file):
        bundle = orjson.loads(line)
        for entry in bundle.get("entry") or ():
            request: dict[str, Any] = entry.get("request") or {}
            if request.get("method") == "DELETE":
                yield str(request.get("url") or "")


def complaints_in(file: Path) -> Iterator[str]:
    """Severity and code of what the server could not export; its free text may name people and is left out."""
    for _, line in _lines(file):
        for issue in orjson.loads(line).get("issue") or ():
            yield f"{issue.get('severity')} {issue.get('code')}"


def replace(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    aside = file.with_name(f".{file.name}.part")
    with aside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
