"""Files handed to the browser: never shown inside a page, never guessed at."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import HttpResponse


def handed(content: bytes, name: str, kind: str) -> HttpResponse:
    """A download with a harmless name."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)


def pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF."""
    return handed(content, name, "application/pdf")


def written(write: Callable[[Path], object]) -> bytes:
    """What a function writes into a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        write(file)
        return file.read_bytes()
