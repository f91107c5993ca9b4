"""Does a segment have the shape its rule asks for? A compiled pattern answers yes; only a no is looked at closely."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from careledger.claims.x12.grammar.table import Element, SegmentRule

_DAY8 = (
    r"(?:[12]\d{3}(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)"
    r"|02(?:0[1-9]|1\d|2[0-8])))"
)
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{1,2})?)?"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an element: its place (and component), what, and what to do."""

    element: int
    component: int
    what: str
    mend: str


class Matcher:
    """Checks segments of one rule under one set of delimiters."""

    __slots__ = ("_component", "_element", "_pattern", "rule")

    def __init__(self, rule: SegmentRule, element: str, component: str) -> None:
        self.rule = rule
        self._element = element
        self._component = component
        self._pattern = re.compile(_segment_pattern(rule, element, component))

    def faults(self, text: str, parts: Sequence[str]) -> tuple[Fault, ...]:
        """Everything wrong with a segment; empty when its shape is right."""
        if self._pattern.fullmatch(text) and (not self.rule.conditions or not any(_conditions(self.rule, parts))):
            return ()
        return tuple(self._look(parts))

    def _look(self, parts: Sequence[str]) -> Iterator[Fault]:
        rule = self.rule
        given = parts[1:]
        if given and given[-1] == "":
            yield Fault(len(given), 0, "an empty element at the end", "leave out empty elements at the end")
        for at, value in enumerate(given[len(rule.elements) :], start=len(rule.elements) + 1):
            if value:
                yield Fault(at, 0, "an element that this segment does not have", "remove it")
        before = ""
        for at, element in enumerate(rule.elements, start=1):
            value = given[at - 1] if at <= len(given) else ""
            yield from self._element_faults(element, value, at, before)
            before = value
        yield from _conditions(rule, parts)

    def _element_faults(self, element: Element, value: str, at: int, before: str) -> Iterator[Fault]:
        if element.kind != "composite":
            problem = element_problem(element, value, before)
            if problem:
                yield Fault(at, 0, *problem)
            return
        if not value:
            if element.required:
                yield Fault(at, 0, "a required element is empty", "fill it in")
            return
        components = value.split(self._component)
        if components[-1] == "":
            yield Fault(at, len(components), "an empty component at the end", "leave it out")
        for number in range(1, max(len(components), len(element.parts)) + 1):
            component = components[number - 1] if number <= len(components) else ""
            if number > len(element.parts):
                if component:
                    yield Fault(at, number, "a component that this element does not have", "remove it")
                continue
            problem = element_problem(element.parts[number - 1], component, "")
            if problem:
                yield Fault(at, number, *problem)


def element_problem(element: Element, value: str, before: str) -> tuple[str, str] | None:
    """What is wrong with a value, and what to do; None when it is right."""
    if not value:
        return ("a required element is empty", "fill it in") if element.required else None
    if element.kind == "unused":
        return "an element that is not used here", "remove it"
    if not value.isascii() or not value.isprintable():
        return "a character outside the basic and extended sets", "write plain letters, digits and punctuation"
    if value != value.rstrip(" "):
        return "spaces at the end of an element", "remove them"
    return _kind_problem(element, value, before)


def _kind_problem(element: Element, value: str, before: str) -> tuple[str, str] | None:
    kind = element.kind
    if kind in ("codes", "set"):
        if value in element.codes:
            return None
        some = ", ".join(sorted(element.codes)[:12]) if len(element.codes) <= 12 else "the codes of its list"
        return "a code that is not allowed here", f"use {some}"
    if kind == "period":
        return _period_problem(before, value)
    if kind == "day8":
        return None if _is_day(value) else ("not a day of the calendar", "write the day as CCYYMMDD")
    if kind == "day6":
        return None if _is_day(f"20{value}") else ("not a day of the calendar", "write the day as YYMMDD")
    return _size_problem(element, value)


def _size_problem(element: Element, value: str) -> tuple[str, str] | None:
    kind, size = element.kind, len(value)
    if kind == "time":
        return None if re.fullmatch(_TIME, value) else ("not a time of day", "write the time as HHMM")
    if kind in ("whole", "decimal"):
        shape = r"-?\d+" if kind == "whole" else r"-?(\d+(\.\d*)?|\.\d+)"
        if re.fullmatch(shape, value, re.ASCII) is None:
            return "not a number", "write digits, with a point before decimals where they are allowed"
        size = sum(sign.isdigit() for sign in value)
    if size < element.least:
        return f"too short: at least {element.least} characters", "complete it"
    if size > element.most:
        return f"too long: at most {element.most} characters", "shorten it"
    return None


