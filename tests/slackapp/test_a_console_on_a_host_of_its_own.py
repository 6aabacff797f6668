"""S1, S2, S3: where the console has a host of its own, ways through Slack end there, whichever host they begin on."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from pytest_django import Settings

from accounts.models import Member, User
from slackapp.models import Connection, SlackIdentity
from tests.conftest import ClientOf
from tests.serving import Served
from tests.slackapp.peer import Slack
from tests.slackapp.ways import decide, query_of

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """Keeps cookies per host, as browsers do, and decides on Slack's page what its person wants."""

    def __init__(self, slack: Slack) -> None:
        self.slack, self.http = slack, httpx.Client(timeout=10)
        self.been: list[str] = []

    def go(self, address: str, person: str = "alice", decision: str = "allow") -> httpx.Response:
        """To the end of all redirects, through Slack if they lead there."""
        for _ in range(8):
            self.been.append(address)
            if address.startswith(self.slack.url):
                back = decide(self.slack, address, person, decision=decision)
                address = f"{query_of(address)['redirect_uri']}?{httpx.QueryParams(back)}"
                continue
            answer = self.http.get(address)
            if answer.status_code != 302:
                return answer
            address = str(httpx.URL(address).join(answer.headers["Location"]))
        raise AssertionError(f"it goes round: {self.been}")

    def log_in(self, client_of: ClientOf, member: Member, host: str) -> None:
        for morsel in client_of(member).cookies.values():
            self.http.cookies.set(morsel.key, morsel.value, domain=host)


@pytest.fixture
def hosts(slack: Slack, server: Served, settings: Settings) -> tuple[str, str]:
    """The public address and the console's: one server that answers to two names."""
    settings.CONSOLE_URL = f"http://localhost:{server.port}"
    return settings.PUBLIC_URL, settings.CONSOLE_URL


@pytest.fixture
def browser(slack: Slack) -> Iterator[Browser]:
    found = Browser(slack)
    yield found
    found.http.close()


@pytest.mark.parametrize("begun_at", [0, 1], ids=["public", "console"])
def test_adding_to_slack_ends_in_the_console(hosts: tuple[str, str], browser: Browser, begun_at: int) -> None:
    answer = browser.go(f"{hosts[begun_at]}/slack/install")
    assert (answer.status_code, origin(answer)) == (200, hosts[1])
    assert answer.url.path.endswith("/welcome")
    assert Connection.unscoped.get().installation is not None


@pytest.mark.parametrize("begun_at", [0, 1], ids=["public", "console"])
def test_connecting_from_the_console_comes_back_to_it(
    hosts: tuple[str, str],
    browser: Browser,
    connection: Connection,
    alice: Member,
    client_of: ClientOf,
    begun_at: int,
) -> None:
    browser.log_in(client_of, alice, "localhost.local")
    answer = browser.go(f"{hosts[begun_at]}/slack/install?connection={connection.pk}")
    assert (answer.status_code, origin(answer)) == (200, hosts[1])
    assert "Slack has allowed it" in answer.text


@pytest.mark.parametrize("begun_at", [0, 1], ids=["public", "console"])
def test_logging_in_ends_in_the_console(
    hosts: tuple[str, str], browser: Browser, slack: Slack, alice: Member, begun_at: int
) -> None:
    SlackIdentity.objects.create(
        slack_team_id=slack.team()["id"], slack_user_id=slack.person("alice"), user=alice.user
    )
    answer = browser.go(f"{hosts[begun_at]}/slack/login?next=/console/sites")
    assert (answer.status_code, str(answer.url)) == (200, f"{hosts[1]}/console/sites")


def test_what_was_declined_is_told_in_the_console(hosts: tuple[str, str], browser: Browser) -> None:
    answer = browser.go(f"{hosts[0]}/slack/install", decision="deny")
    assert (answer.status_code, origin(answer)) == (400, hosts[1])
    assert "declined in Slack" in answer.text
    assert not User.objects.exists()


def test_another_browser_gets_nothing_on_either_host(
    hosts: tuple[str, str], browser: Browser, slack: Slack
) -> None:
    address = browser.http.get(f"{hosts[1]}/slack/install").headers["Location"]
    back = httpx.QueryParams(slack.authorise(address, slack.person("alice")))
    for host in hosts:
        strange = httpx.get(f"{host}/slack/oauth/callback?{back}", follow_redirects=True)
        assert (strange.status_code, User.objects.count()) == (400, 0)


def test_slack_is_told_of_one_address(hosts: tuple[str, str], browser: Browser) -> None:
    for begun_at in hosts:
        browser.go(f"{begun_at}/slack/install", decision="deny")
    told = {query_of(one)["redirect_uri"] for one in browser.been if "redirect_uri" in query_of(one)}
    assert told == {f"{hosts[0]}/slack/oauth/callback"}


def test_pages_for_everybody_stay_on_the_public_host(hosts: tuple[str, str]) -> None:
    for path in ("/slack/scopes", "/privacy", "/support"):
        assert httpx.get(f"{hosts[0]}{path}").status_code == 200


def test_the_address_with_the_code_is_kept_by_nobody(hosts: tuple[str, str]) -> None:
    answer = httpx.get(f"{hosts[0]}/slack/oauth/callback?code=secret&state=x")
    assert answer.headers["Location"] == f"{hosts[1]}/slack/oauth/callback?code=secret&state=x"
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == (
        "no-referrer",
        "private, no-store",
    )


@pytest.mark.parametrize("path", ["/", "/widget.js", "/healthz", "/readyz"])
def test_what_needs_no_login_stays_where_it_is(hosts: tuple[str, str], path: str) -> None:
    assert httpx.get(f"{hosts[0]}{path}").status_code == 200


def test_what_slack_posts_is_taken_where_slack_posts_it(hosts: tuple[str, str]) -> None:
    assert httpx.post(f"{hosts[0]}/slack/events", content=b"{}").status_code == 401


def test_nobody_is_sent_to_a_host_that_the_address_names(hosts: tuple[str, str]) -> None:
    answer = httpx.get(f"{hosts[0]}/slack//evil.example/install")
    assert urlsplit(answer.headers["Location"]).netloc == urlsplit(hosts[1]).netloc


def origin(answer: httpx.Response) -> str:
    return f"{answer.url.scheme}://{answer.url.netloc.decode()}"
