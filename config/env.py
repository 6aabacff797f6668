"""Settings from the environment: read once, odd values refused at start with the name and the mend.

The process environment beats `.env`; every value may also be given as `NAME_FILE` (a path to a file that holds it).
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

MAIL_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")

NAMES = frozenset(
    """PUBLIC_URL SECRET_KEY DEBUG ALLOWED_HOSTS PORT DATABASE_URL REDIS_URL FIELD_ENCRYPTION_KEY SLACK_CLIENT_ID
    SLACK_CLIENT_SECRET SLACK_SIGNING_SECRET SLACK_APP_ID SLACK_API_URL SLACK_WEB_URL STRIPE_SECRET_KEY
    STRIPE_WEBHOOK_SECRET STRIPE_API_URL EMAIL_URL DEFAULT_FROM_EMAIL SENTRY_DSN STORAGE_URL CONSOLE_URL WIDGET_URL
    WS_URL FILES_URL SLACK_APP_TOKEN TRUSTED_PROXIES METRICS_TOKEN LIMITS_SCALE SQLITE_SYNCHRONOUS SLACK_ECHO_WAIT
    SLACK_CALL_TIMEOUT SLACK_TOKEN_ROTATION SLACK_KEEP_DAYS OPERATOR_NAME OPERATOR_ADDRESS SUPPORT_EMAIL DEMO
    VAR_DIR""".split()
)


def load_dotenv(path: Path) -> None:
    """Puts `.env` under the process environment; a name nobody reads is a typing error and refused."""
    if not path.is_file():
        return
    before = set(os.environ)
    environ.Env.read_env(str(path), overwrite=False)
    for name in set(os.environ) - before:
        if name.removesuffix("_FILE") not in NAMES:
            raise ImproperlyConfigured(
                f"{path.name} sets {name}, which nothing reads. Remove it or mend its name."
            )


def text(name: str, default: str = "") -> str:
    """The value, or the stripped content of the file that NAME_FILE names, or the default."""
    if name in os.environ:
        return os.environ[name].strip()
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return default
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {error}") from error


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return value in ("1", "true", "yes", "on") if value else default
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: float, least: float, most: float) -> float:
    value = text(name)
    try:
        result = float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None
    if not least <= result <= most:
        raise ImproperlyConfigured(f"{name} must be between {least} and {most}, not {value!r}.")
    return result


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; empty parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def url(name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} must be an address that starts with {' or '.join(schemes)}, not {value!r}."
        )
    return value


def origin(name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """An address without path, e.g. https://chat.example.com."""
    value = url(name, default, schemes).rstrip("/")
    if urlsplit(value).path:
        raise ImproperlyConfigured(f"{name} must be a bare origin without a path, not {value!r}.")
    return value


def mail_address(name: str, default: str = "") -> str:
    """One bare address such as help@example.com."""
    value = text(name, default)
    if value and not MAIL_ADDRESS.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be one e-mail address such as help@example.com, not {value!r}."
        )
    return value


def networks(name: str) -> list[str]:
    for value in words(name):
        try:
            ip_network(value)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must list networks such as 10.0.0.0/8, not {value!r}."
            ) from None
    return words(name)


def prepared(given: dict[str, object]) -> dict[str, object]:
    """What is asked often is planned once per connection; half of a short statement's time is its planning.

    A pool that gives each transaction another connection needs `?prepare_threshold=none` in DATABASE_URL.
    """
    if "isolation_level" in given:
        raise ImproperlyConfigured(
            "DATABASE_URL must not set isolation_level: locks are taken for READ COMMITTED."
        )
    options = {"server_side_binding": True, "prepare_threshold": 2, **given}
    if str(options["prepare_threshold"]).lower() == "none":
        options["prepare_threshold"] = None
    return options


def database(base: Path) -> dict[str, object]:
    """One Django DATABASES entry. SQLite is set up so that writers wait instead of failing (WAL, IMMEDIATE)."""
    value = text("DATABASE_URL", f"sqlite:///{base / 'threadbell.sqlite3'}")
    try:
        entry = dict(environ.Env.db_url_config(value))
    except (ValueError, KeyError, environ.ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {type(error).__name__}.") from None
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        synchronous = text("SQLITE_SYNCHRONOUS", "FULL").upper()
        if synchronous not in ("FULL", "NORMAL"):
            raise ImproperlyConfigured(f"SQLITE_SYNCHRONOUS must be FULL or NORMAL, not {synchronous!r}.")
        entry["ENGINE"] = "config.sqlite"
        entry["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode=WAL;PRAGMA synchronous={synchronous};",
        }
    elif entry["ENGINE"] == "django.db.backends.postgresql":
        entry["ENGINE"] = "config.postgresql"
        entry["OPTIONS"] = prepared(entry.get("OPTIONS", {}))
    else:
        raise ImproperlyConfigured("DATABASE_URL must start with sqlite:// or postgres://.")
    entry.update({"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False})
    return entry


def storage(default: Path) -> dict[str, object]:
    """Where files lie: one Django STORAGES entry. They are never served by their address, so they have none."""
    value = text("STORAGE_URL", default.as_uri())
    parts = urlsplit(value)
    if parts.scheme != "file" or parts.netloc or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"STORAGE_URL must be a directory that every process shares, such as file:///srv/files, not {value!r}."
        )
    options = {
        "location": unquote(parts.path),
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
