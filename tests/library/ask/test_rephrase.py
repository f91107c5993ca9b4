"""The optional rewording against a local stub: used when every sentence keeps its citations, else the original stands."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from careledger.core.errors import InputError
from careledger.library.ask import ask
from careledger.library.ask.rephrase import Service, rephrased, service_of

QUESTION = "Can CCM and G0181 be billed by the same doctor in the same month?"
ANSWER = ask(QUESTION, on=date(2026, 11, 23))
Reword = Callable[[list[str]], Any]


@contextmanager
def stub(reword: Reword, status: int = 200) -> Iterator[tuple[Service, list[dict[str, Any]]]]:
    """A service that rewords the claims it is sent, and what it was sent."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append({"path": self.path, "key": self.headers.get("Authorization"), **sent})
            claims = re.findall(r"^\d+\. (.*)$", sent["messages"][1]["content"], re.M)
            made = reword(claims)
            content = made if isinstance(made, str) else json.dumps({"claims": made})
            body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}/v1", "stub", "secret"), seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_rewording_that_keeps_its_citations_is_used() -> None:
    with stub(lambda claims: [f"Put plainly: {claim}" for claim in claims]) as (service, seen):
        answer, problem = rephrased(ANSWER, service)
    assert problem is None
    assert all(claim.text.startswith("Put plainly: ") for claim in answer.claims)
    assert "[" not in "".join(claim.text for claim in answer.claims)
    assert [claim.references for claim in answer.claims] == [claim.references for claim in ANSWER.claims]
    assert (answer.verdict, answer.reason) == (ANSWER.verdict, ANSWER.reason)
    assert seen[0]["path"] == "/v1/chat/completions"
    assert seen[0]["key"] == "Bearer secret"
    assert QUESTION not in json.dumps(seen), "what a person typed is not sent"


@pytest.mark.parametrize(
    ("reword", "why"),
    [
        (lambda claims: [re.sub(r"\[\d+\]", "", claim) for claim in claims], "lost a citation"),
        (lambda claims: [f"Medicare loves this. {claim}" for claim in claims], "sentence without a citation"),
        (lambda claims: [f"{claim} [99]" for claim in claims], "did not cite before"),
        (lambda claims: [claim.replace("G0181", "G0182") for claim in claims], "was not there"),
        (
            lambda claims: [claim.replace("cannot both be paid", "can both be paid") for claim in claims],
            "meaning round",
        ),
        (lambda claims: claims[:-1], "instead of"),
        (lambda claims: ["" for _ in claims], "empty"),
        (lambda claims: "no JSON at all", "no usable reply"),
        (lambda claims: [1 for _ in claims], "no usable reply"),
    ],
)
def test_anything_else_leaves_the_original(reword: Reword, why: str) -> None:
    with stub(reword) as (service, _):
        answer, problem = rephrased(ANSWER, service)
    assert answer == ANSWER
    assert problem is not None
    assert why in problem


def test_a_service_that_fails_leaves_the_original() -> None:
    with stub(lambda claims: claims, status=500) as (service, _):
        answer, problem = rephrased(ANSWER, service)
    gone, why = rephrased(ANSWER, service)
    assert answer == gone == ANSWER
    assert problem is not None
    assert why is not None


def test_it_is_off_unless_it_is_named() -> None:
    assert service_of({}) is None
    assert rephrased(ANSWER, None) == (ANSWER, None)
    assert service_of({"CARELEDGER_REPHRASE_URL": "http://localhost:1/v1/"}) == Service(
        "http://localhost:1/v1", "default"
    )
    with pytest.raises(InputError, match="no web address"):
        service_of({"CARELEDGER_REPHRASE_URL": "file:///etc/passwd"})
