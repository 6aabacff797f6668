"""bin/run makes the two secrets nobody should have to invent, once."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from house import secrets_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "secrets.env"


def fill(path: Path, **environment: str) -> dict[str, str]:
    return secrets_file.fill(environment, path.parent / ".env", path)


def test_missing_secrets_are_made_once_and_kept(path: Path) -> None:
    first = fill(path)
    assert set(first) == {"SECRET_KEY", "FIELD_ENCRYPTION_KEY"}
    assert fill(path) == first


def test_the_file_is_readable_by_its_owner_alone(path: Path) -> None:
    fill(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_encryption_key_is_one_that_encrypts(path: Path) -> None:
    box = Fernet(fill(path)["FIELD_ENCRYPTION_KEY"])
    assert box.decrypt(box.encrypt(b"xoxb")) == b"xoxb"


def test_a_secret_of_the_environment_is_neither_made_nor_replaced(path: Path) -> None:
    assert fill(path, SECRET_KEY="mine", FIELD_ENCRYPTION_KEY_FILE="/run/secrets/key") == {}
    assert not path.exists()


def test_a_secret_in_dotenv_counts_as_given(path: Path) -> None:
    path.parent.mkdir()
    (path.parent / ".env").write_text("# ours\nexport SECRET_KEY='mine'\n")
    assert set(fill(path)) == {"FIELD_ENCRYPTION_KEY"}


def test_a_file_with_one_secret_keeps_it_and_gets_the_other(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("SECRET_KEY=kept\n")
    assert fill(path)["SECRET_KEY"] == "kept"
    assert set(secrets_file.read(path)) == {"SECRET_KEY", "FIELD_ENCRYPTION_KEY"}
