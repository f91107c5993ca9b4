"""Writing back: each resource once, found again by our identifier, and not sent while nothing in it has changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from careledger.fhir.server.bulk import replace
from careledger.fhir.server.login import ServerError, Session, outcome
from careledger.fhir.server.outgoing import SYSTEM, Known, Outgoing

SENT = "sent.json"
_HEADERS = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}


@dataclass(slots=True)
class SendReport:
    """What was sent: how many of each kind were made, changed or left as they were, and what the server refused."""

    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        return 1 if self.refused else 0

    def lines(self) -> list[str]:
        """The report for people; ids only."""
        kinds = dict.fromkeys((*self.made, *self.changed, *self.same))
        lines = [
            f"{kind}: {self.made[kind]:,} new, {self.changed[kind]:,} changed, {self.same[kind]:,} as before"
            for kind in kinds
        ]
        return [*(lines or ["nothing to send"]), *(f"refused {line}" for line in self.refused)]


class Sender:
    """Sends resources to one server and remembers in a folder what it has sent.

    Args:
        folder: holds which resource went under which id at the server, and its fingerprint.
    """

    def __init__(self, session: Session, folder: Path, progress: Callable[[str], None] | None = None) -> None:
        self.session, self.folder = session, folder
        self.progress = progress or (lambda _: None)
        self._file = folder / SENT
        self._sent: dict[str, dict[str, str]] = json.loads(self._file.read_text()) if self._file.is_file() else {}

    def send(self, resources: Iterable[Outgoing]) -> SendReport:
        """Send what is new or has changed. What the server refuses is told; the rest goes on.

        Raises:
            ServerError: the server cannot be reached; what was sent is remembered, and the next run goes on.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        report = SendReport()
        try:
            for number, one in enumerate(resources, start=1):
                self._one(one, report)
                if number % 100 == 0:
                    self._keep()
                    self.progress(f"{number:,} looked at")
        finally:
            self._keep()
        return report

    def _one(self, one: Outgoing, report: SendReport) -> None:
        resource = self._resolved(one)
        mark = hashlib.sha256(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS)).hexdigest()
        before = self._sent.get(one.key)
        if before is not None and before["mark"] == mark:
            report.same[one.kind] += 1
            return
        answer = self._put(one, resource, before)
        if answer.status_code not in (200, 201):
            report.refused.append(f"{one.key}: {outcome(answer)}")
            return
        self._sent[one.key] = {"id": _id_of(answer, one, resource), "mark": mark}
        (report.made if answer.status_code == 201 else report.changed)[one.kind] += 1

    def _put(self, one: Outgoing, resource: dict[str, Any], before: dict[str, str] | None) -> httpx.Response:
        """Update by the server's id where it is known; else by our identifier, which makes it where it is not there; else,
        where the server cannot look for that, under an id of ours that is always the same."""
        if before is not None:
            answer = self._at(one, before["id"], resource)
            if answer.status_code not in (404, 405, 410):
                return answer
        answer = self.session.request(
            "PUT",
            self.session.url(one.kind),
            headers=_HEADERS,
            params={"identifier": f"{SYSTEM}{one.kind}|{one.value}"},
            content=orjson.dumps(resource),
        )
        if answer.status_code in (405, 501) or "not-supported" in outcome(answer):
            return self._at(one, own_id(one), resource)
        return answer

    def _at(self, one: Outgoing, id_: str, resource: dict[str, Any]) -> httpx.Response:
        content = orjson.dumps({**resource, "id": id_})
        return self.session.request("PUT", self.session.url(f"{one.kind}/{id_}"), headers=_HEADERS, content=content)

    def _resolved(self, one: Outgoing) -> dict[str, Any]:
        """The resource with its goals under the ids the server gave them; a goal it does not have is left out."""
        if one.kind != "CarePlan" or "goal" not in one.resource:
            return one.resource
        resource = deepcopy(one.resource)
        ids = (self._sent.get(f"Goal/{goal['our']}") for goal in one.resource["goal"])
        resource["goal"] = [{"reference": f"Goal/{known['id']}"} for known in ids if known]
        if not resource["goal"]:
            del resource["goal"]
        return resource

    def _keep(self) -> None:
        replace(self._file, json.dumps(self._sent, indent=1, sort_keys=True).encode())


def own_id(one: Outgoing) -> str:
    """An id for a server that lets clients choose: the same for the same resource, and nobody's own words."""
    return f"cl-{hashlib.sha256(one.key.encode()).hexdigest()[:40]}"


def known_at(mirror: Path) -> Known:
    """Patients and practitioners of whom the server told in the last import.

    Raises:
        ServerError: nothing was imported from the server yet.
    """
    if not (mirror / "Patient.ndjson").is_file():
        raise ServerError("nothing was imported from the server yet; run 'careledger import fhir-server' first")
    return Known(frozenset(_ids(mirror / "Patient.ndjson")), frozenset(_ids(mirror / "Practitioner.ndjson")))


def _ids(file: Path) -> list[str]:
    if not file.is_file():
        return []
    with file.open("rb") as lines:
        found = [orjson.loads(line) for line in lines if line.strip()]
    return [str(one["id"]) for one in found if "id" in one]


def _id_of(answer: httpx.Response, one: Outgoing, resource: dict[str, Any]) -> str:
    """The id the server keeps the resource under, from its Location or its answer."""
    parts = answer.headers.get("Location", answer.headers.get("Content-Location", "")).split("/")
    if one.kind in parts[:-1]:
        return str(parts[parts.index(one.kind) + 1])
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if isinstance(told.get("id"), str):
        return str(told["id"])
    raise ServerError(f"the server took {one.key} without saying under which id")
