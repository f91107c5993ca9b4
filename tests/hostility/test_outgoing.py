"""What the program asks of other machines: only those that were named, never further where they point, and no secret goes along."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from careledger.fhir.server.login import ServerError, Session, bounded_json
from careledger.library.ask.answer import ask
from careledger.library.ask.rephrase import Service, rephrased


@contextmanager
def server(status: int, location: str = "", body: bytes = b"{}") -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server of this machine that answers everything alike: its address, and the headers of what came."""
    came: list[dict[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append({name.lower(): text for name, text in self.headers.items()})
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    web = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{web.server_port}", came
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_rewording_key_does_not_follow_a_redirect(status: int) -> None:
    answer = ask("Can I bill 99490 twice in a month?", on=date(2026, 11, 18))
    assert answer.claims
    with server(200) as (elsewhere, stolen), server(status, f"{elsewhere}/steal") as (here, came):
        reworded, why = rephrased(answer, Service(here, "any", "kanarikey"))
    assert came[0]["authorization"] == "Bearer kanarikey"
    assert stolen == []
    assert reworded == answer
    assert why is not None
    assert "kanarikey" not in why


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_fhir_server_is_followed_nowhere(status: int) -> None:
    with (
        server(200) as (elsewhere, stolen),
        server(status, f"{elsewhere}/steal") as (here, came),
        Session(here) as session,
    ):
        assert session.request("GET", session.url("Patient")).status_code == status
    assert len(came) == 1
    assert stolen == []


@pytest.mark.parametrize(("status", "body", "says"), [
    (302, b"{}", "refused"), (500, b"{}", "refused"), (200, b'{"a": "' + b"x" * 2_000 + b'"}', "more than"), (200, b"[1]", "JSON"),
    (200, b"no", "JSON"),
])  # fmt: skip
def test_keys_and_launches_are_read_from_one_answer_of_a_size(status: int, body: bytes, says: str) -> None:
    with (
        server(200, body=b'{"stolen": 1}') as (elsewhere, stolen),
        server(status, f"{elsewhere}/steal", body) as (here, came),
    ):
        with pytest.raises(ServerError, match=says):
            bounded_json("GET", here, most_bytes=1_000, timeout_s=5.0)
        assert bounded_json("GET", elsewhere, most_bytes=1_000, timeout_s=5.0) == {"stolen": 1}
    assert (len(came), len(stolen)) == (1, 1)


@pytest.mark.parametrize("address", [
    "http://10.0.0.1/fhir", "http://169.254.169.254/latest/meta-data", "http://ehr.example/fhir", "http://localhost.ehr.example/fhir",
    "http://127.0.0.1.ehr.example/fhir", "file:///etc/passwd", "ftp://ehr.example", "gopher://127.0.0.1", "//ehr.example/fhir", "ehr.example",
    "http://[fe80::1]/fhir", "http://0x7f.1/fhir", "", "https://[ehr.example/fhir",
])  # fmt: skip
def test_an_address_that_is_no_https_is_refused(address: str) -> None:
    with pytest.raises(ServerError):
        Session(address)


@pytest.mark.parametrize(
    "url", ["https://evil.example/Patient", "https://ehr.example@evil.example/x", "https://ehr.example:444/x"]
)
def test_a_token_goes_to_no_address_that_only_looks_like_the_servers(url: str) -> None:
    with Session("https://ehr.example/fhir") as session, pytest.raises(ServerError, match="the token stays here"):
        session.request("GET", url)
