"""Walks the segments of a transaction along its grammar: says where each stands, and what is missing or out of place."""

from __future__ import annotations

from dataclasses import dataclass

from careledger.claims.x12.grammar.match import Matcher
from careledger.claims.x12.grammar.table import QUALIFIED_BY, LoopRule, SegmentRule
from careledger.claims.x12.read import Delimiters, Segment


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A problem of order: the segment, the element or 0, what and what to do."""

    segment: str
    element: int
    component: int
    what: str
    mend: str


class _Frame:
    """An open loop: how far it has come, and what it has seen."""

    __slots__ = ("counts", "group", "loop")

    def __init__(self, loop: LoopRule) -> None:
        self.loop = loop
        self.group = 0
        self.counts = [0] * len(loop.children)


class Walker:
    """Follows one transaction set.

    Attributes:
        rule: where the last segment stands; None when it stands nowhere.
        entered: the last segment opened a loop.
    """

    def __init__(self, root: LoopRule, delimiters: Delimiters, matchers: dict[SegmentRule, Matcher]) -> None:
        self._frames = [_Frame(root)]
        self._element, self._component = delimiters.element, delimiters.component
        self._matchers = matchers
        self._lost = False
        self.rule: SegmentRule | None = None
        self.entered = False

    def feed(self, segment: Segment) -> list[Misplaced]:
        """Take the next segment; returns what is wrong with its place and its elements."""
        found: list[Misplaced] = []
        self.rule = self._placed(segment, found)
        if self.rule is None:
            if not self._lost:
                found.append(self._unexpected(segment))
            self._lost = True
            return found
        self._lost = False
        matcher = self._matchers.get(self.rule)
        if matcher is None:
            matcher = self._matchers[self.rule] = Matcher(self.rule, self._element, self._component)
        found.extend(
            Misplaced(segment.id, fault.element, fault.component, fault.what, fault.mend)
            for fault in matcher.faults(segment.text, segment.parts)
        )
        return found

    def close(self) -> list[Misplaced]:
        """The transaction is over: what is still missing."""
        found: list[Misplaced] = []
        while self._frames:
            self._leave(found)
        return found

    def _placed(self, segment: Segment, found: list[Misplaced]) -> SegmentRule | None:
        self.entered = False
        id_ = segment.id
        key = (id_, _qualifier(segment, self._component)) if id_ in QUALIFIED_BY else (id_, "")
        for depth in range(len(self._frames) - 1, -1, -1):
            frame = self._frames[depth]
            for at in frame.loop.lookup.get(key, ()):
                if frame.loop.children[at].group >= frame.group:
                    return self._take(depth, at, segment, found)
        return self._out_of_order(segment, key, found) or self._wrong_code(segment, found)

    def _out_of_order(self, segment: Segment, key: tuple[str, str], found: list[Misplaced]) -> SegmentRule | None:
        """The segment belongs to an open loop, but earlier."""
        for depth in range(len(self._frames) - 1, -1, -1):
            frame = self._frames[depth]
            for at in frame.loop.lookup.get(key, ()):
                child = frame.loop.children[at]
                first = child if isinstance(child, SegmentRule) else child.first
                if at == 0 and frame.counts[0]:
                    continue
                what = f"{segment.id} stands too late in loop {frame.loop.id} ({frame.loop.label})"
                found.append(Misplaced(segment.id, 0, 0, what, "put the segments in their order"))
                if isinstance(child, SegmentRule):
                    frame.counts[at] += 1
                    return first
                return self._take(depth, at, segment, found)
        return None

    def _wrong_code(self, segment: Segment, found: list[Misplaced]) -> SegmentRule | None:
        """A segment of this id stands here, but with another code: its elements will say so."""
        if segment.id == "HL":
            return None
        for depth in range(len(self._frames) - 1, -1, -1):
            frame = self._frames[depth]
            for at in frame.loop.by_id.get(segment.id, ()):
                if frame.loop.children[at].group >= frame.group and (at > 0 or not frame.counts[0]):
                    return self._take(depth, at, segment, found)
        return None

    def _take(self, depth: int, at: int, segment: Segment, found: list[Misplaced]) -> SegmentRule:
        while len(self._frames) > depth + 1:
            self._leave(found)
        frame = self._frames[depth]
        child = frame.loop.children[at]
        frame.group = child.group
        frame.counts[at] += 1
        if frame.counts[at] > child.most:
            name = segment.id if isinstance(child, SegmentRule) else f"loop {child.id} ({child.label})"
            what = f"more than {child.most} times {name} in loop {frame.loop.id} ({frame.loop.label})"
            found.append(Misplaced(segment.id, 0, 0, what, "keep the allowed number"))
        if isinstance(child, SegmentRule):
            return child
        opened = _Frame(child)
        opened.counts[0] = 1
        self._frames.append(opened)
        self.entered = True
        return child.first

    def _leave(self, found: list[Misplaced]) -> None:
        """Close the innermost loop and say what it lacks."""
        frame = self._frames.pop()
        for at in frame.loop.needed:
            if frame.counts[at]:
                continue
            child = frame.loop.children[at]
            if isinstance(child, SegmentRule):
                codes = ", ".join(sorted(child.codes)) if 0 < len(child.codes) <= 4 else ""
                name = f"{child.id}{f' with {codes}' if codes else ''}"
                what = f"{name} is missing in loop {frame.loop.id} ({frame.loop.label})"
                found.append(Misplaced(child.id, 0, 0, what, f"add the {child.id} segment"))
            else:
                what = f"loop {child.id} ({child.label}) is missing"
                found.append(
                    Misplaced(child.first.id, 0, 0, what, f"add its {child.first.id} segment and what follows")
                )

    def _unexpected(self, segment: Segment) -> Misplaced:
        loop = self._frames[-1].loop
        qualifier = _qualifier(segment, self._component)
        named = f" with code {qualifier}" if qualifier.isalnum() and len(qualifier) <= 3 else ""
        what = f"{segment.id}{named} does not belong in loop {loop.id} ({loop.label}) or after it"
        return Misplaced(segment.id, 0, 0, what, "remove it, correct its code, or add what must stand before it")


def _qualifier(segment: Segment, component: str) -> str:
    at = QUALIFIED_BY.get(segment.id)
    if at is None or len(segment.parts) <= at[0]:
        return ""
    value = segment.parts[at[0]]
    return value.split(component)[at[1] - 1] if at[1] else value
