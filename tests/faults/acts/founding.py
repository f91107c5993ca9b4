"""A clinic from an empty database to claims that have left, and its keys and backups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.claims.clinic import CLAIMS, put, send
from tests.faults.acts.inside import in_clinic, member
from tests.web.cast import make_cast, ready_for_claims

CONFIG = """
submitter: {name: Lakeside, number: "SUBMIT77", contact: Jo Biller, phone: "5185550100"}
payers:
  medicare_ffs: {name: Medicare Part B, number: "13282", filing: MB, receiver: {name: Medicare Part B, number: "13282"}}
charges: {"99490": "95.00", "99439": 70}
"""
MEMBER_ID = "1EG4TE5MK73"


def migrate() -> None:
    """An empty database gets its tables."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()


def make_clinic() -> dict[str, Any]:
    """The cast with a logged October, an API token, and claims that have left, in a migrated database."""
    from django.db import connection

    cast = make_cast()
    with in_clinic():
        _ready_for_claims(cast)
        token = _token()
    connection.close()
    return {"patient": cast.patient.pk, "token": token}


def _ready_for_claims(cast: Any) -> None:
    from careledger.web.revenue import book

    ready_for_claims(cast, MEMBER_ID, "october")
    book.config_file().write_text(CONFIG)
    with book.store() as store:
        put(store, CLAIMS)
        send(store, book.folder_of() / "sent")


def _token() -> str:
    from careledger.web.api.tokens import make_token

    return make_token(acting_user=member("nurse"), name="device", scopes=("time:write", "patients:read"), days=30)[1]


def make_key(file: str) -> str:
    """A key for backups."""
    from careledger.web.keeping.backup import make_key

    return make_key(Path(file))


def back_up(file: str, public: str) -> int:
    """Everything into one encrypted file."""
    from careledger.web.keeping.backup import back_up

    return len(back_up(Path(file), [public])["files"])


def restore(file: str, key: str) -> int:
    """An empty clinic becomes what a backup held."""
    from careledger.web.keeping.backup import restore

    return len(restore(Path(file), Path(key))["files"])
