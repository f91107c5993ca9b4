"""The clinic as a FHIR server of its own on loopback, with its background work and programs that may sign in."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from careledger.fhir.server.login import Client, Session

ROOT = Path(__file__).parents[2]
FILL = """
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import datetime, timezone
from tests.web.cast import make_cast, make_patient
from tests.web.fhir_calls import filled
from careledger.web.fhir_api.clients import register_client
from careledger.web.tenancy.scope import acting_in

class Now:
    at = datetime.now(timezone.utc).replace(microsecond=0)
    s = int(at.timestamp())

cast = make_cast()
filled(cast, Now())
with acting_in(cast.clinic):
    for number in range(3):
        make_patient(f"more{number}", cast["practitioner"].person)
    jwks = json.loads(sys.argv[1])
    said = {
        role: register_client(acting_user=cast[role], name=role, scopes=scopes, jwks=jwks).client_id
        for role, scopes in (("nurse", ["system/*.rs", "system/Patient.cu"]), ("compliance", ["system/*.rs", "system/Binary.rs"]))
    }
print(json.dumps(said))
"""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where the clinic answers, and the programs it knows by their members' roles; their one key as PEM and as a JWKS."""

    base: str
    key_file: Path
    jwks_file: Path
    ids: dict[str, str]

    def session(self, role: str, scope: str = "system/*.rs") -> Session:
        return Session(self.base, Client(self.ids[role], self.key_file.read_text(), "k1", "RS384", scope))

    def peer(self, role: str, scope: str) -> dict[str, Any]:
        """The clinic as sekmet's settings name another server."""
        auth = {
            "type": "smart",
            "client_id": self.ids[role],
            "private_key_path": str(self.key_file),
            "kid": "k1",
            "scope": scope,
        }
        return {"base_url": self.base, "auth": auth, "timeout": 120}

    def all(self, kind: str) -> list[dict[str, Any]]:
        with self.session("compliance") as session:
            told = session.request("GET", session.url(kind), params={"_count": "200"}).json()
        return [entry["resource"] for entry in told.get("entry", ())]


@contextmanager
def running(folder: Path) -> Iterator[Clinic]:
    """A clinic with the cast's patients, served as an install serves it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": "k1", "alg": "RS384", "use": "sig"}
    key_file = folder / "key.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    private = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)) | {"kid": "k1", "alg": "RS384", "key_ops": ["sign"]}
    jwks_file = folder / "keys.jwks"
    jwks_file.write_text(json.dumps({"keys": [private]}))
    env = {
        **os.environ, "CARELEDGER_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "tests.web.settings",
        "PYTHONPATH": str(ROOT), "CARELEDGER_KEEPER": "yes",
    }  # fmt: skip
    env.pop("DATABASE_URL", None)
    (folder / "data").mkdir()
    fill = [sys.executable, "-c", FILL, json.dumps({"keys": [jwk]})]
    made = subprocess.run(fill, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--log-level", "warning"]
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "gunicorn", *bind, "careledger.web.wsgi"]
        server = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}/fhir"
    try:
        _wait(base, server, folder / "log")
        yield Clinic(base, key_file, jwks_file, json.loads(made.stdout.splitlines()[-1]))
    finally:
        server.terminate()
        server.wait(20)


def _wait(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1500):
        try:
            if httpx.get(f"{base}/metadata", timeout=30).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(log.read_text())
