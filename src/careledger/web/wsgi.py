"""The WSGI entry for gunicorn: ``gunicorn careledger.web.wsgi``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careledger.web.settings")
application = get_wsgi_application()

from careledger.web.billing.keeper import start_keeper  # noqa: E402 - the applications must be ready
from careledger.web.work.runner import start_runner  # noqa: E402

start_keeper()
start_runner()
