"""Grammar tables: which segments a transaction has, where, how often, and what their elements look like.

The notation, one segment or loop a line, indented under the loop it belongs to:

    <2010AA> R1 billing provider    a loop: id, usage and most times, our name of it
    NM1 R1 =85 =1,2 a1-60           a segment: id, usage and most times, its elements in order
    & REF S2 =0B,1G a1-50           stands in the same place as the line before it, in any order
    @n3 = a1-55 ?a1-55              a word for elements that occur often
    %define claim / %claim S        a block of lines used in two places, with its usage

R is required, S is not, ``*`` is as often as wanted. Elements: ``a1-60`` text, ``n1-9`` whole number, ``r1-18`` decimal number,
``d8`` and ``d6`` days, ``t4-8`` time, ``D`` day or days in the format the element before says, ``=A,B`` one of these codes,
``:pos`` one of a code set, ``( )`` a composite, ``-`` not used; ``?`` before it: may be empty; ``3x`` before it: three times.
``{P0304}`` are conditions between elements: P all or none, R at least one, C if the first then all, L if the first then one of the
others, E not more than one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

MANY = 1_000_000
QUALIFIED_BY = {
    "NM1": (1, 0), "REF": (1, 0), "DTP": (1, 0), "DTM": (1, 0), "AMT": (1, 0), "QTY": (1, 0), "CRC": (1, 0),
    "NTE": (1, 0), "N1": (1, 0), "PER": (1, 0), "HL": (3, 0), "PWK": (2, 0), "HI": (1, 1),
}  # fmt: skip
"""Element (and component) that tells segments of one id apart."""

_SIZE = re.compile(r"([anrt])(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Element:
    """What an element or component may be.

    Attributes:
        kind: text, whole, decimal, time, day8, day6, period, codes, set, composite or unused.
    """

    kind: str
    required: bool
    least: int = 0
    most: int = 0
    codes: frozenset[str] = frozenset()
    parts: tuple[Element, ...] = ()


@dataclass(slots=True, eq=False)
class SegmentRule:
    """A segment at one place of the grammar."""

    id: str
    required: bool
    most: int
    group: int
    elements: tuple[Element, ...]
    conditions: tuple[tuple[str, tuple[int, ...]], ...]
    loop: LoopRule

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the element that tells segments of this id apart; empty when nothing does."""
        at = QUALIFIED_BY.get(self.id)
        if at is None or len(self.elements) < at[0]:
            return frozenset()
        element = self.elements[at[0] - 1]
        return element.parts[at[1] - 1].codes if at[1] else element.codes


@dataclass(slots=True, eq=False)
class LoopRule:
    """A group of segments that repeats as a whole; it begins with its first segment."""

    id: str
    label: str
    required: bool
    most: int
    group: int
    parent: LoopRule | None
    children: list[SegmentRule | LoopRule] = field(default_factory=list)
    lookup: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    by_id: dict[str, list[int]] = field(default_factory=dict)
    needed: list[int] = field(default_factory=list)

    @property
    def first(self) -> SegmentRule:
        """The segment that opens the loop."""
        child = self.children[0]
        assert isinstance(child, SegmentRule)
        return child


@cache
def grammar(name: str) -> LoopRule:
    """The grammar of a transaction (``837p`` or ``835``) as the loop from ST to SE."""
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return _Reading(text).root()


