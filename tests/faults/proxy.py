"""A proxy on loopback between the clinic and its PostgreSQL that cuts the line around the first COMMIT."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The statement as the driver sends it: PostgreSQL's simple query message."""


@contextmanager
def cutting_proxy(url: str, *, before: bool) -> Iterator[str]:
    """The address of a proxy to a database.

    Args:
        before: cut before the COMMIT goes on; otherwise let it through and keep its answer.
    """
    there = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_carry, args=(listener, (there.hostname, there.port), before), daemon=True)
    thread.start()
    user = f"{there.username}@" if there.username else ""
    try:
        yield there._replace(netloc=f"{user}127.0.0.1:{listener.getsockname()[1]}").geturl()
    finally:
        listener.close()
        thread.join(timeout=10)


def _carry(listener: socket.socket, to: tuple[str | None, int | None], before: bool) -> None:
    try:
        client, _ = listener.accept()
    except OSError:
        return
    listener.close()  # whoever calls again is refused at once
    with client, socket.create_connection((to[0] or "127.0.0.1", to[1] or 5432)) as server:
        while True:
            for line in select.select([client, server], [], [])[0]:
                data = line.recv(65536)
                if not data:
                    return
                if line is client and COMMIT in data:
                    if not before:
                        server.sendall(data)
                        server.recv(65536)  # it is done; its answer goes nowhere
                    return
                (server if line is client else client).sendall(data)