def _period_problem(format_: str, value: str) -> tuple[str, str] | None:
    if format_ == "RD8":
        first, dash, last = value.partition("-")
        if dash and _is_day(first) and _is_day(last):
            return None
        return "not two days of the calendar", "write the days as CCYYMMDD-CCYYMMDD"
    if format_ in ("D8", "") and not _is_day(value):
        return "not a day of the calendar", "write the day as CCYYMMDD"
    return None


def _is_day(value: str) -> bool:
    if len(value) != 8 or not (value.isascii() and value.isdigit()):
        return False
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return False
    return True


def _conditions(rule: SegmentRule, parts: Sequence[str]) -> Iterator[Fault]:
    for kind, places in rule.conditions:
        given = [place < len(parts) and parts[place] != "" for place in places]
        if _holds(kind, given):
            continue
        names = ", ".join(f"{place:02d}" for place in places)
        missing = next((place for place, is_given in zip(places, given, strict=True) if not is_given), places[0])
        place = places[-1] if kind == "E" else missing
        what, mend = {
            "P": (f"elements {names} belong together", "give all of them or none"),
            "R": (f"at least one of elements {names} is needed", "give one"),
            "C": (f"element {places[0]:02d} needs the others of {names}", "give them too"),
            "L": (f"element {places[0]:02d} needs one of {names}", "give one of them"),
            "E": (f"only one of elements {names} may stand", "keep one"),
        }[kind]
        yield Fault(place, 0, what, mend)


def _holds(kind: str, given: list[bool]) -> bool:
    if kind == "P":
        return all(given) or not any(given)
    if kind == "R":
        return any(given)
    if kind == "E":
        return sum(given) <= 1
    if not given[0]:
        return True
    return all(given[1:]) if kind == "C" else any(given[1:])


def _segment_pattern(rule: SegmentRule, element: str, component: str) -> str:
    """A pattern of right segments; a few rare right ones (29 February) are left to the closer look."""
    sep = re.escape(element)
    patterns = [_element_pattern(item, element, component) for item in rule.elements]
    last = max((at for at, item in enumerate(rule.elements) if item.required), default=-1)
    head = "".join(
        sep + (pattern if item.required else f"(?:{pattern})?")
        for item, pattern in zip(rule.elements[: last + 1], patterns[: last + 1], strict=True)
    )
    tail = ""
    for pattern in reversed(patterns[last + 1 :]):
        tail = f"(?:{sep}(?:{pattern})?{tail})?"
    return f"{rule.id}{head}{tail}(?<!{sep})"


def _element_pattern(item: Element, element: str, component: str) -> str:
    if item.kind == "composite":
        return _composite_pattern(item, element, component)
    if item.kind in ("codes", "set"):
        return "(?:" + "|".join(map(re.escape, sorted(item.codes, key=len, reverse=True))) + ")"
    if item.kind == "period":
        sep = re.escape(element)
        return f"(?:(?<={sep}D8{sep}){_DAY8}|(?<=RD8{sep}){_DAY8}-{_DAY8})"
    return {
        "unused": "",
        "day8": _DAY8,
        "day6": r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])",
        "time": _TIME,
        "whole": rf"-?\d{{{item.least},{item.most}}}",
        "decimal": rf"-?(?:\d{{1,{item.most}}}|(?=[\d.]{{2,{item.most + 1}}}(?![\d.]))(?:\d+\.\d*|\.\d+))",
        "text": _text_pattern(item, element, component),
    }[item.kind]


def _text_pattern(item: Element, element: str, component: str) -> str:
    """Printable signs but the delimiters, as one class each, which is matched three times as fast as a look ahead of each."""
    signs = "".join(re.escape(chr(sign)) for sign in range(0x21, 0x7F) if chr(sign) not in element + component)
    space = "" if " " in element + component else " "
    if item.most == 1:
        return f"[{signs}]"
    return f"[{space}{signs}]{{{max(0, item.least - 1)},{max(0, item.most - 1)}}}[{signs}]"


def _composite_pattern(item: Element, element: str, component: str) -> str:
    sep = re.escape(component)
    patterns = [_element_pattern(part, element, component) for part in item.parts]
    last = max((at for at, part in enumerate(item.parts) if part.required), default=-1)
    head = sep.join(
        pattern if part.required else f"(?:{pattern})?"
        for part, pattern in zip(item.parts[: last + 1], patterns[: last + 1], strict=True)
    )
    tail = ""
    for pattern in reversed(patterns[last + 1 :]):
        tail = f"(?:{sep}(?:{pattern})?{tail})?"
    return f"{head}{tail}(?<!{sep})"
