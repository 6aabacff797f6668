"""A shop's chats as they stand on a morning, made through the product's own actions."""

import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.actions.messages import VisitorDraft, post_visitor_message
from livechat.actions.sites import create_site
from livechat.models import ChatSession, Message, Site
from livechat.tokens import VisitorClaim, new_claim
from slackapp.models import Connection, Installation

Write = Callable[..., Message]


@pytest.fixture
def shop(alice: Member) -> Site:
    return create_site(alice, "Acme shop")


@pytest.fixture
def foreign_shop(mallory: Member) -> Site:
    return create_site(mallory, "Globex shop")


@pytest.fixture
def write() -> Write:
    """A visitor's line; with the same claim it goes on in the same chat."""

    def post(site: Site, body: str, claim: VisitorClaim | None = None) -> Message:
        draft = VisitorDraft(client_message_id=uuid.uuid4(), body=body)
        return post_visitor_message(claim or new_claim(site.id), draft)

    return post


@pytest.fixture
def chat(shop: Site, write: Write) -> ChatSession:
    return write(shop, "Is the blue one in stock?").chat


@pytest.fixture
def installation(db: None) -> Installation:
    return Installation.objects.create(
        slack_team_id="T0ACME",
        app_id="A0SANDBOX1",
        team_name="Acme HQ",
        bot_token="xoxb-never-shown",
        bot_user_id="U0BOT",
        bot_id="B0BOT",
        installed_by_slack_user_id="U0ALICE",
        installed_at=timezone.now(),
    )


@pytest.fixture
def connection(shop: Site, installation: Installation) -> Connection:
    return Connection.unscoped.create(
        workspace=shop.workspace,
        site=shop,
        installation=installation,
        channel_id="C0CHAT",
        channel_name="website-chat",
        state=Connection.State.READY,
    )
