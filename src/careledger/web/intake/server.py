"""The electronic record's FHIR server: how it is reached, and fetching from it with SMART Backend Services."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.db import transaction

from careledger.core.errors import CareLedgerError
from careledger.fhir.importer import ImportReport, import_fhir
from careledger.fhir.server.bulk import BulkExport
from careledger.fhir.server.login import Client, Session
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record, snapshot
from careledger.web.intake import desk
from careledger.web.intake.models import FhirServer, Import
from careledger.web.work.kinds import Tell

CELLS = ("address", "client_id", "kid", "algorithm", "scope", "group")


class ServerRefused(CareLedgerError):
    """How the server is reached cannot be used: what is wrong and what to do."""


@transaction.atomic
def save_server(*, acting_user: Membership, key: bytes | None, **cells: Any) -> FhirServer:
    """Write how the server is reached. The key is kept in a file; neither page nor log nor database ever holds it.

    Raises:
        ServerRefused: the address is no safe one.
    """
    try:
        Session(cells["address"]).__exit__()
    except CareLedgerError as refused:
        raise ServerRefused(str(refused)) from None
    row = FhirServer.objects.select_for_update().first() or FhirServer()
    before = snapshot(row, *CELLS, "key_mark") if row.pk else None
    for name in CELLS:
        setattr(row, name, cells[name] or ("" if name in ("address", "algorithm", "scope") else None))
    if key is not None:
        row.key_mark = mark_of(key)
    row.save()
    after = snapshot(row, *CELLS, "key_mark")
    if before != after:
        record(acting_user=acting_user, action="server.changed", target=row, before=before, after=after)
    if key is not None:
        desk.keep_key(key)
    return row


def mark_of(pem: bytes) -> str:
    """A short fingerprint of a private key's public half.

    Raises:
        ServerRefused: this is no private key in PEM, or it has a passphrase.
    """
    try:
        public = load_pem_private_key(pem, None).public_key()
    except (ValueError, TypeError):
        raise ServerRefused("This is no private key in PEM form without a passphrase.") from None
    told = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(told).hexdigest()[:16]


def fetch(row: Import, folder: Path, tell: Tell) -> ImportReport:
    """Bring the mirror of the server up to date, and import all of it. What broke off goes on at the next try.

    Raises:
        ServerError: the server refuses, fails or stays silent.
    """
    server = FhirServer.objects.first()
    if server is None:
        raise ServerRefused("no server is set up; enter its address first")
    with Session(server.address, _client(server)) as session:
        export = BulkExport(session, desk.server_folder() / "mirror", progress=lambda says: tell(says, 0, 0))
        if not row.report.get("fetched"):
            export.run(group=server.group or None, everything=bool(row.options.get("everything")))
            Import.objects.filter(pk=row.pk).update(report={"fetched": True})
            row.report = {"fetched": True}
        return import_fhir(export.mirror, folder, practice_id=row.options.get("practice") or None, whole=True)


def _client(server: FhirServer) -> Client | None:
    if not server.client_id:
        return None
    if not desk.key_file().is_file():
        raise ServerRefused("our private key is not here; send it again on the server's page")
    pem = desk.key_file().read_text("ascii")
    return Client(server.client_id, pem, server.kid, server.algorithm, server.scope)
