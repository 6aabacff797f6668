"""var/secrets.env: the two secrets nobody should have to invent, made once and kept."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    # a Fernet key: 32 bytes in URL-safe base64
    "FIELD_ENCRYPTION_KEY": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


def fill(environment: Mapping[str, str], dotenv: Path, path: Path) -> dict[str, str]:
    """The secrets that neither environment nor `.env` gives; missing ones are made and written to `path`."""
    given = set(environment) | set(read(dotenv))
    wanted = [name for name in MAKERS if not {name, f"{name}_FILE"} & given]
    kept = read(path)
    made = {name: MAKERS[name]() for name in wanted if name not in kept}
    if made:
        write(path, kept | made)
    return {name: (kept | made)[name] for name in wanted}


def read(path: Path) -> dict[str, str]:
    """NAME=value lines; comments and blank lines are passed over."""
    if not path.is_file():
        return {}
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replaced as a whole and readable by its owner alone from the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(
            "# Made by bin/run. Keep a copy: without FIELD_ENCRYPTION_KEY the stored Slack tokens are lost.\n"
        )
        handle.writelines(f"{name}={value}\n" for name, value in values.items())
    fresh.replace(path)
