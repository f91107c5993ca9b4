"""The record systems that may open the clinic, from the file that ``CARELEDGER_EHRS`` names. No other is ever talked to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from careledger.core.errors import InputError, Place
from careledger.fhir.server.app_launch import Ehr
from careledger.fhir.server.login import ServerError, safe_address
from careledger.policy.strict_yaml import load_path

_NEEDED = ("id", "name", "iss", "organisation", "client_id")
_MAY = ("client_secret_file", "key_file", "kid", "algorithm", "patients", "require_user")


def ehrs() -> list[Ehr]:
    """All of them.

    Raises:
        InputError: the file cannot be used; where, and what to do.
    """
    file: Path | None = settings.EHRS
    if file is None:
        return []
    listed = load_path(file).data
    rows = listed.get("ehrs") if isinstance(listed, dict) else None
    if not isinstance(rows, list):
        raise InputError(Place(str(file)), "no list of record systems", "write them under the key ehrs")
    found = [_ehr(file, place, row) for place, row in enumerate(rows)]
    if len({one.id for one in found}) < len(found) or len({one.iss for one in found}) < len(found):
        raise InputError(Place(str(file)), "two record systems share an id or an address", "give each its own")
    return found


def launched_by(iss: str, organisation: str) -> Ehr | None:
    """The system that names itself so, for an organisation."""
    plain = iss.rstrip("/")
    return next((one for one in ehrs() if one.iss == plain and one.organisation == organisation), None)


def named(id_: str, organisation: str) -> Ehr | None:
    """The system of an id, for an organisation."""
    return next((one for one in ehrs() if one.id == id_ and one.organisation == organisation), None)


def _ehr(file: Path, place: int, row: Any) -> Ehr:
    where = Place(str(file), field=f"ehrs[{place}]")
    if not isinstance(row, Mapping) or not set(row) <= {*_NEEDED, *_MAY}:
        raise InputError(where, "an unknown key", f"use {', '.join((*_NEEDED, *_MAY))}")
    if not all(isinstance(row.get(name), str) and row[name] for name in _NEEDED):
        raise InputError(where, "something is missing", f"give {', '.join(_NEEDED)}, each a text")
    if not str(row["id"]).replace("-", "").isalnum():
        raise InputError(where, "the id goes into an address", "use letters, figures and hyphens")
    try:
        iss = safe_address(str(row["iss"]))
    except ServerError:
        raise InputError(where, "iss is not reached by https", "give its https address") from None
    return Ehr(
        id=str(row["id"]),
        name=str(row["name"]),
        iss=iss,
        organisation=str(row["organisation"]),
        client_id=str(row["client_id"]),
        client_secret=_secret(file, row.get("client_secret_file")),
        key=_secret(file, row.get("key_file")),
        kid=row.get("kid"),
        algorithm=str(row.get("algorithm") or "RS384"),
        patients=str(row.get("patients") or "id"),
        require_user=row.get("require_user") is True,
    )


def _secret(file: Path, name: Any) -> str | None:
    """A secret from a file of its own, beside the list or by its whole path."""
    if name is None:
        return None
    try:
        return (file.parent / str(name)).read_text("utf-8").strip()
    except OSError as error:
        raise InputError(
            Place(str(file)), f"{name} cannot be read ({error.strerror})", "name a readable file"
        ) from None
