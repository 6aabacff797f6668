"""B7: what a plan holds keeps nobody's words out. A visitor of a workspace far over its limit, on the real socket."""

import pytest

from accounts.actions.entitlements import set_entitlements
from accounts.models import Member
from billing import metering, nearing
from billing.plans import FREE
from livechat.models import ChatFigures, Message
from tests import cast
from tests.serving import Served

pytestmark = pytest.mark.django_db(transaction=True)


def test_far_over_the_limit_every_message_still_arrives(server: Served, alice: Member) -> None:
    shop = cast.shop_of(alice)
    set_entitlements(alice.workspace_id, FREE.entitlements)
    alice.workspace.refresh_from_db()
    cast.say(cast.newcomer(shop))
    counted = ChatFigures.unscoped.get()
    copies = [
        ChatFigures(site=shop, day=counted.day, slot=0, asked_at=counted.asked_at) for _ in range(1_000)
    ]
    ChatFigures.unscoped.bulk_create(copies)
    nearing.count_all()
    assert metering.usage(alice.workspace).chats == 1_001
    for number in range(2):
        with server.socket() as tab:
            tab.hello(shop.public_token)
            assert tab.say(f"Do you ship to Norway? {number}")["type"] == "ack"
            assert tab.say("Hello?")["seq"] == 2
    assert Message.unscoped.filter(author_kind="visitor").count() == 5
    nearing.count_all()
    assert metering.usage(alice.workspace).chats == 1_003
