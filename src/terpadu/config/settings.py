"""Django's settings; every value that differs between installations comes from `config.env`."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import structlog

from terpadu.config import env, existing, postgres
from terpadu.config.ports import Ports
from terpadu.kernel.secrets import read_or_make

SRC = Path(__file__).resolve().parents[2]
PROJECT_ROOT = env.PROJECT_ROOT
DATA_DIR = env.data_dir()
SECRETS_DIR = DATA_DIR / "secrets"
DOCUMENTS_DIR = DATA_DIR / "documents"
UPLOADS_DIR = DATA_DIR / "uploads"
EXCHANGE_DIR = DATA_DIR / "exchange"
PORTS = Ports(env.port())
DEMO_PORTS = PORTS.by_name()
PUBLIC_URL = env.BASE_URL.read() or f"http://localhost:{env.port()}"
OUTWAY_URL = env.OUTWAY_URL.read() or f"http://127.0.0.1:{PORTS.outway}"
NATS_URL = env.NATS_URL.read()
CONTROL_URL = env.CONTROL_URL.read() or f"http://127.0.0.1:{env.port()}"
FSC_PRIVATE_NETWORKS = [one.strip() for one in env.FSC_NETWORKS.read().split(",") if one.strip()]
JOIN_FOUR_EYES = env.JOIN_FOUR_EYES.read() == "1"
DEMO = env.is_demo()
DEMO_PORTFOLIO = int(env.PORTFOLIO_SIZE.read())
DEMO_APPLICATIONS = existing.addresses(PORTS) if DEMO else {}


def _database(url: str) -> dict[str, object]:
    """Translate a postgres:// address into Django's form; `?host=/dir` names a socket directory."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "terpadu.kernel.database",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


SECRET_KEY = hashlib.sha256(read_or_make(SECRETS_DIR / "django.key")).hexdigest()
DEBUG = False
ALLOWED_HOSTS = env.HOSTS.read().split(",")
DATABASES = {"default": _database(env.DATABASE_URL.read() or postgres.url_of(DATA_DIR))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DOMAINS = [
    f"terpadu.{domain.parent.name}"
    for domain in sorted((SRC / "terpadu").glob("*/apps.py"))
    if domain.parent.name != "kernel"
]
INSTALLED_APPS = [
    "terpadu.kernel",  # ours first: where others translate or draw the same thing, our words count
    *DOMAINS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "terpadu.kernel.http.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "terpadu.kernel.http.middleware.UploadLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "terpadu.identity.web.middleware.SignedInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "terpadu.identity.web.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "terpadu.kernel.http.middleware.SecurityHeadersMiddleware",
    "terpadu.kernel.http.middleware.WrongMethodMiddleware",
    "terpadu.kernel.http.middleware.NulMiddleware",
    "terpadu.kernel.http.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "terpadu.config.urls"
WSGI_APPLICATION = "terpadu.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "terpadu.config.context.page",
            ],
        },
    }
]
FORM_RENDERER = "terpadu.kernel.ui.forms.UiRenderer"

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = UPLOADS_DIR
# Facts that domains beside maturity can count: key in the instruments' files -> dotted path of the source.
MATURITY_FACT_SOURCES: dict[str, str] = {
    "clearance.decisions": "terpadu.config.maturity_facts.clearance_decisions"
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# The largest file that a page takes is a list of applications of 64 MB; the rest of its form goes around it.
MOST_UPLOAD_BYTES = 65 * 1024 * 1024

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["terpadu.identity.web.backend.AccountBackend"]
LOGIN_URL = "identity:sign_in"
ACCOUNT_USER_MODEL_USERNAME_FIELD = (
    None  # allauth keeps sign-in methods; accounts are found by NIK in identity
)
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "terpadu.identity.services.vault.SealedAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODE_DIGITS = 10
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_HOST_PREFIX = "__Host-" if PUBLIC_URL.startswith("https://") else ""  # browsers take that name over TLS only
SESSION_ENGINE = "terpadu.identity.web.session_store"
SESSION_COOKIE_NAME = f"{_HOST_PREFIX}session"
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_AT_MOST_S = int(env.SESSION_AT_MOST.read()) * 3600
NETWORK_PLACES = env.NETWORK_PLACES.read()
SESSION_IDLE_S = int(env.SESSION_IDLE.read()) * 60
SESSION_COOKIE_AGE = SESSION_AT_MOST_S
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_FAILURE_VIEW = "terpadu.kernel.http.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer()
        if env.LOG_FORMAT.read() == "json"
        else structlog.dev.ConsoleRenderer(colors=False),
    ],
    logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    cache_logger_on_first_use=False,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Whatever level an operator chooses for the rest: these write tokens, codes and whole addresses below it.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("authlib", "fido2", "httpcore", "httpx", "requests", "urllib3")
    },
}
