"""The thread of the server that does background work."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import close_old_connections

from careledger.web.work.actions import do_all

EVERY_S = 1.0
_logger = logging.getLogger(__name__)


def start_runner() -> threading.Thread | None:
    """Start the thread, unless the settings say no."""
    if not settings.KEEPER:
        return None
    thread = threading.Thread(target=_run, name="work", daemon=True)
    thread.start()
    return thread


def _run() -> None:
    while True:
        try:
            do_all()
        except Exception as error:  # the thread outlives a database that is away for a while
            _logger.warning("background work rests after %s", type(error).__name__)
        finally:
            close_old_connections()
        time.sleep(EVERY_S)
