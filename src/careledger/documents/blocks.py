"""The pieces a document is built of, as plain data: the template prints every text as it stands, never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a document."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title, "blocks": list(self.blocks)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its share of the width, and how it is set."""

    head: str
    width: float = 1.0
    align: str = "left"
    mono: bool = False


def text(words: str) -> Block:
    """A paragraph."""
    return {"kind": "text", "text": words}


def note(words: str) -> Block:
    """A paragraph in small type that explains."""
    return {"kind": "note", "text": words}


def heading(words: str) -> Block:
    """A heading within a section."""
    return {"kind": "heading", "text": words}


def alarm(words: str) -> Block:
    """A boxed sentence that must not be overlooked."""
    return {"kind": "alarm", "text": words}


def facts(pairs: Iterable[tuple[str, str]]) -> Block:
    """Names and values in two columns."""
    return {"kind": "facts", "rows": [list(pair) for pair in pairs]}


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, strong: Iterable[int] = ()) -> Block:
    """A table whose heading is repeated on every page; rows named in ``strong`` are set bold."""
    return {
        "kind": "table",
        "heads": [column.head for column in columns],
        "widths": [column.width for column in columns],
        "aligns": [column.align for column in columns],
        "monos": [column.mono for column in columns],
        "rows": [list(row) for row in rows],
        "strong": list(strong),
    }


def proof(mark: str, words: str, under: str = "") -> Block:
    """A step of a proof with its mark, and beneath it what it rests on."""
    return {"kind": "proof", "mark": mark, "text": words, "under": under}


def signature(name: str, role: str, on: str = "") -> Block:
    """A line to sign on; ``on`` is printed when it was signed already."""
    return {"kind": "signature", "name": name, "role": role, "on": on}
