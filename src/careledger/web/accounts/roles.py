"""Roles and what each may do. A view names the permission it needs; the door looks here and nowhere else."""

from __future__ import annotations

from typing import Final

ROLES: Final = (
    ("nurse", "Nurse or care manager"),
    ("practitioner", "Practitioner"),
    ("biller", "Biller"),
    ("director", "Medical director"),
    ("compliance", "Compliance officer"),
    ("administrator", "Administrator"),
    ("auditor", "Auditor"),
)

PERMISSIONS: Final[dict[str, str]] = {
    "chart.find": "see the list of patients",
    "chart.read": "open a patient's chart",
    "patients.assign": "give patients to a care manager",
    "chart.write": "change a patient's record, consents and care plan",
    "time.log": "log time and correct one's own",
    "time.approve": "approve the time of others",
    "plan.sign": "sign a care plan and record decision-making",
    "month.read": "see decisions and their proof",
    "month.attest": "attest and sign the month's services",
    "month.close": "close a month that is over",
    "month.reopen": "open a closed month again, with a reason",
    "claims.write": "make and send claims, post remittances, work denials",
    "oversight.read": "see the program's measures",
    "oversight.act": "log acts of oversight",
    "oversight.write": "keep the director's log",
    "oversight.approve": "record a director's agreement and approve the months under it",
    "radar.run": "run the compliance radar and work its findings",
    "audit.read": "search and export the audit log",
    "audits.open": "open an audit to an auditor and end it",
    "settings.write": "change practice, people and imports",
    "users.write": "change users and roles",
    "export.all": "export everything",
    "library.read": "read the library",
    "library.write": "write local articles and comment",
    "library.review": "review articles of others",
    "session.own": "lock, unlock and end one's own sessions",
    "jobs.read": "follow one's own background work",
    "tokens.make": "make API tokens that act for oneself",
}

_EVERYONE = frozenset({"library.read", "session.own", "jobs.read"})
_WRITE = frozenset({"library.write"})
_REVIEW = frozenset({"library.write", "library.review"})
_TOKENS = frozenset({"tokens.make"})
_CARE = frozenset({"chart.find", "chart.read", "month.read"})

GRANTS: Final[dict[str, frozenset[str]]] = {
    "nurse": _EVERYONE | _CARE | _TOKENS | _WRITE | {"chart.write", "time.log", "patients.assign"},
    "practitioner": _EVERYONE
    | _CARE
    | _TOKENS
    | _REVIEW
    | {
        "chart.write",
        "patients.assign",
        "time.log",
        "time.approve",
        "plan.sign",
        "month.attest",
        "month.close",
        "oversight.read",
        "oversight.act",
    },
    "biller": _EVERYONE | _CARE | _TOKENS | _WRITE | {"claims.write", "month.close", "oversight.read"},
    "director": _EVERYONE
    | _CARE
    | _TOKENS
    | _REVIEW
    | {"time.approve", "oversight.read", "oversight.act", "oversight.write", "radar.run"},
    "compliance": _EVERYONE
    | _CARE
    | _TOKENS
    | _REVIEW
    | {
        "oversight.read",
        "oversight.approve",
        "radar.run",
        "audit.read",
        "audits.open",
        "month.close",
        "month.reopen",
        "export.all",
    },
    "administrator": _EVERYONE
    | _TOKENS
    | {
        "chart.find",
        "patients.assign",
        "settings.write",
        "users.write",
        "oversight.read",
        "oversight.approve",
        "export.all",
    },
    "auditor": _EVERYONE | _CARE | {"audit.read"},
}


def may(role: str, permission: str) -> bool:
    """May someone in this role do that? KeyError for a permission nobody has defined."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return permission in GRANTS.get(role, frozenset())
