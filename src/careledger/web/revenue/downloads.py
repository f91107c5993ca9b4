"""Files handed to the browser: never shown inside a page, never guessed at."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import HttpResponse

from careledger.core.sheets import harmless


def handed(content: bytes, name: str, kind: str) -> HttpResponse:
    """A download with a harmless name."""
    headers = {"Content-Disposition": f'attachment; filename="{harmless(name)}"', "X-Content-Type-Options": "nosniff"}
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
