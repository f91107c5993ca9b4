"""Settings of the tests: those of the clinic, a throw-away data folder, the database that ``DATABASE_URL`` names or SQLite."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("CARELEDGER_DATA", tempfile.mkdtemp(prefix="careledger-test-"))
os.environ.setdefault("CARELEDGER_SECRET_KEY", "only for tests")
os.environ["CARELEDGER_HTTPS"] = "no"
os.environ["CARELEDGER_DEMO"] = "no"

from careledger.web.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MFA_REQUIRED = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ACCOUNT_RATE_LIMITS = False
