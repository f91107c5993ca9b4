"""Settings of a CareLedger clinic. Everything a site may change comes from the environment; see docs/operate.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CARELEDGER_DATA", "careledger-data")).resolve()


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "yes" if default else "no").lower() in ("1", "yes", "true", "on")


def _secret() -> str:
    """The signing key: from the environment, else kept in a file only the service may read."""
    if key := os.environ.get("CARELEDGER_SECRET_KEY"):
        return key
    file = DATA / "secret_key"
    if not file.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(64))
    return file.read_text(encoding="ascii")


def _database() -> dict[str, Any]:
    """PostgreSQL by ``DATABASE_URL``; without it one SQLite file in WAL mode, every commit on the disk."""
    if url := os.environ.get("DATABASE_URL"):
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
        # Compiling a page's query takes PostgreSQL longer than answering it.
        found["OPTIONS"] = {"options": "-c jit=off", **found.get("OPTIONS", {})}
        return found
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000; PRAGMA temp_store=MEMORY;"
    DATA.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "clinic.sqlite3",
        "CONN_MAX_AGE": 600,  # opening the file and setting it up costs as much as a small page
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": pragmas},
    }


DEBUG = _flag("CARELEDGER_DEBUG", False)
IS_DEMO = _flag("CARELEDGER_DEMO", False)
"""The demo clinic: sign-in names are shown on the sign-in page, and a second factor is not asked for."""
MFA_REQUIRED = _flag("CARELEDGER_MFA_REQUIRED", not IS_DEMO)
HTTPS = _flag("CARELEDGER_HTTPS", not (DEBUG or IS_DEMO))
SECRET_KEY = _secret()
ALLOWED_HOSTS = os.environ.get("CARELEDGER_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CARELEDGER_ORIGINS", "").split(",") if origin]
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

APPS = (
    "tenancy",
    "accounts",
    "audit",
    "patients",
    "plans",
    "timers",
    "worklists",
    "billing",
    "enrolment",
    "oversight",
    "library",
    "api",
    "keeping",
    "work",
    "revenue",
    "intake",
    "fhir_api",
)
INSTALLED_APPS = [
    *(f"careledger.web.{app}" for app in APPS),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "careledger.web.accounts.middleware.MembershipMiddleware",
    "careledger.web.accounts.middleware.PrivateMiddleware",
]
ROOT_URLCONF = "careledger.web.urls"
WSGI_APPLICATION = "careledger.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "careledger.web.accounts.context.house",
            ],
            "builtins": [
                "careledger.web.accounts.templatetags.people",
                "careledger.web.tenancy.templatetags.formats",
            ],
        },
    }
]

# Who may enter: an address and a passphrase, then a second factor.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8 if IS_DEMO else 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "careledger.web.accounts.passphrases.LengthLimit"},
]
ACCOUNT_ADAPTER = "careledger.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator makes accounts; nobody signs up
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # for so long a grave act asks no second time; see accounts.doors.sudo
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CareLedger"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or IS_DEMO
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
EMAIL_BACKEND = os.environ.get("CARELEDGER_EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
"""Nothing is sent until a site names how; never to the console, for a link to a new passphrase would stand in the log."""
HAS_MAIL = "CARELEDGER_EMAIL_BACKEND" in os.environ
DEFAULT_FROM_EMAIL = os.environ.get("CARELEDGER_EMAIL_FROM", "careledger@localhost")
ACCOUNT_EMAIL_NOTIFICATIONS = HAS_MAIL  # a changed passphrase or factor is told to its owner

KEEPER = _flag("CARELEDGER_KEEPER", True)
"""Each server process runs the thread of ``billing.keeper``; one of them works at a time."""
PROXIES = 1 if _flag("CARELEDGER_BEHIND_PROXY", False) else 0
"""Proxies in front whose word on the caller's address is taken; without one nobody's is."""
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
NINJA_NUM_PROXIES = PROXIES
CARELEDGER_RATES = {"api_owner": "600/m", "api_address": "1200/m", "api_wrong": "20/m", "upload": "30/m"}
"""Requests a minute; house values, no law sets them."""
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "careledger_limits",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
"""Counts of the rate limits, in the database, so that all processes of the clinic count together."""

EHRS = Path(os.environ["CARELEDGER_EHRS"]) if "CARELEDGER_EHRS" in os.environ else None
"""YAML file of the record systems that may open the clinic (SMART App Launch); docs/fhir.md describes it."""
FHIR_KEYS_FROM_ANYWHERE = False
"""Fetch the keys of FHIR clients from the clinic's own network too; for tests."""

SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Behind TLS the names bind the cookies to this very host: no neighbouring name can set or overwrite them.
SESSION_COOKIE_NAME = "__Host-careledger" if HTTPS else "careledger"
CSRF_COOKIE_NAME = "__Host-careledger_csrf" if HTTPS else "careledger_csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _flag("CARELEDGER_HSTS_SUBDOMAINS", False)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the QR code of the second factor is made here and shown inline
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"  # stored instants; pages show the practice's zone, see accounts.middleware
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True  # no collect step: the few files stand in the package
WHITENOISE_MAX_AGE = 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CARELEDGER_UPLOAD_MAX = 210 * 1024 * 1024
"""Largest form with files: the largest upload of any page, which has its own smaller limit, and the rest of its form."""
FILE_UPLOAD_HANDLERS = [
    "careledger.web.accounts.uploads.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {"()": "careledger.web.accounts.logs.Discreet", "format": "%(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
