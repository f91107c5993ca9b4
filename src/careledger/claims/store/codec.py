"""Claims as JSON and back: only what differs from the default is written, nothing is lost."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import orjson

from careledger.claims.model import Claim


def encode(claim: Claim) -> str:
    """A claim as one line of JSON."""
    return orjson.dumps(_plain(claim)).decode()


def decode(text: str) -> Claim:
    """The claim that was encoded."""
    made = _made(Claim, orjson.loads(text))
    assert isinstance(made, Claim)
    return made


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        found = ((name, getattr(value, name), default) for name, default, _ in _shape(type(value)))  # type: ignore[arg-type]
        return {name: _plain(given) for name, given, default in found if given != default}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


def _made(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return tuple(_made(kind, item) for item in value)
    if is_dataclass(kind):
        shape = {name: type_ for name, _, type_ in _shape(typing.cast(type, kind))}
        return kind(**{name: _made(shape[name], item) for name, item in value.items()})  # type: ignore[operator]
    if kind is Decimal:
        return Decimal(value)
    return date.fromisoformat(value) if kind is date else value


@cache
def _shape(kind: type) -> tuple[tuple[str, Any, Any], ...]:
    """Name, default and inner type of every field."""
    hints = typing.get_type_hints(kind)
    return tuple(
        (row.name, row.default if row.default is not MISSING else MISSING, _inner(hints[row.name]))
        for row in fields(kind)
    )


def _inner(hint: Any) -> Any:
    """``X`` of ``X | None`` and of ``tuple[X, ...]``."""
    if isinstance(hint, types.UnionType):
        return _inner(next(part for part in hint.__args__ if part is not type(None)))
    return _inner(hint.__args__[0]) if typing.get_origin(hint) is tuple else hint
