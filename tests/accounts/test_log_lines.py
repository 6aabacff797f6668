"""D10, O4: whatever strangers write, one event is one line of the log, and no line opens anything."""

import json
import logging
from collections.abc import Callable, Iterator
from logging.config import dictConfig

import pytest
from django.http import HttpResponseServerError
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import StringConverter
from django.utils.log import log_response

from config import logs

Written = Callable[[Callable[[], object]], str]

HOSTILE = [
    "a\nb",
    "a\r\n2026-01-01 ERROR all is lost",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    '"}\n{"level": "error", "event": "forged"}',
    "\x1b[2J\x1b]0;title\x07",
    "\x00",
]


# what their last part names opens nothing
HARMLESS = {"billing_invoice", "app_list", None}


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Written:
    """What the log of a deployment says while something is done."""

    def during(act: Callable[[], object]) -> str:
        before = [*logging.getLogger().handlers], logging.getLogger().level
        dictConfig(logs.config(debug=False))
        try:
            act()
            return capfd.readouterr().err
        finally:
            logging.getLogger().handlers[:], logging.getLogger().level = before

    return during


@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_write_begins_no_line_of_its_own(text: str, written: Written) -> None:
    said = written(lambda: logging.getLogger("slackapp").warning("slack said %s", text))
    assert len(said.splitlines()) == 1
    assert said.isascii()
    assert "\x1b" not in said
    assert json.loads(said)["event"] == f"slack said {text}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/slack/oauth/callback", "/slack/login/callback", "/slack/link", "/files/none/boots.png", "/demo/enter"],
)
def test_a_request_that_is_refused_is_logged_without_its_query(
    path: str, client: Client, written: Written
) -> None:
    asked = {"code": "open-sesame", "state": "open-sesame", "t": "open-sesame", "key": "open-sesame"}
    said = written(lambda: client.get(path, asked))
    assert "open-sesame" not in said
    (line,) = map(json.loads, said.splitlines())
    assert (line["request"], line["level"]) == (f"GET {path}", "warning")


def test_a_failure_is_logged_with_its_traceback_and_without_the_query(
    rf: RequestFactory, written: Written
) -> None:
    request = rf.get("/slack/oauth/callback", {"code": "open-sesame"})

    def fail() -> None:
        try:
            raise OSError(f"http://localhost{request.get_full_path()} did not answer")
        except OSError as error:
            answer = HttpResponseServerError()
            log_response("Failed: %s", request.path, request=request, exception=error, response=answer)

    said = json.loads(written(fail))
    assert said["request"] == "GET /slack/oauth/callback"
    assert "OSError: http://localhost/slack/oauth/callback?code=*** did not answer" in said["exception"]


def test_what_comes_in_place_of_a_request_is_left_out(written: Written) -> None:
    """Django's server for development hands its socket along."""
    log = logging.getLogger("django.server")
    said = written(lambda: log.info('"GET /demo/enter?key=open-sesame"', extra={"request": object()}))
    assert json.loads(said)["event"] == '"GET /demo/enter?key=***"'
    assert "object" not in said


def test_every_link_that_opens_something_is_masked_in_the_log() -> None:
    links = dict(_routes_with_words(get_resolver(), "/"))
    assert len(links) == 5
    for route, path in links.items():
        line = json.dumps({"event": f"Not Found: {path}", "request": f"GET {path}", "quoted": f'"{path}"'})
        masked = logs.mask(line)
        assert "open-sesame" not in masked, f"config/logs.py does not mask what {route} is given"
        assert json.loads(masked)["quoted"].endswith('"')


def _routes_with_words(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
    """The addresses of which a part is any word, with one in its place."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _routes_with_words(entry, before + str(entry.pattern))
        elif entry.name not in HARMLESS and _takes_words(entry):
            start = str(entry.pattern).lstrip("^").split("<")[0].split("(")[0]
            yield str(entry.name), f"{before}{start}1-open-sesame"


def _takes_words(entry: URLPattern) -> bool:
    kinds = entry.pattern.converters
    return any(type(kind) is StringConverter for kind in kinds.values()) or (
        not kinds and bool(entry.pattern.regex.groups)
    )
