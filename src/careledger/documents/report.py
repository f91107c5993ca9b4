"""A report of simple pieces, printed as PDF (Typst) or as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from careledger.documents.typeset import typeset

Piece = dict[str, Any]


def heading(words: str) -> Piece:
    """A section's title."""
    return {"kind": "heading", "text": words}


def text(words: str) -> Piece:
    """A paragraph."""
    return {"kind": "text", "text": words}


def note(words: str) -> Piece:
    """A paragraph in small print."""
    return {"kind": "note", "text": words}


def alarm(words: str) -> Piece:
    """Something the reader must not miss."""
    return {"kind": "alarm", "text": words}


def chart(svg: str) -> Piece:
    """A chart."""
    return {"kind": "chart", "svg": svg}


def signature(name: str, role: str) -> Piece:
    """A line to sign on, with a date."""
    return {"kind": "signature", "name": name, "role": role}


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], right: Sequence[int] = ()
) -> Piece:
    """A table; ``right`` names the columns of numbers."""
    aligns = ["right" if place in right else "left" for place in range(len(heads))]
    return {
        "kind": "table",
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "aligns": aligns,
    }


def report_pdf(*, title: str, subtitle: str, practice: str, foot: str, pieces: Sequence[Piece]) -> bytes:
    """The report as PDF; equal pieces give equal bytes."""
    return typeset(
        "report", {"title": title, "subtitle": subtitle, "practice": practice, "foot": foot, "pieces": list(pieces)}
    )


_STYLE = (
    "body{font:16px/1.5 Georgia,serif;max-width:52rem;margin:3rem auto;padding:0 1rem;color:#222}h1{font-weight:400;margin-bottom:0}"
    "h2{font-weight:400;border-bottom:1px solid #222;margin-top:2.5rem}table{border-collapse:collapse;width:100%;font-size:.85rem}"
    "th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #ccc;vertical-align:top}th{background:#f1f1f1}"
    ".right{text-align:right}.note{color:#666;font-size:.88rem}.alarm{border-left:3px solid #222;padding:.4rem .8rem;font-weight:bold}"
    "svg{max-width:100%;height:auto}.scroll{overflow-x:auto}"
)


def report_html(*, title: str, subtitle: str, practice: str, foot: str, pieces: Sequence[Piece]) -> str:
    """The report as one HTML page with its charts inside."""
    body = "\n".join(_html(piece) for piece in pieces)
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style><body><p class='note'>{escape(practice)}</p><h1>{escape(title)}</h1>"
        f"<p class='note'>{escape(subtitle)}</p>\n{body}\n<p class='note'>{escape(foot)}</p></body></html>\n"
    )


def _html(piece: Piece) -> str:
    kind = piece["kind"]
    if kind == "chart":
        return f"<figure>{piece['svg']}</figure>"
    if kind == "table":
        classes = ["right" if align == "right" else "" for align in piece["aligns"]]
        head = "".join(f"<th class='{c}'>{escape(h)}</th>" for c, h in zip(classes, piece["heads"], strict=True))
        rows = "".join(
            "<tr>" + "".join(f"<td class='{c}'>{escape(t)}</td>" for c, t in zip(classes, row, strict=True)) + "</tr>"
            for row in piece["rows"]
        )
        return f"<div class='scroll'><table><tr>{head}</tr>{rows}</table></div>"
    if kind == "signature":
        return f"<p>________________________________<br>{escape(piece['name'])}, {escape(piece['role'])}</p>"
    tag = "h2" if kind == "heading" else "p"
    return f"<{tag} class='{kind}'>{escape(piece['text'])}</{tag}>"
