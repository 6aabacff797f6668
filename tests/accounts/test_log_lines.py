"""D10: whatever strangers write, one event is one line of the log."""

import json
import logging
from logging.config import dictConfig

import pytest

from config import logs

HOSTILE = [
    "a\nb",
    "a\r\n2026-01-01 ERROR all is lost",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    '"}\n{"level": "error", "event": "forged"}',
    "\x1b[2J\x1b]0;title\x07",
    "\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_write_begins_no_line_of_its_own(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = [*logging.getLogger().handlers], logging.getLogger().level
    dictConfig(logs.config(debug=False))
    try:
        logging.getLogger("slackapp").warning("slack said %s", text)
        written = capfd.readouterr().err
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = before
    assert len(written.splitlines()) == 1
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["event"] == f"slack said {text}"
