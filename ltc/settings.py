"""Settings, all from the environment; `./dev` fills it for development, demo and tests."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _
from kombu import Queue

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = os.environ


def database(url: str) -> dict[str, Any]:
    """Django's description of the database that a URL names."""
    parts = urlsplit(url)
    return {
        "ENGINE": "ltc.tenancy.backend",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # PgBouncer in transaction mode
        "TEST": {"NAME": "test_ltc" + ("_" + ENV["LTC_TEST_DB_SUFFIX"] if ENV.get("LTC_TEST_DB_SUFFIX") else "")},
    }


SECRET_KEY = ENV.get("SECRET_KEY", "")
DEBUG = ENV.get("LTC_DEBUG") == "1"
DEMO = ENV.get("LTC_DEMO") == "1"
ALLOWED_HOSTS = ENV.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in ENV.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
PUBLIC_URL = ENV.get("PUBLIC_URL", f"http://localhost:{ENV.get('PORT', '8000')}")
HTTPS = PUBLIC_URL.startswith("https://")
# The stand-in for a payment provider takes no money: outside demos it is only there where somebody says so.
TEST_PAYMENT_PROVIDER = ENV.get("TEST_PAYMENT_PROVIDER") == "1"

DATABASE_OWNER_URL = ENV.get("DATABASE_OWNER_URL", "")
DATABASES = {
    "default": database(DATABASE_OWNER_URL if ENV.get("LTC_DATABASE_ROLE") == "owner" else ENV.get("DATABASE_URL", "")),
    "platform": database(ENV.get("DATABASE_PLATFORM_URL", "")),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CITUS_COLOCATE_WITH: str | None = None

REDIS_URL = ENV.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ltc" + ENV.get("LTC_TEST_DB_SUFFIX", ""),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
}

INSTALLED_APPS = [
    "ltc.tenancy",
    "ltc.users",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "ltc.events",
    "ltc.timeline",
    "ltc.workflow",
    "ltc.activities",
    "ltc.notifications",
    "ltc.web",
    "ltc.money",
    "ltc.calendars",
    "ltc.numbering",
    "ltc.catalog",
    "ltc.customers",
    "ltc.analytics",
    "ltc.automation",
    "ltc.backoffice",
    "ltc.api",
    "leads",
    "opportunities",
    "orders",
    "delivery",
    "receivables",
]

MIDDLEWARE = [
    "ltc.api.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ltc.web.middleware.FragmentRedirectMiddleware",
    "ltc.users.middleware.WorkspaceMiddleware",
    "ltc.api.middleware.CallerMiddleware",
    "ltc.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "ltc.urls"
WSGI_APPLICATION = "ltc.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ltc.web.shell.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
        },
    }
]
COTTON_DIR = "components"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

AUTH_USER_MODEL = "users.User"
ACCOUNT_ADAPTER = "ltc.users.adapters.AccountAdapter"
MFA_ADAPTER = "ltc.users.adapters.MFAAdapter"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(ENV.get("TRUSTED_PROXIES", "0"))  # so many, so that limits count visitors and not the proxy
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "LTC"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "ltc.web.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^api/"]
TRUSTED_PROXIES = frozenset(ENV.get("FORWARDED_ALLOW_IPS", "127.0.0.1").split(","))  # who may say for whom it asks
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_PERMISSIONS = 0o640

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = sorted(  # our own words win over those of installed packages
    path
    for place in ("*/locale", "ltc/*/locale", "collections/*/locale")
    for path in BASE_DIR.glob(place)
    if path.parent.name != "node_modules"
)
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "static", *([("ui", BASE_DIR / "build" / "ui")] if (BASE_DIR / "build" / "ui").exists() else [])]
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if (STATIC_ROOT / "staticfiles.json").exists() or ENV.get("LTC_COLLECT") == "1"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = Path(ENV.get("LTC_MEDIA", str(BASE_DIR / "media")))

EMAIL_BACKEND = ENV.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = ENV.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(ENV.get("EMAIL_PORT", "25"))
EMAIL_TIMEOUT = 15
REMINDER_GATEWAY_URL = ENV.get("REMINDER_GATEWAY_URL", "")  # takes text messages; without it reminders go by e-mail only
OWN_SERVERS = frozenset(filter(None, ENV.get("OWN_SERVERS", "").lower().split(",")))  # host:port inside that tenants' mailboxes may be on
DEFAULT_FROM_EMAIL = ENV.get("DEFAULT_FROM_EMAIL", "LTC <no-reply@example.com>")

API_LIMITS = {  # requests at once, and in how many seconds as many come back
    "caller": (int(ENV.get("API_LIMIT_CALLER", "100")), 10),
    "tenant": (int(ENV.get("API_LIMIT_TENANT", "250000")), 24 * 3600),
    "search": (int(ENV.get("API_LIMIT_SEARCH", "40")), 10),
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["ltc.api.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["ltc.api.authentication.IsCaller"],
    "DEFAULT_RENDERER_CLASSES": ["ltc.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ltc.api.parsing.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "ltc.api.rendering.OnlyJSON",
    "DEFAULT_SCHEMA_CLASS": "ltc.api.schema.RecordSchema",
    "EXCEPTION_HANDLER": "ltc.api.problems.handle",
    "DEFAULT_METADATA_CLASS": None,
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "LTC",
    "DESCRIPTION": "Leads, opportunities, orders, delivery and collections of one tenant. Conventions: docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["ltc.api.schema.with_actions_and_problems"],
}

CELERY = {
    "broker_url": REDIS_URL,
    "broker_connection_retry_on_startup": True,
    "broker_pool_limit": 10,
    "broker_transport_options": {
        "visibility_timeout": 600,  # always longer than task_time_limit
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 10,
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": "ltc" + ENV.get("LTC_TEST_DB_SUFFIX", "") + ":",
    },
    "task_publish_retry_policy": {"max_retries": 0},  # the relay is the retry
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_time_limit": 240,
    "task_soft_time_limit": 200,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 500,
    "worker_soft_shutdown_timeout": 20,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_hijack_root_logger": False,
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "result_backend": None,
    "task_default_queue": "fast",
    "task_queues": [Queue("fast", routing_key="fast"), Queue("bulk", routing_key="bulk")],
    "task_create_missing_queues": False,
    "beat_schedule": {"tick": {"task": "ltc.events.tasks.tick", "schedule": float(ENV.get("LTC_TICK_SECONDS", "30"))}},
    "enable_utc": True,
    "timezone": "UTC",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"class": "ltc.web.discretion.Discreet", "format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": ENV.get("LOG_LEVEL", "INFO")},
}
