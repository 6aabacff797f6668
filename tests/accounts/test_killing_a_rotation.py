"""The rotation of keys as a real process, killed without a word, begun anew (H2)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1500
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
INSTALL = f"""
from django.utils import timezone
from slackapp.models import Installation
Installation.objects.bulk_create(
    Installation(app_id=f"A{{n}}", bot_token=f"token {{n}}", installed_at=timezone.now()) for n in range({ROWS})
)
"""
COUNT = """
from accounts import keyring
from django.db import connection
from slackapp.models import Installation
rows = list(Installation.objects.all())
cursor = connection.cursor()
cursor.execute("SELECT bot_token FROM slackapp_installation")
current = sum(keyring.is_current(text) for text, in cursor.fetchall())
print(current, all(row.bot_token.reveal() == "token " + row.app_id[1:] for row in rows), len(rows))
"""

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.timeout(240)]


def start(folder: Path, keys: str, *arguments: str) -> subprocess.Popen[str]:
    given = {**os.environ, "FIELD_ENCRYPTION_KEY": keys, "VAR_DIR": str(folder)}
    given["DATABASE_URL"] = f"sqlite:///{folder / 'rotation.sqlite3'}"
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(folder: Path, keys: str, *arguments: str) -> str:
    said, trouble = (process := start(folder, keys, *arguments)).communicate(timeout=50)
    assert process.returncode == 0, trouble
    return said.strip()


def state(folder: Path, keys: str) -> tuple[int, str]:
    """How many rows are under the first key, and whether every secret is whole."""
    said = run(folder, keys, "shell", "--no-imports", "-c", COUNT)
    current, rest = said.splitlines()[-1].split(" ", 1)
    return int(current), rest


def test_a_killed_rotation_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    run(tmp_path, OLD, "migrate", "-v1")
    start(tmp_path, OLD, "shell", "--no-imports", "-c", INSTALL).communicate(timeout=50)
    both = f"{NEW},{OLD}"
    rotation = start(tmp_path, both, "rotate_keys", "--batch", "100")
    wal = tmp_path / "rotation.sqlite3-wal"
    while rotation.poll() is None and not (wal.exists() and wal.stat().st_size > 200_000):
        time.sleep(0.001)
    rotation.send_signal(signal.SIGKILL)
    rotation.communicate()
    moved, whole = state(tmp_path, both)
    assert 0 < moved < ROWS
    assert whole == f"True {ROWS}"
    assert f"bot_token: {ROWS - moved} moved, {moved} current already, 0 unreadable" in run(
        tmp_path, both, "rotate_keys"
    )
    assert state(tmp_path, NEW) == (ROWS, f"True {ROWS}")
