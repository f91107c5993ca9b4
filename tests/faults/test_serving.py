"""Real servers and clients that break off, send twice at once, or send half: over HTTP, on both databases."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.claims.remittances import CLAIM_ANSWER, REMITTANCE
from tests.faults.catalogue import BOTH, HALF, KILLED, NO_CLIENT, TWICE, TWO_SERVERS, Case, inject
from tests.faults.client import Sent, api, break_off, form, send, served, upload
from tests.faults.house import House
from tests.faults.places import sql
from tests.web.cast import NOON

pytestmark = pytest.mark.xdist_group("faults-2")
LOGGING, CLOSING, CLAIMS, POSTING, IMPORTING = (
    "logging time", "closing a month", "writing claims", "posting a remittance", "importing",
)  # fmt: skip
BREAKS = (
    "within the headers",
    "within the body",
    "before the last byte",
    "closed before the answer",
    "reset before the answer",
)
CLOSED = "the client closes or resets its socket"


@dataclass(slots=True)
class Open:
    """A house that is open: its port, and who is signed in."""

    house: House
    port: int
    nurse: str
    biller: str
    administrator: str

    def typed(self, once: str, minute: int = 0) -> Sent:
        """The form of typed time: five minutes of this morning."""
        start = NOON - timedelta(hours=4) + timedelta(minutes=minute)
        cells = {
            "program": "ccm", "on": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M:%S}",
            "end": f"{start + timedelta(minutes=5):%H:%M:%S}", "activity": "call_patient", "note": "Called.", "once": once,
        }  # fmt: skip
        return form(f"/time/patient/{self.house.patient}/", cells, self.nurse)

    def called(self, once: str, minute: int = 0) -> Sent:
        """The same by the API."""
        start = NOON - timedelta(hours=4) + timedelta(minutes=minute)
        told = {
            "program": "ccm", "start": start.isoformat(), "end": (start + timedelta(minutes=5)).isoformat(),
            "activity": "call_patient", "note": "Called.", "entry_id": f"called-{once}",
        }  # fmt: skip
        return api(f"/api/patients/{self.house.patient}/time", json.dumps(told).encode(), self.house.token)

    def close(self) -> Sent:
        """The button that closes October."""
        return form("/claims/month/2026-10/close/", {}, self.biller)

    def leave(self) -> Sent:
        """The button that sends claims."""
        return form("/claims/send/", {}, self.biller)

    def remitted(self, content: bytes = REMITTANCE.encode(), *, ends: bool = True) -> Sent:
        """A remittance."""
        return upload("/claims/remittances/post/", "era.835", content, self.biller, ends=ends)

    def brought(self) -> Sent:
        """A table of conditions, to be looked at before it is written."""
        table = b"patient_id,icd10\n" + b"p1,I10\n" * 200
        return upload("/settings/imports/", "dx.csv", table, self.administrator, what="table:conditions")

    def answered(self, content: bytes = CLAIM_ANSWER.encode()) -> Sent:
        """An acknowledgement."""
        return upload("/claims/answers/", "a.277", content, self.biller)


@pytest.fixture
def opened(house: House) -> Iterator[Open]:
    """A house with a server."""
    signed_in = [house.do("sign_in", role=role) for role in ("nurse", "biller", "administrator")]
    with served(house) as port:
        yield Open(house, port, *signed_in)


STATES: dict[str, Callable[[House], object]] = {
    "typing time": lambda house: [row[0] for row in house.sound()["entries"]].count("one"),
    "calling the API": lambda house: [row[0] for row in house.sound()["entries"]].count("called-one"),
    "closing": lambda house: len(house.sound()["closed"]),
    "sending claims": lambda house: house.sound()["store"]["batches"] - 1,
    "uploading a remittance": lambda house: house.sound()["store"]["payments"],
    "uploading a table": lambda house: house.sound()["imports"],
    "uploading an acknowledgement": lambda house: house.sound()["store"]["files"].get("posted", 0),
}


def sent_for(opened: Open, what: str) -> Sent:
    """The request of an act."""
    return {
        "typing time": lambda: opened.typed("one"),
        "calling the API": lambda: opened.called("one"),
        "closing": opened.close,
        "sending claims": opened.leave,
        "uploading a remittance": opened.remitted,
        "uploading a table": opened.brought,
        "uploading an acknowledgement": opened.answered,
    }[what]()


def _breaking(area: str, what: str) -> list[Case]:
    return inject(area, NO_CLIENT, CLOSED, {f"{what}, {how}": (what, how) for how in BREAKS}, on=BOTH)


@pytest.mark.parametrize(
    "what",
    [
        "typing time",
        "calling the API",
        "closing",
        "sending claims",
        "uploading a remittance",
        "uploading an acknowledgement",
    ],
)
def test_the_client_breaks_off(opened: Open, what: str) -> None:
    """Each way to break off, one after the other; then the request once more, whole: what it asks for is done once."""
    house = opened.house
    if what == "sending claims":
        house.do("build_more")
    for case in CASES[what]:
        break_off(opened.port, sent_for(opened, what), case.value[1])
        assert STATES[what](house) in (0, 1)
    assert send(opened.port, sent_for(opened, what)) in (200, 201, 302)
    assert STATES[what](house) == 1


CASES = {
    "typing time": _breaking(LOGGING, "typing time"),
    "calling the API": _breaking(LOGGING, "calling the API"),
    "closing": _breaking(CLOSING, "closing"),
    "sending claims": _breaking(CLAIMS, "sending claims"),
    "uploading a remittance": _breaking(POSTING, "uploading a remittance"),
    "uploading an acknowledgement": _breaking(POSTING, "uploading an acknowledgement"),
    "uploading a table": _breaking(IMPORTING, "uploading a table"),
}


def test_a_half_upload_does_nothing(opened: Open) -> None:
    """Uploads that end early are refused or put aside whole; the whole file is then posted once."""
    whole = opened.remitted()
    for case in HALVES:
        if case.value == "ended early":
            short = Sent(whole.content[: whole.head + whole.body // 2], whole.head)
            break_off(opened.port, short, "closed before the answer")
        elif case.value == "without its boundary":
            assert send(opened.port, opened.remitted(ends=False)) in (302, 400)
        elif case.value == "empty":
            assert send(opened.port, opened.remitted(b"")) == 302
        else:
            assert send(opened.port, opened.remitted(REMITTANCE.encode()[:900])) == 302
        assert opened.house.sound()["store"]["books"].get("cash", 0) in (0, 8678)
    assert send(opened.port, opened.remitted()) == 302
    found = opened.house.sound()["store"]
    assert (found["payments"], found["books"]["cash"]) == (1, 8678)


HALVES = inject(
    POSTING, HALF, "a multipart body that is not whole",
    {
        "uploading: the body ends early": "ended early",
        "uploading: the closing boundary is missing": "without its boundary",
        "uploading: the file is empty": "empty",
        "uploading: the file was cut before": "cut",
    },
    on=BOTH,
)  # fmt: skip


def test_a_half_call_logs_nothing(opened: Open) -> None:
    """A JSON body that was cut, or a form without its last fields, logs nothing."""
    whole = json.loads(opened.called("one").content[opened.called("one").head :])
    cut = json.dumps(whole).encode()[:-20]
    path = f"/api/patients/{opened.house.patient}/time"
    assert send(opened.port, api(path, cut, opened.house.token)) in (400, 422)
    assert (
        send(
            opened.port, form(f"/time/patient/{opened.house.patient}/", {"program": "ccm", "once": "one"}, opened.nurse)
        )
        == 422
    )
    assert STATES["calling the API"](opened.house) == 0
    assert send(opened.port, opened.called("one")) == 201
    assert STATES["calling the API"](opened.house) == 1
    assert len(HALF_CALLS) == 2


HALF_CALLS = inject(
    LOGGING, HALF, "a body that is not whole", ["calling the API with JSON that was cut", "typing time without the last fields"], on=BOTH
)  # fmt: skip


def _both(port: int, other: int, requests: list[Sent]) -> list[int]:
    """The requests all at once, by turns to either server; their statuses."""
    statuses: list[int] = []
    hands = [
        threading.Thread(target=lambda to=(port, other)[place % 2], sent=sent: statuses.append(send(to, sent)))
        for place, sent in enumerate(requests)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return statuses


TWO = inject(
    LOGGING, TWO_SERVERS, "two gunicorn with keeper and worker, all requests at once",
    ["typing and calling: twelve entries, each sent to both"], on=BOTH,
) + inject(
    CLOSING, TWO_SERVERS, "two gunicorn with keeper and worker, all requests at once", ["closing: pressed at both"], on=BOTH
) + inject(
    POSTING, TWO_SERVERS, "two gunicorn with keeper and worker, all requests at once", ["uploading: at both"], on=BOTH
) + inject(
    CLAIMS, TWO_SERVERS, "two gunicorn with keeper and worker, all requests at once", ["sending: pressed at both"], on=BOTH
)  # fmt: skip


def test_two_servers_with_keepers_and_workers(opened: Open) -> None:
    house = opened.house
    house.do("build_more")
    house.do("file_job")
    with served(house, keeps=True) as other, served(house, keeps=True) as third:
        entries = [
            sent for number in range(6) for sent in (opened.typed(f"t{number}", 10 * number), opened.called(f"c{number}", 60 + 10 * number))
        ]  # fmt: skip
        requests = [*entries, *entries, opened.close(), opened.close(), opened.leave(), opened.leave()]
        requests += [opened.remitted(), opened.remitted(), opened.answered(), opened.answered()]
        statuses = _both(other, third, requests)
        assert set(statuses) <= {201, 302}, statuses
    house.do("do_jobs", at=house.later)
    found = house.sound()
    assert len(found["current"]) == 1 + 12
    assert found["audit"]["time.logged"] == 13
    assert found["closed"] == [["2026-10", True]]
    assert (found["store"]["payments"], found["store"]["books"]["cash"]) == (1, 8678)
    assert found["store"]["batches"] == found["audit"]["claims.sent"] == 2
    assert found["audit"]["answers.posted"] == found["audit"]["remittance.posted"] == 1
    assert found["jobs"] == [["claims.make", "done"]]
    assert len(TWO) == 4


@pytest.mark.parametrize("case", inject(LOGGING, TWICE, "the same form on two connections at once", ["typing time at two servers", "calling the API at two servers"], on=BOTH), ids=str)  # fmt: skip
def test_twice_at_once(opened: Open, case: Case) -> None:
    sent = opened.typed("one") if "typing" in case.step else opened.called("one")
    with served(opened.house) as other:
        assert set(_both(opened.port, other, [sent] * 4)) <= {201, 302}
    assert STATES["typing time" if "typing" in case.step else "calling the API"](opened.house) == 1


DYING = {"the server, within a request, before the commit": sql("^COMMIT$", nth=2), "the server, within a request, after the row": sql('INSERT INTO "timers_timeentry"', "after")}  # fmt: skip


@pytest.mark.parametrize("case", inject(LOGGING, KILLED, "SIGKILL at the statement, within the whole request", DYING, on=BOTH), ids=str)  # fmt: skip
def test_the_server_is_killed_and_the_form_sent_again(house: House, case: Case) -> None:
    act = {"role": "nurse", "path": f"/time/patient/{house.patient}/", "cells": _cells()}
    assert house.run("press", **act, faults=[{**case.value, "do": "kill"}]).was_killed
    house.sound()
    assert house.do("press", **act) == 302
    assert [row[0] for row in house.sound()["entries"]].count("one") == 1


def _cells() -> dict[str, str]:
    start = NOON - timedelta(hours=4)
    return {
        "program": "ccm", "on": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M:%S}",
        "end": f"{start + timedelta(minutes=5):%H:%M:%S}", "activity": "call_patient", "note": "Called.", "once": "one",
    }  # fmt: skip
