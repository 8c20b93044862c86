"""The product's settings with a database of the benchmark's own, and a plain connection to it that nothing scopes."""

from ltc.settings import *  # noqa: F403
from ltc.settings import DATABASE_OWNER_URL, DATABASES, ENV, database

DATABASE = ENV.get("LTC_BENCH_DATABASE", "ltc_bench")
DATABASES["bare"] = {**database(DATABASE_OWNER_URL), "ENGINE": "django.db.backends.postgresql"}
MAINTENANCE_DATABASE = DATABASES["default"]["NAME"]
for _settings in DATABASES.values():
    _settings["NAME"] = DATABASE
ROOT_URLCONF = "bench.urls"
API_LIMITS = {"caller": (10_000_000, 10), "tenant": (10_000_000, 10), "search": (10_000_000, 10)}
ALLOWED_HOSTS = ["testserver"]
BARE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
LOGGING = {"version": 1, "disable_existing_loggers": True}
