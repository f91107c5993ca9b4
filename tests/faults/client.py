"""A client of the clinic that breaks off: within a request, or before the answer."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.faults.hatchery import Child
from tests.faults.house import House
from tests.faults.places import DEADLINE_S

CSRF = "b" * 32
EDGE = "edge0123456789"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the bytes that go over the line.

    Attributes:
        head: how many of them are headers.
    """

    content: bytes
    head: int

    @property
    def body(self) -> int:
        return len(self.content) - self.head


def form(path: str, cells: dict[str, str], session: str) -> Sent:
    """A form of a page."""
    body = urlencode({**cells, "csrfmiddlewaretoken": CSRF}).encode()
    return _request(path, body, "application/x-www-form-urlencoded", f"Cookie: {_cookie(session)}")


def upload(path: str, name: str, content: bytes, session: str, *, ends: bool = True, **cells: str) -> Sent:
    """A form with a file; without its closing boundary when it is not to end."""
    fields = {"csrfmiddlewaretoken": CSRF, **cells}
    parts = [
        *(
            f'--{EDGE}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{cell}\r\n'.encode()
            for key, cell in fields.items()
        ),
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode(),
        content,
    ]
    if ends:
        parts.append(f"\r\n--{EDGE}--\r\n".encode())
    return _request(path, b"".join(parts), f"multipart/form-data; boundary={EDGE}", f"Cookie: {_cookie(session)}")


def api(path: str, body: bytes, token: str) -> Sent:
    """A call of the API."""
    return _request(path, body, "application/json", f"Authorization: Bearer {token}")


def _cookie(session: str) -> str:
    return f"careledger={session}; careledger_csrf={CSRF}"


def _request(path: str, body: bytes, kind: str, *headers: str) -> Sent:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
    return Sent(head + body, len(head))


def send(port: int, sent: Sent) -> int:
    """The whole request; the status of its answer."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)) as line:
        line.sendall(sent.content)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return int(answer.split(b" ", 2)[1])


def break_off(port: int, sent: Sent, how: str) -> None:
    """As much of the request as the client lives to send; then the line is gone, and the server has done with it."""
    parts = {
        "within the headers": sent.head // 2,
        "within the body": sent.head + sent.body // 2,
        "before the last byte": len(sent.content) - 1,
    }
    line = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
    line.sendall(sent.content[: parts.get(how, len(sent.content))])
    if how.startswith("reset"):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
    # One worker with one thread takes one request after the other: its answer to the next one tells that it is through.
    send(port, Sent(b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 0))


@contextmanager
def served(house: House, *, keeps: bool = False) -> Iterator[int]:
    """The house behind a gunicorn of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = house.start("serve", port=port, keeps=keeps)
    try:
        _wait(server, port)
        yield port
    finally:
        server.kill()


def _wait(server: Child, port: int) -> None:
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert not server.ended_within(0.02), server.outcome()
    raise AssertionError("the server does not come up")
