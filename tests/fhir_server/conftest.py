"""A strict FHIR R4 server that we did not write, started for the tests with SMART Backend Services."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from careledger.fhir.server.login import Client, Session

CLIENT_ID = "careledger-tests"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and who we are to it."""

    base: str
    client: Client
    key_file: Path

    def session(self) -> Session:
        return Session(self.base, self.client)

    def put(self, resource: dict[str, Any]) -> None:
        """Store a resource; the server checks it strictly."""
        with self.session() as session:
            answer = session.request(
                "PUT",
                session.url(f"{resource['resourceType']}/{resource['id']}"),
                headers={"Content-Type": "application/fhir+json"},
                content=json.dumps(resource).encode(),
            )
        assert answer.status_code in (200, 201), answer.text

    def delete(self, key: str) -> None:
        with self.session() as session:
            assert session.request("DELETE", session.url(key)).status_code in (200, 204)

    def all(self, kind: str) -> list[dict[str, Any]]:
        with self.session() as session:
            found = session.request("GET", session.url(kind), params={"_count": "200"}).json()
        return [entry["resource"] for entry in found.get("entry", ())]


def free_port() -> int:
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        return int(here.getsockname()[1])


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def server(tmp_path: Path, key: rsa.RSAPrivateKey) -> Iterator[Server]:
    """The server, empty."""
    port = free_port()
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "k1", "alg": "RS384", "use": "sig"}
    folder = tmp_path / "server"
    folder.mkdir()
    base = f"http://127.0.0.1:{port}/fhir"
    settings = {
        "base_url": base, "host": "127.0.0.1", "port": port, "data_dir": str(folder / "data"),
        "server_auth": {
            "types": ["smart"],
            "smart_clients": [{"client_id": CLIENT_ID, "jwks": {"keys": [jwk]}, "scopes": "system/*.*"}],
        },
        "validation": {"inbound": "strict"}, "simulator": {"enabled": False, "delay_seconds": 0.2},
    }  # fmt: skip
    (folder / "settings.yaml").write_text(yaml.safe_dump(settings))
    command = [
        str(Path(sys.executable).with_name("sekmet")),
        "serve",
        "-c",
        str(folder / "settings.yaml"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(base, process, folder / "log")
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        file = tmp_path / "key.pem"
        file.write_text(pem)
        yield Server(base, Client(CLIENT_ID, pem, "k1", "RS384", "system/*.*"), file)
    finally:
        process.terminate()
        process.wait(10)


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(900):
        try:
            if httpx.get(f"{base}/metadata", timeout=2).status_code < 500:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(log.read_text())
