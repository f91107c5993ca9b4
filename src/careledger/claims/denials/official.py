"""Official code lists that a site has downloaded under its own licence; they stand beside our words, never instead of them.

The adjustment reason codes belong to X12 and may not be shipped; the remark codes are kept by CMS. Either comes as a CSV or
tab-separated file with a code and a description, and perhaps the days from and to which a code is valid.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from careledger.claims.store.database import Store
from careledger.core.errors import InputError, Place

KINDS = ("reason", "remark")
_CODE = ("code", "carc", "rarc", "reason code", "remark code")
_WORDS = ("description", "narrative", "text", "remark code narrative", "says")
_SINCE, _UNTIL = ("start", "start date", "effective", "effective date"), ("stop", "stop date", "end", "end date")
_LONGEST = 2_000


def load_official(store: Store, kind: str, path: Path) -> int:
    """Replace the official list of a kind by the file's; the number of codes.

    Raises:
        InputError: the file has no column of codes or of descriptions, or no row.
    """
    rows = list(_read(path))
    with store.transaction("official"):
        store.run("DELETE FROM official_code WHERE kind = ?", (kind,))
        store.insert("official_code", [(kind, *row) for row in rows], ("kind", "code", "words", "since", "until"))
    return len(rows)


def _read(path: Path) -> list[tuple[str, str, str, str]]:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in first else ",")
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    code, words = (_column(names, among) for among in (_CODE, _WORDS))
    if code is None or words is None:
        raise InputError(
            Place(str(path), line=1), "no columns 'code' and 'description'", "give the file a heading line"
        )
    since, until = _column(names, _SINCE), _column(names, _UNTIL)
    found: dict[str, tuple[str, str, str, str]] = {}
    for row in reader:
        key = (row[code] or "").strip().upper()
        if key:
            told = (row[words] or "").strip()[:_LONGEST]
            found[key] = (key, told, *((row[at] or "").strip() if at else "" for at in (since, until)))  # type: ignore[assignment]
    if not found:
        raise InputError(Place(str(path)), "the file has no codes", "download the list again")
    return list(found.values())


def _column(names: dict[str, str], among: Sequence[str]) -> str | None:
    return next((names[name] for name in among if name in names), None)


def official_words(store: Store, codes: Sequence[str]) -> tuple[str, ...]:
    """The official wording of codes, where the site has loaded it."""
    told = []
    for code in codes:
        bare, kind = (code.partition("-")[2], "reason") if "-" in code else (code, "remark")
        row = store.row("SELECT words FROM official_code WHERE kind = ? AND code = ?", (kind, bare))
        if row is not None:
            told.append(f"{bare}: {row['words']}")
    return tuple(told)
