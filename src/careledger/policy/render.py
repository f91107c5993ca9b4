"""Policy as text for a terminal: no wider than asked, the same on every machine."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from careledger.policy.model import STRICTEST_FIRST, PolicyValue, Source
from careledger.policy.show import Shown, ShownPair, ShownTopic
from careledger.policy.store import Policy

Paint = Callable[[str, str], str]
"""Gives a text a style: ``title``, ``quiet``, ``doubt`` or ``name``."""

STATUS_WORDS = {
    "A": "active: paid by Medicare when the rules are met",
    "B": "bundled: Medicare pays nothing of its own for it",
    "C": "priced by the contractor",
    "I": "not valid for Medicare: another code is used",
    "N": "not covered by Medicare",
    "X": "excluded by statute",
}
WHO_WORDS = {"staff": "minutes of clinical staff", "own": "the practitioner's own minutes", "none": "no minutes"}
ANSWER_WORDS = {
    "no": "not payable together",
    "human": "a person decides",
    "modifier": "payable with a modifier and separate work",
    "yes_separate_minutes": "payable with separate minutes",
    "yes": "payable together",
}
RELATION_WORDS = {
    "self": "same practitioner",
    "group_same_specialty": "same group and specialty",
    "group": "same group",
    "other": "another practice",
}


def no_paint(text: str, style: str) -> str:
    """Text without style, for files and pipes."""
    return text


def shown_text(shown: Shown, width: int = 100, paint: Paint = no_paint) -> str:
    """``policy show CODE`` as text."""
    return "\n".join(_lines(shown, width, paint))


def index_text(policy: Policy, names: tuple[str, ...], paint: Paint = no_paint) -> str:
    """``policy show`` without a code: every topic and the names of its values in force."""
    topics: dict[str, list[str]] = {}
    for name in names:
        topic, _, value = name.rpartition(".")
        topics.setdefault(topic, []).append(value)
    lines: list[str] = []
    for topic, values in topics.items():
        lines.append(paint(topic, "name"))
        lines += textwrap.wrap(", ".join(values), 96, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([*lines, "", f"policy {policy.version}"])


def value_text(value: PolicyValue) -> str:
    """A value as people read it."""
    if value.absent:
        return "none"
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, tuple):
        return ", ".join(value.value) if value.value else "nothing listed"
    return str(value.value)


def dates_text(value: PolicyValue) -> str:
    """From when to when a value holds."""
    return f"since {value.since}" if value.until is None else f"{value.since} to {value.until}"


def doubt_text(value: PolicyValue) -> str:
    """``UNCONFIRMED`` or ``DISPUTED``, or nothing."""
    words = [word for word, holds in (("DISPUTED", value.disputed), ("UNCONFIRMED", not value.confirmed)) if holds]
    return " ".join(words)


def _lines(shown: Shown, width: int, paint: Paint) -> Iterator[str]:
    code = shown.code
    yield paint(f"{code.code}  {code.says}", "title")
    yield f"       {_standing(shown)}"
    yield paint(f"       {code.family}, {code.role.replace('_', '-')}, {WHO_WORDS[code.who]}{_base(shown)}", "quiet")
    yield paint(f"       on {shown.day} under {shown.payer}; policy {shown.version}", "quiet")
    for topic in shown.topics:
        yield ""
        yield from _topic_lines(topic, width, paint)
    if shown.pairs:
        yield ""
        yield from _pair_lines(shown.pairs, width, paint)
    yield ""
    yield from _source_lines(shown.sources, width, paint)


def _standing(shown: Shown) -> str:
    if shown.code.status is not None:
        return f"status {shown.code.status}, {STATUS_WORDS[shown.code.status]}"
    return "its dates and status are not held" if shown.code.exists is None else f"not in force on {shown.day}"


def _base(shown: Shown) -> str:
    return f", beside {shown.code.base_code}" if shown.code.base_code else ""


def _topic_lines(topic: ShownTopic, width: int, paint: Paint) -> Iterator[str]:
    says = textwrap.wrap(f"{topic.id}  {topic.says}", width, subsequent_indent="    ", break_long_words=False)
    yield paint(topic.id, "name") + paint(says[0].removeprefix(topic.id), "quiet")
    for line in says[1:]:
        yield paint(line, "quiet")
    pad = max((len(_last(value)) for value in topic.values), default=0)
    for value in topic.values:
        yield from _value_lines(value, pad, width, paint)


def _value_lines(value: PolicyValue, pad: int, width: int, paint: Paint) -> Iterator[str]:
    indent = " " * (pad + 4)
    first, *more = textwrap.wrap(value_text(value), max(20, width - len(indent))) or [""]
    yield f"  {_last(value):<{pad}}  {first}"
    yield from (indent + line for line in more)
    doubt = doubt_text(value)
    about = f"{dates_text(value)}; {', '.join(value.cite) or 'no source'}{_layer(value)}"
    for line in _wrapped(about, indent, width):
        yield paint(line, "quiet")
    if doubt or value.note:
        note = ": ".join(part for part in (doubt, value.note) if part)
        for line in _wrapped(note, indent, width):
            yield paint(line, "doubt" if doubt else "quiet")


def _layer(value: PolicyValue) -> str:
    return "" if value.layer == "base" else f"; overlay {value.layer}"


def _last(value: PolicyValue) -> str:
    return value.id.rpartition(".")[2]


def _pair_lines(pairs: tuple[ShownPair, ...], width: int, paint: Paint) -> Iterator[str]:
    yield paint("beside other codes", "name") + paint("  by the same practitioner; the strictest answer holds", "quiet")
    own = [(pair, value) for pair in pairs for relation, value in pair.answers if relation == "self"]
    for answer in STRICTEST_FIRST:
        group = [(pair, value) for pair, value in own if value.value == answer]
        if group:
            yield f"  {ANSWER_WORDS[answer]}"
        for pair, value in group:
            yield from _pair_row(pair, value, width, paint)
    yield from _others_lines(pairs, width, paint)


def _pair_row(pair: ShownPair, value: PolicyValue, width: int, paint: Paint) -> Iterator[str]:
    span = "on one day" if pair.row.per == "date" else "in one month"
    yield from _wrapped(f"{_codes(pair.others)}  {span}", "    ", width)
    doubt = doubt_text(value)
    about = "; ".join(part for part in (", ".join(value.cite), value.note, doubt) if part)
    for line in _wrapped(about, "      ", width):
        yield paint(line, "doubt" if doubt else "quiet")


def _others_lines(pairs: tuple[ShownPair, ...], width: int, paint: Paint) -> Iterator[str]:
    rows = [
        (pair, relation, value)
        for pair in pairs
        for relation, value in pair.answers
        if relation in ("group", "other") and value.value in ("no", "human")
    ]
    if rows:
        yield "  barred or doubtful also when someone else bills"
    for pair, relation, value in rows:
        answer = ANSWER_WORDS[str(value.value)]
        yield from _wrapped(f"{_codes(pair.others)}  {RELATION_WORDS[relation]}: {answer}", "    ", width)


def _codes(codes: tuple[str, ...]) -> str:
    """Codes with runs written as 90951-90970."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and code.isdigit() and runs[-1][-1].isdigit() and int(code) == int(runs[-1][-1]) + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else " ".join(run) for run in runs)


def _source_lines(sources: tuple[Source, ...], width: int, paint: Paint) -> Iterator[str]:
    yield paint("sources", "name")
    for source in sorted(sources, key=lambda found: found.id):
        where = ", ".join(part for part in (source.issuer, source.locator, source.published) if part)
        yield from _wrapped(f"{source.id}: {source.title} ({where})", "  ", width, hang="    ")
        if source.url:
            yield paint(f"    {source.url}", "quiet")
        if source.note:
            yield from (paint(line, "quiet") for line in _wrapped(source.note, "    ", width))


def _wrapped(text: str, indent: str, width: int, hang: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=hang or indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
