"""S9 in the console: a site's routes are added, tried, ordered by buttons, changed and removed by those who may."""

import re
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import Member
from livechat.models import Site
from slackapp.models import Connection
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db
OFFICE = {
    "hours-0-days": ["0", "1"],
    "hours-0-begin": "09:00",
    "hours-0-end": "17:00",
    "zone": "Europe/Vilnius",
}


def page(client_of: ClientOf, member: Member, site: Site) -> str:
    return client_of(member).get(f"/console/slack/sites/{site.pk}/routes").content.decode()


def add(client_of: ClientOf, member: Member, site: Site, **data: object) -> str:
    """Where it leads, or what it says."""
    answer = client_of(member).post(f"/console/slack/sites/{site.pk}/routes/add", data)
    return str(answer.headers.get("Location") or answer.content.decode())


def added(client_of: ClientOf, member: Member, site: Site, name: str, **data: object) -> Connection:
    add(client_of, member, site, name=name, **data)
    Connection.unscoped.filter(name=name).update(
        channel_id=f"C0{name.upper()}", channel_name=name, state="ready"
    )
    return Connection.objects.in_workspace(member.workspace).get(name=name)


def names(text: str) -> list[str]:
    return re.findall(r'data-route="([^"]*)"', text)


def test_a_site_begins_with_its_default(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    assert names(page(client_of, alice, shop)) == ["default"]


def test_a_site_without_slack_says_what_comes_first(client_of: ClientOf, alice: Member, shop: Site) -> None:
    assert "Connect Acme shop first" in page(client_of, alice, shop)


def test_a_new_route_is_shown_in_words_and_leads_to_its_channel(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    led = add(client_of, alice, shop, name="Sales", pages="/pricing*", language="de", mode="noisy", **OFFICE)
    route = Connection.objects.in_workspace(alice.workspace).get(name="Sales")
    assert led == f"/console/slack/{route.pk}"
    assert (route.mode, route.is_default, route.installation) == ("noisy", False, connection.installation)
    shown = page(client_of, alice, shop)
    assert "on /pricing* · in de · Mon, Tue 09:00–17:00 (Europe/Vilnius)" in shown
    assert "no channel yet" in shown
    assert "Choose the channel" in client_of(alice).get(led).content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": ""}, "Give the route a name"),
        ({"name": "x"}, "Without a condition"),
        ({"name": "x", "pages": "pricing"}, "Begin the page"),
        ({"name": "x", "pages": "/a?b=1"}, "what follows ? or #"),
        ({"name": "x", "pages": "ftp://a/b"}, "Begin the page"),
        ({"name": "x", "language": "German!"}, "for example de"),
        ({"name": "x", "hours-0-begin": "09:00", "hours-0-end": "17:00"}, "Choose the days"),
        ({"name": "x", **OFFICE, "hours-0-begin": "9"}, "Write the hours"),
        ({"name": "x", **OFFICE, "hours-0-end": "08:00"}, "Write a night in two lines"),
        ({"name": "x", **OFFICE, "zone": "Mars/Olympus"}, "Choose a time zone"),
        ({"name": "x", **OFFICE, "hours-3-days": ["9"]}, "Select a valid choice"),
        ({"name": "x", "language": "de", "installation": "x"}, "Slack workspaces that are listed"),
        ({"name": "x", **OFFICE, "zone": "../../etc/passwd"}, "Choose a time zone"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_was_typed(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection, data: dict[str, object], said: str
) -> None:
    answer = add(client_of, alice, shop, **data)
    assert said in answer.replace("&#x27;", "’")
    assert names(answer) == ["default"]
    if data.get("pages"):
        assert f'value="{data["pages"]}"' in answer


def test_hours_come_in_several_lines_and_are_there_to_be_changed(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    afternoon = {"hours-1-days": ["0", "1"], "hours-1-begin": "18:00", "hours-1-end": "00:00"}
    saturday = {"hours-5-days": ["5"], "hours-5-begin": "10:00", "hours-5-end": "14:00"}
    route = added(client_of, alice, shop, "Sales", **OFFICE, **afternoon, **saturday)
    said = "Mon, Tue 09:00–17:00, 18:00–24:00; Sat 10:00–14:00 (Europe/Vilnius)"
    assert said in page(client_of, alice, shop)
    form = client_of(alice).get(f"/console/slack/routes/{route.pk}").content.decode()
    for field in (
        'hours-0-begin" value="09:00"',
        'hours-1-end" value="00:00"',
        'hours-2-begin" value="10:00"',
    ):
        assert field in form
    assert 'name="hours-3-begin" value=""' in form
    assert len(re.findall("checked>", form)) == 5


def test_what_was_typed_is_still_there_when_it_is_refused(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    answer = add(client_of, alice, shop, name="", **OFFICE)
    assert 'name="hours-0-begin" value="09:00"' in answer
    assert 'name="hours-1-begin" value=""' in answer


def test_the_one_interval_of_an_older_route_becomes_its_first_line(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    route = added(client_of, alice, shop, "Sales", language="de", **OFFICE)
    several = route.conditions
    before = {"language": "de", "days": [0, 1], "begin": "09:00", "end": "17:00", "zone": "Europe/Vilnius"}
    Connection.unscoped.filter(pk=route.pk).update(conditions=before)
    moving = import_module("slackapp.migrations.0020_routes_of_several_hours")
    moving.to_several(apps, None)
    route.refresh_from_db()
    assert route.conditions == several
    moving.to_one(apps, None)
    route.refresh_from_db()
    assert route.conditions == before


def test_another_route_is_made_the_default(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    route = added(client_of, alice, shop, "Sales", pages="/pricing")
    said = client_of(alice).post(f"/console/slack/routes/{route.pk}/default", follow=True).content.decode()
    assert names(said) == ["website-chat", "default"]
    assert "Default: Sales" in said
    assert "no condition yet: it takes no chats" in said
    connection.refresh_from_db()
    assert not connection.is_default


def test_routes_are_ordered_by_buttons(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    for name, language in (("one", "de"), ("two", "fr"), ("three", "it")):
        added(client_of, alice, shop, name, language=language)
    two = Connection.objects.in_workspace(alice.workspace).get(name="two")
    client_of(alice).post(f"/console/slack/routes/{two.pk}/move", {"to": "up"})
    assert names(page(client_of, alice, shop)) == ["two", "one", "three", "default"]
    for _ in range(5):
        client_of(alice).post(f"/console/slack/routes/{two.pk}/move", {"to": "down"})
    assert names(page(client_of, alice, shop)) == ["one", "three", "two", "default"]


def test_a_route_is_changed_and_removed(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    route = added(client_of, alice, shop, "Sales", pages="/pricing")
    browser, address = client_of(alice), f"/console/slack/routes/{route.pk}"
    assert 'value="/pricing"' in browser.get(address).content.decode()
    browser.post(address, {"name": "Sales", "pages": "/prices", "department": "Sales"})
    route.refresh_from_db()
    assert route.conditions == {"pages": "/prices", "department": "Sales"}
    browser.post(f"{address}/remove")
    assert names(page(client_of, alice, shop)) == ["default"]
    assert browser.get(address).status_code == 404


def test_a_case_is_tried_without_a_chat(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    added(client_of, alice, shop, "Sales", pages="/pricing*", **OFFICE)

    def tried(**case: str) -> str:
        return client_of(alice).get(f"/console/slack/sites/{shop.pk}/routes/try", case).content.decode()

    monday = {"at": "2026-03-02T10:00", "zone": "Europe/Vilnius"}
    assert "Sales</strong>, #Sales" in tried(url="https://shop.example/pricing", **monday)
    assert "the default</strong>, #website-chat" in tried(url="https://shop.example/about", **monday)
    evening = {**monday, "at": "2026-03-02T20:00"}
    assert "the default" in tried(url="https://shop.example/pricing", **evening)
    assert "the default" in tried(url="<script>", at="never", zone="nowhere")
    assert "cannot be read" in tried(url="\0")


def test_the_default_cannot_go_while_others_lead_to_slack(
    client_of: ClientOf, alice: Member, shop: Site, connection: Connection
) -> None:
    added(client_of, alice, shop, "Sales", pages="/pricing")
    address = f"/console/slack/{connection.pk}/disconnect"
    assert (
        "Remove them first"
        in client_of(alice).post(address, {"word": "disconnect"}, follow=True).content.decode()
    )
    connection.refresh_from_db()
    assert connection.state == "ready"


def test_agents_read_routes_and_change_none(
    client_of: ClientOf, alice: Member, bob: Member, mallory: Member, shop: Site, connection: Connection
) -> None:
    route = added(client_of, alice, shop, "Sales", pages="/pricing")
    shown = page(client_of, bob, shop)
    assert names(shown) == ["Sales", "default"]
    assert "Add a route" not in shown
    deeds = [
        f"sites/{shop.pk}/routes/add",
        f"routes/{route.pk}/move",
        f"routes/{route.pk}/remove",
        f"routes/{route.pk}/default",
        f"routes/{route.pk}",
    ]
    for deed in deeds:
        assert (
            client_of(bob).post(f"/console/slack/{deed}", {"name": "x", "language": "de"}).status_code == 403
        )
        assert (
            client_of(mallory).post(f"/console/slack/{deed}", {"name": "x", "language": "de"}).status_code
            == 404
        )
    assert client_of(mallory).get(f"/console/slack/sites/{shop.pk}/routes").status_code == 404
    assert client_of(mallory).get(f"/console/slack/sites/{shop.pk}/routes/try").status_code == 404
    assert Connection.objects.in_workspace(alice.workspace).filter(is_default=False).count() == 1
