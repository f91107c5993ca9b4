"""YAML 1.2 read strictly: what stands in the file is what is meant, and every value knows its line.

PyYAML reads YAML 1.1, in which ``on`` is true, ``10:12`` is 612 and a repeated key silently wins. Here only ``true``
and ``false`` are booleans, keys are text and stand once, and anchors, aliases, tags and merge keys are refused, so that
a small file can never unfold into a large one. JSON is accepted, being YAML 1.2.

Errors are one clear line (``InputError``): file, line, key, kind of value. Values are never repeated: a case is health
information.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml import events

from careledger.core.errors import InputError, Place
from careledger.policy.scalars import plain

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 2_000_000

Key = str | int
Path_ = tuple[Key, ...]

_KEY_SHOWN = 40
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)

_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_SYNTAX = (
    ("nesting depth", "nested too deeply", f"at most {MAX_DEPTH} levels are read"),
    ("escape", "a backslash escape that YAML does not know", "use single quotes for backslashes"),
    ("mapping values are not allowed", "a colon where none may stand", "indent the key, or quote a text with a colon"),
    ("found character", "a character that cannot start a value", "indent with spaces, or put the text in quotes"),
    ("block end", "the indentation does not fit the lines above", "line up keys of one mapping"),
    ("did not find expected key", "the indentation does not fit the lines above", "line up keys of one mapping"),
    ("could not find expected ':'", "a key without its colon", "write 'key: value'"),
    ("flow sequence", "a list in brackets is not closed or misses a comma", "write [a, b]"),
    ("',' or ']'", "a list in brackets is not closed or misses a comma", "write [a, b]"),
    ("flow mapping", "a mapping in braces is not closed or misses a comma", "write {a: 1, b: 2}"),
    ("',' or '}'", "a mapping in braces is not closed or misses a comma", "write {a: 1, b: 2}"),
    ("quoted scalar", "a quotation mark is not closed", "close the quotation"),
    ("end of stream", "the file ends in the middle of a value", "complete the file"),
    ("end of file", "the file ends in the middle of a value", "complete the file"),
    ("control characters", "a control character", "remove it"),
    ("special characters", "a control character", "remove it"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Node:
    """The line a value (or its key) stands on, and the nodes within it."""

    line: int
    children: dict[str, _Node] | list[_Node] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain objects, with the line of every value.

    Attributes:
        data: dicts, lists, str, int, float, bool, ``datetime.date`` and None.
        file: the file's name, for messages.
    """

    data: Any
    file: str
    _root: _Node

    def line_of(self, path: Path_ = ()) -> int:
        """The line of a key path such as ``("time", 2, "start")``: that of its key, or of the nearest part there is."""
        node = self._root
        for key in path:
            child = _child(node, key)
            if child is None:
                break
            node = child
        return node.line

    def place(self, path: Path_ = ()) -> Place:
        """Where a key path stands, with the path written as ``time[2].start``."""
        return Place(self.file, self.line_of(path), path_text(path) or None)


def load(text: str, file: str, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read one YAML or JSON document.

    Raises:
        InputError: the text is no YAML, or has a duplicate key, anchor, alias, tag, merge key, key that is not text, a
            date that is not in the calendar, a number out of range, or is too large or too deep.
    """
    if len(text) > max_bytes:
        raise InputError(Place(file), "the file is too large", f"at most {max_bytes} characters are read")
    return _Reader(_prepared(text, file), file).document()


def load_path(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read one YAML or JSON file (UTF-8); see :func:`load`."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except OSError as error:
        raise InputError(Place(file), f"cannot be read ({error.strerror})", "name a readable file") from None
    return load(decoded(raw, file), file, max_bytes=max_bytes)


def decoded(raw: bytes, file: str) -> str:
    """Bytes as text; InputError with the line when they are not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(Place(file, line), "not UTF-8 text", "save the file as UTF-8") from None


def kind_of(value: object) -> str:
    """The kind of a value in words, for messages that may not repeat it."""
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "nothing" if value is None else type(value).__name__


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"), (int, "a whole number"), (float, "a number"), (str, "text"), (date, "a date"),
    (list, "a list"), (tuple, "a list"), (dict, "a mapping"),
)  # fmt: skip


def path_text(path: Path_) -> str:
    """A key path as people write it: ``time[2].start``."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{_key_text(key)}" for key in path)
    return "".join(parts).removeprefix(".")


def _key_text(key: str) -> str:
    """A key on one line and no longer than needed to find it."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in key[:_KEY_SHOWN])
    return shown if len(key) <= _KEY_SHOWN else f"{shown}..."


def _child(node: _Node, key: Key) -> _Node | None:
    inside = node.children
    if isinstance(inside, dict):
        return inside.get(key) if isinstance(key, str) else None
    if isinstance(inside, list) and isinstance(key, int) and 0 <= key < len(inside):
        return inside[key]
    return None


