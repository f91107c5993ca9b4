"""An answer as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator

from careledger.library.ask.model import AskAnswer, Chip, Statement

Paint = Callable[[str, str], str]
_COLOURS = {"yes": "yes", "no": "no"}


def plain(text: str, _style: str) -> str:
    """No colours."""
    return text


def answer_text(answer: AskAnswer, width: int = 100, paint: Paint = plain) -> str:
    """The whole answer, top down in the order of the page."""
    return "\n".join(_lines(answer, width, paint))


def _lines(answer: AskAnswer, width: int, paint: Paint) -> Iterator[str]:
    for asked, read in answer.mended:
        yield paint(f"'{asked}' read as '{read}'", "quiet")
    yield paint(answer.word.upper(), _COLOURS.get(answer.verdict, "open"))
    yield from _wrapped(answer.reason, width, "")
    if answer.for_you:
        yield from _wrapped(answer.for_you, width, "")
    if answer.understood:
        yield from (
            paint(line, "quiet") for line in _wrapped(f"Understood: {'; '.join(answer.understood)}.", width, "")
        )
    yield from _statements("Not so", answer.corrections, width, paint)
    yield from _asked(answer, width, paint)
    yield from _list("Depends on", (_chip(chip) for chip in answer.depends_on), width, paint)
    yield from _statements(answer.opens or "Why", answer.claims, width, paint)
    yield from _list("Assumed", answer.assumptions, width, paint)
    for _, title, lines in answer.sections:
        yield from _statements(title, lines, width, paint)
    yield from _list("Disputed or unconfirmed", answer.doubts if answer.role != "patient" else (), width, paint)
    yield from _list("What changed since last year", answer.changed, width, paint)
    yield from _list("You may also ask", (f"{title}  ({id_})" for id_, title in answer.follow_up), width, paint)
    yield from _list("Nearest articles", (f"{title}  ({id_})" for id_, title in answer.nearest), width, paint)
    if answer.references:
        yield from ("", paint("References", "title"))
        for number, reference in enumerate(answer.references, 1):
            yield from _wrapped(reference.line(), width, f"{f'[{number}]':>5} ")
    yield ""
    if answer.status:
        yield from (paint(line, "quiet") for line in _wrapped(answer.status, width, ""))
    yield from (paint(line, "quiet") for line in _wrapped(answer.disclaimer, width, ""))


def _asked(answer: AskAnswer, width: int, paint: Paint) -> Iterator[str]:
    if answer.asks_back is not None:
        yield ""
        yield paint("One fact would change this", "title")
        yield from _wrapped(answer.asks_back.question, width, "  ? ")
        yield from _wrapped(answer.asks_back.because, width, "    ")
        yield paint(f"    ask again with --choose {answer.asks_back.chip}={answer.asks_back.value}", "quiet")


def _chip(chip: Chip) -> str:
    options = " | ".join(f"[{one.value}]" if one.value == chip.chosen else one.value for one in chip.options)
    return f"{chip.says}: {chip.id} = {options}"


def _statements(title: str, lines: Iterable[Statement], width: int, paint: Paint) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield from ("", paint(title, "title"))
    for line in rows:
        marks = "".join(f"[{number}]" for number in line.references)
        yield from _wrapped(f"{line.text} {marks}".rstrip(), width, f"{line.number:>3}. ")


def _list(title: str, lines: Iterable[str], width: int, paint: Paint) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield from ("", paint(title, "title"))
    for line in rows:
        yield from _wrapped(line, width, "  - ")


def _wrapped(text: str, width: int, first: str) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False)
