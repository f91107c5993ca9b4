"""Articles: what front matter and body mean, before policy has filled them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from careledger.core.errors import InputError, Place
from careledger.policy.strict_yaml import load

Status = Literal["submitted", "under_review", "approved", "stale", "disputed", "superseded", "withdrawn"]
STATUSES: tuple[Status, ...] = get_args(Status)
VERDICTS = ("yes", "no", "depends", "explains")
"""An article's one word; ``explains`` is for questions that no yes or no answers."""
ROLES = ("physician", "care_manager", "biller", "medical_director", "compliance_officer", "patient")
SECTIONS = {
    "claims": "Claims",
    "document": "What to document",
    "who": "Who may do it",
    "supervision": "Supervision",
    "edge": "Edge cases",
    "disagree": "Where contractors disagree",
    "errors": "Common errors corrected",
}
"""Sections that an author writes, by key; what changed and follow-up questions are derived."""
FIELDS = frozenset(
    [
        "id",
        "title",
        "question",
        "verdict",
        "family",
        "roles",
        "codes",
        "topics",
        "status",
        "status_reason",
        "author",
        "reviewer_role",
        "reviewer",
        "last_updated",
        "last_verified",
        "next_review",
        "fingerprint",
        "follow_up",
        "overlays",
    ]
)
REQUIRED = ("id", "title", "family", "status", "author", "last_updated")

_HEADING = re.compile(r"^##\s+(.+?)\s*$")
_ITEM = re.compile(r"^(?:\d+\.|-)\s+(.*)$")
_CITED = re.compile(r"^(.*?)\s*\[([^\[\]]*)\]$", re.S)
_KEYS = {title.lower(): key for key, title in SECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Citation:
    """A policy value (``topic.name``, also ``layer/topic.name``) or a source id; ``says`` is what the text relies on."""

    id: str
    says: str | None = None

    @property
    def layer(self) -> str:
        """The payer or overlay whose value is meant; ``base`` when none is named."""
        return self.id.partition("/")[0] if "/" in self.id else "base"

    @property
    def name(self) -> str:
        """The value's name without its layer."""
        return self.id.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement with what it rests on; ``line`` is where it stands in its file."""

    text: str
    citations: tuple[Citation, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A question with its cited answer.

    Attributes:
        reason: one sentence beneath the verdict word; may hold ``{{value:...}}``.
        sections: claims by section key.
        fingerprint: of all cited values and sources when the article was last verified.
        overlays: the article that a clinic's local note stands on, if it is one.
    """

    id: str
    title: str
    question: str
    verdict: str
    family: str
    status: Status
    author: str
    last_updated: date
    last_verified: date | None
    next_review: date | None
    reason: str
    sections: dict[str, tuple[Claim, ...]]
    roles: tuple[str, ...] = ROLES
    codes: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    follow_up: tuple[str, ...] = ()
    status_reason: str | None = None
    reviewer_role: str | None = None
    reviewer: str | None = None
    fingerprint: str | None = None
    overlays: str | None = None
    local: bool = False
    file: str = ""
    text: str = field(default="", repr=False)

    def claims(self) -> tuple[Claim, ...]:
        """Every claim of every section, in order."""
        return tuple(claim for claims in self.sections.values() for claim in claims)


def read_article(text: str, file: str, *, local: bool = False) -> Article:
    """An article from its Markdown; InputError with file and line when something in it cannot be used."""
    head, body, offset = _split(text, file)
    _check_fields(head, file)
    reason, sections = read_body(body, file, offset)
    lists = {
        key: tuple(str(item) for item in head[key]) for key in ("roles", "codes", "topics", "follow_up") if key in head
    }
    days = {key: _day(head, key, file) for key in ("last_verified", "next_review")}
    updated = _day(head, "last_updated", file)
    assert updated is not None
    plain = {
        key: str(head[key])
        for key in ("status_reason", "reviewer_role", "reviewer", "fingerprint", "overlays")
        if head.get(key) is not None
    }
    return Article(
        id=str(head["id"]), title=str(head["title"]), question=str(head.get("question", head["title"])),
        verdict=str(head.get("verdict", "explains")), family=str(head["family"]), status=head["status"],
        author=str(head["author"]), last_updated=updated, reason=reason, sections=sections, local=local, file=file,
        text=text, **lists, **days, **plain,  # type: ignore[arg-type]
    )  # fmt: skip


def read_body(body: str, file: str, offset: int) -> tuple[str, dict[str, tuple[Claim, ...]]]:
    """The opening sentence, and claims by section."""
    section = ""
    reason: list[str] = []
    found: dict[str, list[Claim]] = {}
    for number, line in enumerate(body.splitlines(), offset + 1):
        if heading := _HEADING.match(line):
            section = _section(heading[1], file, number)
            found.setdefault(section, [])
        elif item := _ITEM.match(line):
            if not section:
                raise InputError(Place(file, number), "a claim stands before any heading", "put it beneath '## Claims'")
            found[section].append(read_claim(item[1], number))
        elif line.strip() and not section:
            reason.append(line.strip())
        elif line.strip():
            raise InputError(Place(file, number), "a line is no claim", "begin it with a number or a dash, on one line")
    return " ".join(reason), {key: tuple(claims) for key, claims in found.items()}


def read_claim(text: str, line: int) -> Claim:
    """A claim: words, then ``[policy.value; source-id; policy.flag=true]``."""
    cited = _CITED.match(text)
    if cited is None:
        return Claim(text, (), line)
    parts = [part.strip() for part in cited[2].split(";") if part.strip()]
    citations = (
        Citation(name.strip(), says.strip() or None) for name, _, says in (part.partition("=") for part in parts)
    )
    return Claim(cited[1], tuple(citations), line)


def _split(text: str, file: str) -> tuple[dict[str, Any], str, int]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in [line.strip() for line in lines[1:]]:
        raise InputError(
            Place(file, 1), "there is no front matter", "begin the file with a block between two lines '---'"
        )
    end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == "---")
    head = load("\n".join(lines[1:end]) + "\n", file).data
    if not isinstance(head, dict):
        raise InputError(Place(file, 2), "the front matter is no mapping", "write 'name: value' lines")
    return head, "\n".join(lines[end + 1 :]), end + 1


def _check_fields(head: dict[str, Any], file: str) -> None:
    for key in head:
        if key not in FIELDS:
            raise InputError(
                Place(file, field=str(key)), "no field has this name", f"known are {', '.join(sorted(FIELDS))}"
            )
    for key in REQUIRED:
        if not head.get(key):
            raise InputError(Place(file, field=key), "this field is missing", "add it to the front matter")
    for key, allowed in (("status", STATUSES), ("verdict", VERDICTS)):
        if head.get(key, allowed[0]) not in allowed:
            raise InputError(Place(file, field=key), "this word is not known", f"known are {', '.join(allowed)}")
    for key in ("roles", "codes", "topics", "follow_up"):
        if not isinstance(head.get(key, []), list):
            raise InputError(Place(file, field=key), "this is no list", "write it in brackets")


def _day(head: dict[str, Any], key: str, file: str) -> date | None:
    value = head.get(key)
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError(Place(file, field=key), "this is no date", "write it as 2026-11-23") from None


def _section(title: str, file: str, line: int) -> str:
    key = _KEYS.get(title.lower())
    if key is None:
        raise InputError(Place(file, line), "no section has this heading", f"known are {', '.join(SECTIONS.values())}")
    return key
