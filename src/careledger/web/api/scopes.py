"""What a token may be allowed to do. Each scope asks for a permission of the owner's role as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from careledger.web.accounts.roles import may


@dataclass(frozen=True, slots=True)
class Scope:
    """A power of a token: what it says to people, and the permission its owner must hold while it is used."""

    says: str
    permission: str


SCOPES: Final[dict[str, Scope]] = {
    "patients:read": Scope("Find patients and read their charts", "chart.read"),
    "consents:write": Scope("Record consents, statuses and beginnings of programs; revoke consents", "chart.write"),
    "time:write": Scope("Log time as yourself, void and correct it", "time.log"),
    "decisions:read": Scope("Read a month's decisions with their proof", "month.read"),
    "claims:read": Scope("Read claims and where they stand", "claims.write"),
    "system/*.rs": Scope("Read everything as FHIR (docs/fhir.md)", "chart.read"),
    "patient/*.rs": Scope("Read one patient as FHIR", "chart.read"),
    "system/Patient.cu": Scope("Add patients and change their demographics as FHIR", "chart.write"),
    "ask": Scope("Ask the library in plain words", "library.read"),
    "check": Scope("Ask what a case of your own may bill", "library.read"),
}
"""Consents, time and plans are read with ``patients:read``: they are the chart."""


def offered_to(role: str) -> dict[str, Scope]:
    """The scopes someone in a role can give to a token."""
    return {name: scope for name, scope in SCOPES.items() if may(role, scope.permission)}
