"""Settings from the environment: read once, odd values refused at start with the name and the mend.

The process environment beats `.env`; every value may also be given as `NAME_FILE` (a path to a file that holds it).
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

MAIL_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
NAMED = re.compile(r"^[^<>\r\n]+<([^<>]*)>$")
HOST = re.compile(r"\*|\.?[\w.-]+|\[[0-9a-fA-F:.]+\]")
PASSWORD = re.compile(r"//[^/]*@")
ENTRY = re.compile(r"(?:export )?([A-Za-z_0-9]+)=")
POSTGRESQL = ("postgres", "postgresql", "psql", "pgsql")

NAMES = frozenset(
    """PUBLIC_URL SECRET_KEY DEBUG ALLOWED_HOSTS PORT DATABASE_URL REDIS_URL FIELD_ENCRYPTION_KEY SLACK_CLIENT_ID
    SLACK_CLIENT_SECRET SLACK_SIGNING_SECRET SLACK_APP_ID SLACK_API_URL SLACK_WEB_URL STRIPE_SECRET_KEY
    STRIPE_WEBHOOK_SECRET STRIPE_API_URL EMAIL_URL DEFAULT_FROM_EMAIL SENTRY_DSN STORAGE_URL CONSOLE_URL WIDGET_URL
    WS_URL FILES_URL SLACK_APP_TOKEN TRUSTED_PROXIES METRICS_TOKEN LIMITS_SCALE SQLITE_SYNCHRONOUS SLACK_ECHO_WAIT
    SLACK_CALL_TIMEOUT SLACK_TOKEN_ROTATION SLACK_KEEP_DAYS OPERATOR_NAME OPERATOR_ADDRESS SUPPORT_EMAIL DEMO
    VAR_DIR""".split()
)


def load_dotenv(path: Path) -> None:
    """Puts `.env` under the process environment; a name nobody reads is a typing error and refused.

    Before any of it counts: Django swallows the first refusal of the settings and imports them again.
    """
    if not path.is_file():
        return
    for place, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = ENTRY.match(line)
        if entry is None:
            raise ImproperlyConfigured(
                f"Line {place} of {path.name} must be NAME=value, without blanks before the name or the sign."
            )
        if entry[1].removesuffix("_FILE") not in NAMES:
            raise ImproperlyConfigured(
                f"{path.name} sets {entry[1]}, which nothing reads. Remove it or mend its name."
            )
    environ.Env.read_env(str(path), overwrite=False)


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
    try:
        parts = urlsplit(value)
        is_whole = (
            parts.scheme in schemes and bool(parts.hostname or parts.scheme == "unix") and parts.port != 0
        )
    except ValueError:
        is_whole = False
    if not is_whole:
        shown = PASSWORD.sub("//***@", value)
        raise ImproperlyConfigured(
            f"{name} must be an address that starts with {' or '.join(schemes)}, not {shown!r}."
        )
    return value


def origin(name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """An address without path, e.g. https://chat.example.com."""
    value = url(name, default, schemes).rstrip("/")
    parts = urlsplit(value)
    if parts.netloc != value.partition("://")[2] or "@" in parts.netloc:
        shown = PASSWORD.sub("//***@", value)
        raise ImproperlyConfigured(f"{name} must be a bare origin without a path, not {shown!r}.")
    return value


def hosts(name: str) -> list[str]:
    for value in words(name):
        if not HOST.fullmatch(value):
            raise ImproperlyConfigured(
                f"{name} must list hosts without scheme and port, such as chat.example.com, not {value!r}."
            )
    return words(name)


def directory(name: str, default: str) -> Path:
    """A folder that is there from now on; relative to the project."""
    path = BASE_DIR / text(name, default)
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} must be a directory, or a name in one that can be written: {error}."
        ) from None
    return path


def shaped(name: str, shape: str, mend: str) -> str:
    """Empty, or what `shape` matches as a whole. It may be a secret, so the refusal does not show it."""
    value = text(name)
    if value and not re.fullmatch(shape, value):
        raise ImproperlyConfigured(f"{name} must be {mend}.")
    return value


def mail_address(name: str, default: str = "") -> str:
    """One bare address such as help@example.com."""
    value = text(name, default)
    if value and not MAIL_ADDRESS.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be one e-mail address such as help@example.com, not {value!r}."
        )
    return value


def sender(name: str, default: str) -> str:
    """One address, or a name with one in angle brackets."""
    value = text(name, default)
    address = NAMED.sub(r"\1", value)
    if not MAIL_ADDRESS.fullmatch(address):
        raise ImproperlyConfigured(
            f"{name} must be one sender such as Threadbell <help@example.com>, not {value!r}."
        )
    return value


def mail(name: str, default: str) -> dict[str, object]:
    """Where mails go, in the words of Django's EMAIL_… settings."""
    try:
        return dict(environ.Env.email_url_config(text(name, default)))
    except (ValueError, environ.ImproperlyConfigured):
        raise ImproperlyConfigured(
            f"{name} must be such as smtp+tls://user:password@mail.example.com:587, or left out to have mails logged."
        ) from None


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


def _database_entry(value: str) -> dict[str, Any]:
    """As the package reads it, which takes much for a database that is none, and shows the password of the rest."""
    scheme, _, rest = value.partition("://")
    is_known = rest.startswith("/") if scheme == "sqlite" else scheme in POSTGRESQL
    try:
        entry = dict(environ.Env.db_url_config(value)) if is_known and rest.strip("/") else {}
    except ValueError:
        entry = {}
    if entry.get("NAME", "") in ("", ":memory:") and "service" not in entry.get("OPTIONS", {}):
        raise ImproperlyConfigured(
            "DATABASE_URL must be such as sqlite:////srv/threadbell.sqlite3 or "
            "postgres://user:password@host:5432/name. Left out, it is a file in VAR_DIR."
        )
    return entry


def database(base: Path) -> dict[str, object]:
    """One Django DATABASES entry. SQLite is set up so that writers wait instead of failing (WAL, IMMEDIATE)."""
    entry = _database_entry(text("DATABASE_URL", f"sqlite:///{base / 'threadbell.sqlite3'}"))
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
    else:
        entry["ENGINE"] = "config.postgresql"
        entry["OPTIONS"] = prepared(entry.get("OPTIONS", {}))
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
