"""The thread of the server that does background work."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings

from careledger.web.accounts.rest import Rest
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
    rest = Rest(_logger, "background work")
    while True:
        work_once(rest)
        time.sleep(EVERY_S)


def work_once(rest: Rest) -> None:
    """Do what waits."""
    with rest.trying():
        do_all()
