"""How the service's log reads: what happened and where in the program, never with what."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any


class Discreet(logging.Formatter):
    """Shows of an error its kind and its places in the program; its own words may hold a patient's name or a row of a table."""

    def formatException(self, ei: Any) -> str:
        """The chain of errors, the cause first, each with its places."""
        error: BaseException | None = ei[1]
        parts = []
        while error is not None:
            parts.append(f"{type(error).__name__} at\n{places(error.__traceback__)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "raised while handling, or because of:\n".join(parts)


def where(error: BaseException) -> str:
    """File and line at which an error arose."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"


def places(trace: TracebackType | None) -> str:
    """Files, lines and functions; the lines of code, but no value."""
    return "".join(traceback.format_tb(trace)).rstrip() + "\n"