def _prepared(text: str, file: str) -> str:
    """Text the parser can take: no byte order mark, no NUL, JSON's surrogate pairs as one character."""
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(Place(file, line), "a NUL character", "save the file as plain UTF-8 text")
    if text.lstrip()[:1] in ("{", "[", '"') and "\\u" in text:
        return _SURROGATES.sub(_joined_pair, text)
    return text


def _joined_pair(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Reader:
    """Builds plain objects and their lines from parser events, refusing what could surprise."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.nodes = 0
        self.events = self._guarded(text)

    def document(self) -> Document:
        next(self.events)  # start of the stream
        if isinstance(next(self.events), events.StreamEndEvent):
            return Document(None, self.file, _Node(1))
        data, root = self._value(next(self.events), ())
        next(self.events)  # end of the document
        following = next(self.events)
        if not isinstance(following, events.StreamEndEvent):
            self._refuse(following, (), "a second document starts here", "keep one document a file")
        return Document(data, self.file, root)

    def _guarded(self, text: str) -> Iterator[Any]:
        try:
            yield from yaml.parse(text, Loader=_PARSER)
        except yaml.YAMLError as error:
            raise _syntax_error(error, self.file, text) from None

    def _refuse(self, event: Any, path: Path_, problem: str, mend: str) -> NoReturn:
        raise InputError(Place(self.file, _line(event), path_text(path) or None), problem, mend)

    def _value(self, event: Any, path: Path_) -> tuple[Any, _Node]:
        self._check(event, path)
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event, path), _Node(_line(event))
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(event, path)
        return self._sequence(event, path)

    def _check(self, event: Any, path: Path_) -> None:
        self.nodes += 1
        if isinstance(event, events.AliasEvent):
            self._refuse(event, path, "an alias (*name)", "write the value out")
        if event.anchor is not None:
            self._refuse(event, path, "an anchor (&name)", "write the value out; a text that starts with & is quoted")
        if event.tag is not None:
            self._refuse(event, path, "a tag (!name)", "remove it; a text that starts with ! is quoted")
        if len(path) > MAX_DEPTH:
            self._refuse(event, path[:3], "nested too deeply", f"at most {MAX_DEPTH} levels are read")
        if self.nodes > MAX_NODES:
            self._refuse(event, path[:3], "too many values", f"at most {MAX_NODES} are read")

    def _mapping(self, event: Any, path: Path_) -> tuple[dict[str, Any], _Node]:
        data: dict[str, Any] = {}
        lines: dict[str, _Node] = {}
        while not isinstance(key_event := next(self.events), events.MappingEndEvent):
            key = self._key(key_event, path)
            key_line = _line(key_event)
            if key in data:
                self._refuse(
                    key_event, (*path, key), f"the key stands twice (first in line {lines[key].line})", "keep one"
                )
            value, node = self._value(next(self.events), (*path, key))
            data[key], lines[key] = value, _Node(key_line, node.children)
        return data, _Node(_line(event), lines)

    def _key(self, event: Any, path: Path_) -> str:
        self._check(event, path)
        if not isinstance(event, events.ScalarEvent):
            self._refuse(event, path, "a key that is a list or a mapping", "keys are text")
        value = self._scalar(event, path)
        if not isinstance(value, str):
            self._refuse(event, path, f"a key is {kind_of(value)}", "keys are text: put it in quotes")
        if value == "<<" and event.implicit[0]:
            self._refuse(event, path, "a merge key (<<)", "write the values out")
        return value

    def _sequence(self, event: Any, path: Path_) -> tuple[list[Any], _Node]:
        data: list[Any] = []
        lines: list[_Node] = []
        while not isinstance(item := next(self.events), events.SequenceEndEvent):
            value, node = self._value(item, (*path, len(data)))
            data.append(value)
            lines.append(node)
        return data, _Node(_line(event), lines)

    def _scalar(self, event: Any, path: Path_) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        try:
            return plain(text)
        except ValueError as error:
            problem, _, mend = str(error).partition("; ")
            self._refuse(event, path, problem, mend)


def _syntax_error(error: yaml.YAMLError, file: str, text: str) -> InputError:
    """The parser's complaint in our words; its own text could repeat what stands in the file."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    words = f"{getattr(error, 'problem', '')} {getattr(error, 'context', '')} {getattr(error, 'reason', '')}"
    place = Place(file, _error_line(error, mark, text))
    for sign, problem, mend in _SYNTAX:
        if sign in words:
            return InputError(place, problem, mend)
    return InputError(place, "not YAML", "compare the line with the documentation of the format")


def _error_line(error: yaml.YAMLError, mark: Any, text: str) -> int | None:
    if mark is not None:
        return min(int(mark.line) + 1, text.count("\n") + 1)
    position = getattr(error, "position", None)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) and position >= 0 else None
