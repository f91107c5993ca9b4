"""From plain data to PDF with Typst: its own embedded fonts only, no clock, so that equal data give equal bytes."""

from __future__ import annotations

import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import typst


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """A PDF from a template of the package (its name without ending) and its data."""
    source = (
        resources.files("careledger.documents").joinpath("templates", f"{template}.typ").read_text(encoding="utf-8")
    )
    with tempfile.TemporaryDirectory(prefix="careledger-") as folder:
        Path(folder, "data.json").write_text(json.dumps(data, ensure_ascii=True), encoding="ascii")
        Path(folder, "main.typ").write_text(source, encoding="utf-8")
        made = typst.compile(
            str(Path(folder, "main.typ")),
            root=folder,
            sys_inputs={"data": "data.json"},
            ignore_system_fonts=True,
            timestamp=0,
        )
    assert isinstance(made, bytes)
    return made
