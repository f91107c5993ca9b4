"""Charts as SVG, the same for screen, page and print: bars with their interval, and a line over time with its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_INK, _SOFT, _BAR, _HAIR, _ALARM = "#222", "#666", "#8aa4b8", "#ccc", "#b3261e"
_FONT = "font-family='Libertinus Serif, Georgia, serif'"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its name, value and 95% interval; no value when the denominator is empty."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    beside: str = ""


def bars(title: str, rows: Sequence[Bar], unit: str) -> str:
    """Horizontal bars; the whisker is the interval, what stands at the right is the value with its denominator."""
    top = max([bar.high or bar.value or 0.0 for bar in rows] or [0.0]) or 1.0
    height = 34 + 26 * len(rows)
    parts = [f"<text x='0' y='16' font-size='14' {_FONT} fill='{_INK}' font-weight='bold'>{escape(title)}</text>"]
    for place, bar in enumerate(rows):
        parts += _bar(bar, 40 + 26 * place, 300.0 / top, unit)
    return _svg(640, height, title, parts)


def _bar(bar: Bar, y: float, scale: float, unit: str) -> list[str]:
    parts = [
        f"<text x='150' y='{y + 4}' font-size='12' {_FONT} fill='{_INK}' text-anchor='end'>{escape(bar.name)}</text>"
    ]
    if bar.value is None:
        return [*parts, _text(160, y + 4, f"nobody to divide by {bar.beside}", _SOFT)]
    parts.append(f"<rect x='160' y='{y - 8}' width='{bar.value * scale:.1f}' height='16' fill='{_BAR}'/>")
    end = bar.value
    if bar.low is not None and bar.high is not None:
        low, high = 160 + max(bar.low, 0) * scale, 160 + bar.high * scale
        end = max(end, bar.high)
        parts.append(
            f"<path d='M{low:.1f} {y} H{high:.1f} M{low:.1f} {y - 4} v8 M{high:.1f} {y - 4} v8' stroke='{_INK}' fill='none'/>"
        )
    return [*parts, _text(166 + end * scale, y + 4, f"{bar.value:.1f}{unit} {bar.beside}", _SOFT)]


def run_chart(
    title: str,
    names: Sequence[str],
    values: Sequence[float],
    centre: float,
    limits: tuple[float, float] | None,
    marked: Sequence[int],
) -> str:
    """Points in order of time with the centre line and, when given, the limits; marked points stand out."""
    low = min([*values, *(limits or ())])
    high = max([*values, *(limits or ())])
    span = (high - low) or 1.0
    left, right, up, down = 52.0, 620.0, 36.0, 190.0
    step = (right - left) / max(len(values) - 1, 1)

    def at(value: float) -> float:
        return float(down - (value - low) / span * (down - up))

    parts = [f"<text x='0' y='16' font-size='14' {_FONT} fill='{_INK}' font-weight='bold'>{escape(title)}</text>"]
    for value, dash in ((centre, ""), *((limit, "4 3") for limit in limits or ())):
        parts.append(
            f"<path d='M{left} {at(value):.1f} H{right}' stroke='{_SOFT}' stroke-dasharray='{dash}' fill='none'/>"
        )
        parts.append(
            f"<text x='{left - 6}' y='{at(value) + 4:.1f}' font-size='11' {_FONT} fill='{_SOFT}' text-anchor='end'>{value:.1f}</text>"
        )
    path = " ".join(
        f"{'M' if place == 0 else 'L'}{left + place * step:.1f} {at(value):.1f}" for place, value in enumerate(values)
    )
    parts.append(f"<path d='{path}' stroke='{_BAR}' stroke-width='1.6' fill='none'/>")
    every = max(1, len(names) // 8)
    for place, value in enumerate(values):
        x, colour = left + place * step, _ALARM if place in marked else _INK
        parts.append(
            f"<circle cx='{x:.1f}' cy='{at(value):.1f}' r='{4.2 if place in marked else 2.6}' fill='{colour}'/>"
        )
        if place % every == 0:
            parts.append(
                f"<text x='{x:.1f}' y='{down + 20}' font-size='11' {_FONT} fill='{_SOFT}' text-anchor='middle'>{escape(names[place])}</text>"
            )
    return _svg(640, 222, title, parts)


def _text(x: float, y: float, words: str, colour: str) -> str:
    return f"<text x='{x:.1f}' y='{y}' font-size='12' {_FONT} fill='{colour}'>{escape(words.strip())}</text>"


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' role='img'>"
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