class _Reading:
    """One reading of a table."""

    def __init__(self, text: str) -> None:
        self.words: dict[str, str] = {}
        self.blocks: dict[str, list[str]] = {"": []}
        current = ""
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("@"):
                name, _, value = line.partition(" = ")
                self.words[name] = value.strip()
            elif line.startswith("%define"):
                current = line.split()[1]
                self.blocks[current] = []
            else:
                self.blocks[current].append(line)

    def root(self) -> LoopRule:
        root = LoopRule("ST", "transaction", True, 1, 0, None)
        self._fill(root, self._expanded(self.blocks[""], 0, "R"), 0)
        _index(root)
        return root

    def _expanded(self, lines: list[str], indent: int, usage: str) -> list[str]:
        """The lines with their blocks in place."""
        found = []
        for line in lines:
            own = len(line) - len(line.lstrip())
            if line.lstrip().startswith("%"):
                name, block_usage = line.strip()[1:].split()
                found += self._expanded(self.blocks[name], indent + own, block_usage)
            else:
                found.append(" " * indent + line.replace("> ?", f"> {usage}"))
        return found

    def _fill(self, loop: LoopRule, lines: list[str], indent: int) -> int:
        """Read the lines of a loop; returns how many were read."""
        at = 0
        group = -1
        while at < len(lines):
            line = lines[at]
            own = len(line) - len(line.lstrip())
            if own < indent:
                break
            words = line.strip()
            together = words.startswith("& ")
            words = words.removeprefix("& ")
            group = group if together else group + 1
            at += 1
            if words.startswith("<"):
                child = self._loop(words, group, loop)
                loop.children.append(child)
                at += self._fill(child, lines[at:], own + 2)
            else:
                loop.children.append(self._segment(words, group, loop))
        return at

    def _loop(self, words: str, group: int, parent: LoopRule) -> LoopRule:
        id_, usage, label = words.split(" ", 2)
        required, most = _usage(usage)
        return LoopRule(id_.strip("<>"), label, required, most, group, parent)

    def _segment(self, words: str, group: int, loop: LoopRule) -> SegmentRule:
        id_, usage, *rest = words.split(" ", 2)
        required, most = _usage(usage)
        text = self._spelled(rest[0] if rest else "")
        conditions = tuple(
            (word[0], tuple(int(word[at : at + 2]) for at in range(1, len(word), 2)))
            for group_ in re.findall(r"\{([^}]*)\}", text)
            for word in group_.split()
        )
        elements = tuple(_elements(re.sub(r"\{[^}]*\}", "", text)))
        return SegmentRule(id_, required, most, group, elements, conditions, loop)

    def _spelled(self, text: str) -> str:
        """Elements with repeats and words written out."""
        while True:
            longer = re.sub(r"(\d+)x(\??\([^()]*\)|[^\s()]+)", lambda m: " ".join([m[2]] * int(m[1])), text)
            longer = re.sub(r"@[a-z0-9]+", lambda m: self.words[m[0]], longer)
            if longer == text:
                return text
            text = longer


def _usage(text: str) -> tuple[bool, int]:
    return text[0] == "R", MANY if text[1:] == "*" else int(text[1:])


def _elements(text: str) -> list[Element]:
    found: list[Element] = []
    for word in re.findall(r"\??\([^()]*\)|\S+", text):
        required = not word.startswith("?")
        bare = word.removeprefix("?")
        if bare.startswith("("):
            found.append(Element("composite", required, parts=tuple(_elements(bare[1:-1]))))
        else:
            found.append(_element(bare, required))
    return found


def _element(word: str, required: bool) -> Element:
    from careledger.claims.codesets import codeset

    if word == "-":
        return Element("unused", False)
    if word[0] == "=":
        codes = frozenset(word[1:].split(","))
        return Element("codes", required, codes=codes)
    if word[0] == ":":
        return Element("set", required, codes=codeset(word[1:]))
    if word == "D":
        return Element("period", required)
    if word in ("d8", "d6"):
        return Element(f"day{word[1]}", required)
    match = _SIZE.fullmatch(word)
    if match is None:
        raise ValueError(f"not an element: {word}")
    kind = {"a": "text", "n": "whole", "r": "decimal", "t": "time"}[match[1]]
    return Element(kind, required, int(match[2]), int(match[3]))


def _index(loop: LoopRule) -> None:
    for at, child in enumerate(loop.children):
        first = child if isinstance(child, SegmentRule) else child.first
        for code in first.codes or {""}:
            loop.lookup.setdefault((first.id, code), []).append(at)
        if isinstance(child, SegmentRule):
            loop.by_id.setdefault(first.id, []).append(at)
        else:
            _index(child)
        if child.required:
            loop.needed.append(at)
