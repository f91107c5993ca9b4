"""Writing ``claims.yaml``: what a program sets is checked by the reader before the file is replaced."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from careledger.claims.config import ClaimsConfig, config_of
from careledger.policy.strict_yaml import load

HEAD = "# Settings for claims, written by a program: comments are not kept. docs/tables.md says what each line means.\n"
_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_]*")


def settings_in(file: Path) -> dict[str, Any]:
    """The settings of a file as plain data; empty without a file."""
    return dict(load(file.read_text("utf-8"), str(file)).data or {}) if file.is_file() else {}


def write_settings(file: Path, settings: Mapping[str, Any]) -> ClaimsConfig:
    """Replace a file by these settings, whole or not at all; what is empty is left out.

    Raises:
        InputError: the reader would refuse them; then the file stays as it was.
    """
    text = HEAD + "".join(f"{line}\n" for line in _lines(settings, ""))
    config = config_of(load(text, str(file)))
    aside = file.with_name(f".{file.name}.part")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
    return config


def _lines(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        name = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        if isinstance(value, Mapping):
            inner = list(_lines(value, indent + "  "))
            if inner:
                yield f"{indent}{name}:"
                yield from inner
        elif value not in (None, ""):
            yield f"{indent}{name}: {json.dumps(value, ensure_ascii=False)}"
