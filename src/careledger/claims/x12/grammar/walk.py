"""Walks the segments of a transaction along its grammar: says where each stands, and what is missing or out of place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from careledger.claims.x12.grammar.match import Fault, Matcher
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


class _State:
    """Where a walk stands, shared by all walks that stand there: open loops, and what each next segment leads to.

    Files repeat the same few shapes, so most segments are a look-up; only a new or a wrong one is walked.
    """

    __slots__ = ("frames", "next")

    def __init__(self, frames: Frozen) -> None:
        self.frames = frames
        self.next: dict[object, tuple[_State, SegmentRule, bool]] = {}


Frozen = tuple[tuple[LoopRule, int, tuple[int, ...]], ...]
_MOST_STATES, _MOST_NEXT, _MOST_SEEN, _COUNTED = 20_000, 200, 20_000, 1_000
_states: dict[Frozen, _State] = {}


def _state(frames: Frozen) -> _State:
    found = _states.get(frames)
    if found is None:
        if len(_states) >= _MOST_STATES:
            _states.clear()
        found = _states[frames] = _State(frames)
    return found


def _frozen(frames: list[_Frame]) -> Frozen:
    """Counts only as far as they matter: whether there is one, and how far from too many."""
    return tuple((frame.loop, frame.group, tuple(map(_capped, frame.counts, frame.loop.children))) for frame in frames)


def _capped(count: int, child: SegmentRule | LoopRule) -> int:
    return min(count, child.most + 1 if child.most < _COUNTED else 1)


class Known:
    """What one interchange has taught so far: patterns of rules under its delimiters, and texts right where they stand.

    Attributes:
        seen: of each state, the texts that were right there and what they led to.
        room: how many more texts are kept.
    """

    __slots__ = ("matchers", "room", "seen")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Another interchange, whose delimiters may be others."""
        self.matchers: dict[SegmentRule, Matcher] = {}
        self.seen: dict[_State, dict[str, tuple[_State, SegmentRule, bool]]] = {}
        self.room = _MOST_SEEN


class Walker:
    """Follows one transaction set.

    Attributes:
        rule: where the last segment stands; None when it stands nowhere.
        entered: the last segment opened a loop.
    """

    def __init__(self, root: LoopRule, delimiters: Delimiters, known: Known) -> None:
        self._at = _state(_frozen([_Frame(root)]))
        self._frames: list[_Frame] = []
        self._element, self._component = delimiters.element, delimiters.component
        self._known, self._seen = known, known.seen
        self._lost = False
        self.rule: SegmentRule | None = None
        self.entered = False

    def feed(self, segment: Segment) -> Sequence[Misplaced]:
        """Take the next segment; returns what is wrong with its place and its elements."""
        text, seen = segment.text, self._seen.get(self._at)
        known = seen.get(text) if seen is not None else None
        if known is not None:
            self._at, self.rule, self.entered = known
            self._lost = False
            return ()
        id_, at = segment.id, self._at
        place = QUALIFIED_BY.get(id_)
        key: object = id_ if place is None else (id_, _code_at(segment.parts, place, self._component))
        known = at.next.get(key)
        if known is None:
            return self._feed_new(segment, key)
        self._at, rule, self.entered = known
        self.rule, self._lost = rule, False
        faults = self._matcher(rule).faults(text, segment.parts)
        if faults:
            return [_misplaced(segment, fault) for fault in faults]
        if self._known.room > 0:
            self._known.room -= 1
            self._seen.setdefault(at, {})[text] = known
        return ()

    def _feed_new(self, segment: Segment, key: object) -> list[Misplaced]:
        found: list[Misplaced] = []
        before = self._at
        self._frames = [_thawed(*frame) for frame in before.frames]
        self.rule = self._placed(segment, found)
        self._at = _state(_frozen(self._frames))
        if self.rule is None:
            if not self._lost:
                found.append(self._unexpected(segment))
            self._lost = True
            return found
        self._lost = False
        if not found and len(before.next) < _MOST_NEXT:
            before.next[key] = (self._at, self.rule, self.entered)
        faults = self._matcher(self.rule).faults(segment.text, segment.parts)
        return found + [_misplaced(segment, fault) for fault in faults]

    def _matcher(self, rule: SegmentRule) -> Matcher:
        matchers = self._known.matchers
        matcher = matchers.get(rule)
        if matcher is None:
            matcher = matchers[rule] = Matcher(rule, self._element, self._component)
        return matcher

    def close(self) -> list[Misplaced]:
        """The transaction is over: what is still missing."""
        found: list[Misplaced] = []
        self._frames = [_thawed(*frame) for frame in self._at.frames]
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


def _thawed(loop: LoopRule, group: int, counts: tuple[int, ...]) -> _Frame:
    frame = _Frame(loop)
    frame.group, frame.counts = group, list(counts)
    return frame


def _misplaced(segment: Segment, fault: Fault) -> Misplaced:
    return Misplaced(segment.id, fault.element, fault.component, fault.what, fault.mend)


def _qualifier(segment: Segment, component: str) -> str:
    place = QUALIFIED_BY.get(segment.id)
    return "" if place is None else _code_at(segment.parts, place, component)


def _code_at(parts: Sequence[str], place: tuple[int, int], component: str) -> str:
    """The code that tells segments of an id apart; empty when it is not there."""
    at, part = place
    if len(parts) <= at:
        return ""
    value = parts[at]
    return value.split(component)[part - 1] if part else value
