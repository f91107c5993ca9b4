"""Files with one defect each, made from a good one."""

from __future__ import annotations

from collections.abc import Iterator


def segments(text: str) -> list[str]:
    """The segments of a file written by us."""
    return [segment for segment in text.replace("\n", "").split("~") if segment]


def joined(parts: list[str]) -> str:
    """A file from its segments."""
    return "".join(f"{segment}~\n" for segment in parts)


def recounted(parts: list[str]) -> list[str]:
    """The same segments with the right counts in SE."""
    found: list[str] = []
    start = 0
    for segment in parts:
        if segment.startswith("ST*"):
            start = len(found)
        if segment.startswith("SE*"):
            segment = f"SE*{len(found) - start + 1}*{segment.split('*')[2]}"
        found.append(segment)
    return found


def structural(text: str) -> Iterator[tuple[str, str]]:
    """Every segment left out, doubled, moved one place; every element emptied, too long, of another kind."""
    parts = segments(text)
    inner = [
        at for at, segment in enumerate(parts) if segment.split("*")[0] not in ("ISA", "GS", "ST", "SE", "GE", "IEA")
    ]
    for at in inner:
        name = f"{at + 1} {parts[at].split('*')[0]}"
        yield f"without {name}", joined(recounted(parts[:at] + parts[at + 1 :]))
        yield f"doubled {name}", joined(recounted([*parts[: at + 1], *parts[at:]]))
        swapped = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
        yield f"swapped {name}", joined(recounted(swapped))
        yield from _elements(parts, at, name)


def _elements(parts: list[str], at: int, name: str) -> Iterator[tuple[str, str]]:
    elements = parts[at].split("*")
    for place in range(1, len(elements)):
        for kind, value in (
            ("emptied", ""),
            ("too long", elements[place] + "X" * 300),
            ("accented", elements[place] + "\u00c9"),
            ("spaced", elements[place] + " "),
            ("odd code", "QQ"),
            ("letters", "ABC"),
            ("bad day", "20260230"),
        ):
            changed = [*elements[:place], value, *elements[place + 1 :]]
            yield f"{kind} {name}{place:02d}", joined([*parts[:at], "*".join(changed), *parts[at + 1 :]])
    yield f"one more {name}", joined([*parts[:at], parts[at] + "*" * 3 + "X", *parts[at + 1 :]])
