"""Makes the demo: Acme with Alice and Bob, a site, and Slack connected through the very pages a person would use."""

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts.access import members_of
from accounts.actions import add_member, create_workspace
from accounts.models import Member, Role, User
from livechat import demo
from livechat.actions.sites import create_site
from livechat.models import Site
from slackapp import keys
from slackapp.errors import Answered
from slackapp.management.browser import Browser, Form, Lost
from slackapp.models import Connection

# a name that an earlier demo took is not given twice by Slack
CHANNEL_TRIES = 20


class Command(BaseCommand):
    help = "Seeds the demo against the running product and Slack sandbox. Harmless to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--product", default=settings.PUBLIC_URL, help="where the product answers")

    def handle(self, *args: Any, product: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo: start it with bin/run, which sets DEMO=1.")
        site = seed_rows()
        try:
            connection = connected(site, product)
        except Lost as error:
            raise CommandError(f"The demo could not be connected to its Slack. {error}") from error
        self.stdout.write(json.dumps(addresses(connection, product)))


def seed_rows() -> Site:
    """The workspace, its people and its site; whatever is there already stays as it is."""
    with transaction.atomic():
        owner = acme()
        if (
            site := Site.objects.in_workspace(owner.workspace).filter(name=demo.SITE_NAME).first()
        ) is not None:
            return site
        return create_site(owner, demo.SITE_NAME)


def acme() -> Member:
    alice = person(demo.OWNER_EMAIL, "Alice")
    mine = [member for member in members_of(alice) if member.workspace.name == demo.WORKSPACE_NAME]
    owner = mine[0] if mine else create_workspace(demo.WORKSPACE_NAME, alice, agent_name="Alice")
    add_member(owner.workspace, person(demo.AGENT_EMAIL, "Bob"), Role.AGENT, agent_name="Bob", actor=alice)
    return owner


def person(email: str, name: str) -> User:
    """Without a password: the demo's people come in by its link only."""
    return User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=name)


def connected(site: Site, product: str) -> Connection:
    """The site's connection, ready. Slack is asked whether it still knows us: its state may have been thrown away."""
    found = current(site)
    if found is not None and works(found):
        return found
    browser = Browser()
    browser.open(enter_link(product))
    browser.submit(connect_form(browser, site, found), **({} if found else {"site": str(site.pk)}))
    browser.submit(browser.form("/oauth/v2/authorize", "decision"), decision="allow")
    return with_channel(browser, site, product)


def current(site: Site) -> Connection | None:
    rows = Connection.objects.in_workspace(site.workspace).filter(site=site, is_default=True)
    return rows.exclude(state=Connection.State.DISCONNECTED).select_related("installation").first()


def works(connection: Connection) -> bool:
    """Whether Slack knows our token and the channel."""
    installation = connection.installation
    if connection.state != Connection.State.READY or installation is None or not installation.bot_token:
        return False
    try:
        keys.call(installation, "conversations.info", channel=connection.channel_id)
    except Answered:
        return False
    return True


def enter_link(product: str) -> str:
    return f"{product}{reverse('demo_enter')}?{urlencode({'key': demo.enter_key()})}"


def connect_form(browser: Browser, site: Site, found: Connection | None) -> Form:
    if found is None:
        browser.open(reverse("slack"))
        wanted = [form for form in browser.forms if form.fields.get("site") == str(site.pk)]
        return wanted[0] if wanted else browser.form(reverse("slack_connect"), "site")
    browser.open(reverse("slack_connection", args=[found.pk]))
    return browser.form(reverse("slack_reconnect", args=[found.pk]))


def with_channel(browser: Browser, site: Site, product: str) -> Connection:
    for number in range(1, CHANNEL_TRIES):
        found = current(site)
        if found is None:
            raise Lost("Slack came back without a connection.")
        if works(found):
            return found
        browser.open(f"{product}{reverse('slack_connection', args=[found.pk])}")
        name = demo.CHANNEL_NAME if number == 1 else f"{demo.CHANNEL_NAME}-{number}"
        browser.submit(browser.form(reverse("slack_create_channel", args=[found.pk]), "name"), name=name)
    raise Lost(f"No channel could be made under the name {demo.CHANNEL_NAME} or one like it.")


def addresses(connection: Connection, product: str) -> dict[str, str]:
    """What a person opens, for bin/run to print."""
    team = connection.installation.slack_team_id if connection.installation else ""
    return {
        "shop": f"{product}{reverse('demo')}",
        "console": enter_link(product),
        "slack": f"{settings.SLACK_WEB_URL}/client/{team}/{connection.channel_id}",
    }
