"""The operator's pages (C12) over chats and Slack: find what is stuck, change nothing, read no words or secrets."""

import pytest
from django.test import Client

from livechat.models import ChatSession
from slackapp.models import Connection
from tests.accounts.operators import operators_browser
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db

LISTS = {
    "livechat": ["site", "visitor", "chatsession", "message"],
    "slackapp": [
        "installation",
        "connection",
        "slackidentity",
        "chatlink",
        "delivery",
        "lane",
        "inboundevent",
    ],
}
PAGES = [f"/admin/{app}/{model}/" for app, models in LISTS.items() for model in models]


@pytest.fixture
def operator(client_of: ClientOf) -> Client:
    return operators_browser(client_of)


@pytest.mark.parametrize("page", PAGES)
def test_every_list_opens_is_searched_and_adds_nothing(
    operator: Client, connection: Connection, chat: ChatSession, page: str
) -> None:
    assert operator.get(page).status_code == 200
    assert operator.get(f"{page}?q=acme").status_code == 200
    assert operator.get(f"{page}add/").status_code == 403


def test_the_operator_reads_no_words_and_no_token(
    operator: Client, connection: Connection, chat: ChatSession
) -> None:
    message = chat.messages.get()
    addresses = [f"/admin/livechat/message/{message.pk}/change/", "/admin/livechat/message/"]
    addresses += [f"/admin/slackapp/installation/{connection.installation_id}/change/"]
    for address in addresses:
        page = operator.get(address)
        assert page.status_code == 200
        assert "blue one" not in page.content.decode()
        assert "xoxb" not in page.content.decode()


def test_an_owner_is_no_operator(client_of, alice, chat: ChatSession) -> None:
    assert client_of(alice).get("/admin/livechat/message/").status_code == 302
