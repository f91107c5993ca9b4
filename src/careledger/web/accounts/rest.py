"""Threads that outlive a database that is away for a while, and say so once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections


class Rest:
    """Tells the log when a thread comes to rest and when it goes on: once each, however often it tries meanwhile.

    Attributes:
        what: the thread's work, as the log calls it.
        after: the kind of error it rests after; empty while it works.
    """

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger, self.what, self.after = logger, what, ""

    @contextmanager
    def trying(self) -> Iterator[None]:
        """One try: whatever fails in it is told, unless it is no news, and the thread tries again later."""
        try:
            yield
        except Exception as error:
            self._begin(type(error).__name__)
        else:
            self._end()
        finally:
            close_old_connections()

    def _begin(self, kind: str) -> None:
        if kind != self.after:
            self._logger.warning("%s rests after %s and tries again until it can go on", self.what, kind)
        self.after = kind

    def _end(self) -> None:
        if self.after:
            self._logger.warning("%s goes on; it had rested after %s", self.what, self.after)
        self.after = ""
