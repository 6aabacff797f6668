"""Rows are locked in one order, workspace, chats, visitors: two who change the same at once wait, and neither dies.

On PostgreSQL each would otherwise hold what the other waits for, and the database would end one of them.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.access import agent_of
from accounts.actions.keeping import keep_chats
from accounts.errors import NotFound
from accounts.models import Member, Workspace
from livechat import access
from livechat.actions import blocking, erasure, identifying, retention, visitor_mails
from livechat.actions.chats import close_chat
from livechat.models import Attachment, ChatSession, Erasure, IdentityKey, Message, Site, Visitor
from livechat.tokens import VisitorClaim
from tests.at_once import at_once
from tests.cast import chat_of, say, say_with, uploaded
from tests.identity import key_of, token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim)
    return chat_of(claim)


@pytest.fixture
def key(alice: Member, site: Site) -> IdentityKey:
    return key_of(alice, site)


def holding(chat: ChatSession) -> Callable[[], Any]:
    return lambda: ChatSession.unscoped.select_for_update(of=("self",)).filter(pk=chat.pk)


def holding_the_visitor_of(chat: ChatSession) -> Callable[[], Any]:
    return lambda: Visitor.unscoped.select_for_update(of=("self",)).filter(pk=chat.visitor_id)


def come(site: Site, visitor_token: str | None, identity: str) -> None:
    identifying.settle(access.arrive(site.public_token, visitor_token, None, identity))


def old_enough(owner: Member) -> Workspace:
    """The workspace with a rule that holds; what is closed now is older than its moment."""
    Workspace.objects.filter(pk=keep_chats(owner, 30).pk).update(keep_from=timezone.now())
    return Workspace.objects.get(pk=owner.workspace_id)


def forget(workspace: Workspace, chat: ChatSession) -> bool:
    moment = timezone.now() + timedelta(minutes=1)
    return retention.forget_chat(workspace, chat.pk, moment, Erasure.Why.RULE)


@pytest.mark.parametrize("deed", [blocking.block, blocking.unblock])
def test_a_visitor_is_blocked_or_unblocked_while_they_are_erased(
    chat: ChatSession, alice: Member, bob: Member, deed: Callable[..., bool]
) -> None:
    if deed is blocking.unblock:
        blocking.block(chat.pk, agent_of(bob))
    came = at_once(
        holding(chat),
        lambda: deed(chat.pk, agent_of(bob)),
        lambda: erasure.erase_visitor(alice, chat.visitor_id),
    )
    assert came == ["done", "done"]
    assert not Visitor.unscoped.exists()


def test_a_visitor_is_blocked_while_their_old_chat_goes(
    chat: ChatSession, alice: Member, bob: Member
) -> None:
    close_chat(chat.pk)
    workspace = old_enough(alice)
    came = at_once(
        holding(chat), lambda: blocking.block(chat.pk, agent_of(bob)), lambda: forget(workspace, chat)
    )
    assert came == ["done", "done"]
    assert not ChatSession.unscoped.exists()
    assert Visitor.unscoped.get().is_blocked, "who is blocked stays out"


def test_the_website_says_another_name_while_the_visitor_is_blocked(
    key: IdentityKey, site: Site, bob: Member
) -> None:
    claim = access.arrive(site.public_token, None, None, token(key)).claim
    say(claim)
    chat = chat_of(claim)
    came = at_once(
        holding(chat),
        lambda: blocking.block(chat.pk, agent_of(bob)),
        lambda: come(site, claim.visitor_token, token(key, name="Carol Smith")),
    )
    assert came == ["done", "done"]
    assert (Visitor.unscoped.get().name, Visitor.unscoped.get().is_blocked) == ("Carol Smith", True)


def test_an_unknown_visitor_logs_in_while_another_tab_sends_a_file(
    key: IdentityKey, site: Site, claim: VisitorClaim, chat: ChatSession
) -> None:
    file = uploaded(claim)
    came = at_once(
        holding(chat),
        lambda: say_with(claim, file, text="here it is"),
        lambda: come(site, claim.visitor_token, token(key)),
    )
    assert came == ["done", "done"]
    chat.refresh_from_db()
    assert chat.visitor.external_id == "4711"
    sent = Attachment.unscoped.get(pk=file.pk)
    assert (sent.message, sent.uploader) == (Message.unscoped.get(body="here it is"), chat.visitor.token_hash)


def test_somebody_wants_no_more_mails_while_their_old_chat_goes(chat: ChatSession, alice: Member) -> None:
    close_chat(chat.pk)
    workspace = old_enough(alice)
    visitor = Visitor.unscoped.select_related("site").get(pk=chat.visitor_id)
    stop = visitor_mails.stop_of(visitor)
    came = at_once(
        holding_the_visitor_of(chat),
        lambda: visitor_mails.end_mails(stop),
        lambda: forget(workspace, chat),
    )
    assert came == ["done", "done"]
    assert visitor_mails.is_stopped(stop)


def test_a_chat_that_begins_while_its_visitor_is_erased_goes_too(
    chat: ChatSession, claim: VisitorClaim, alice: Member
) -> None:
    """It is not there yet when the erasure looks for chats, and it is when the erasure may go on."""
    close_chat(chat.pk)

    def write() -> list[object]:
        return [*holding(chat)(), say(claim, "one more thing")]

    came = at_once(write, lambda: erasure.erase_visitor(alice, chat.visitor_id))
    assert came == ["done"]
    assert not ChatSession.unscoped.exists()
    assert Erasure.unscoped.get().chats == 2


@pytest.mark.parametrize("is_erased_first", [True, False])
def test_a_visitor_writes_again_while_they_are_erased(
    chat: ChatSession, claim: VisitorClaim, alice: Member, is_erased_first: bool
) -> None:
    """PostgreSQL looks at the commit whether the new chat's visitor and earlier chat are there, and locks both."""
    close_chat(chat.pk)
    deeds = [lambda: say(claim, "one more thing"), lambda: erasure.erase_visitor(alice, chat.visitor_id)]
    came = at_once(holding_the_visitor_of(chat), *(reversed(deeds) if is_erased_first else deeds))
    assert came == ["done", "done"]
    assert not Message.unscoped.filter(body="Hello").exists()
    # in whichever order: what is written after the erasure is a new visitor's
    left = list(ChatSession.unscoped.values_list("previous", flat=True))
    assert left in ([], [None])


def test_mallory_erases_nobody_of_acme(chat: ChatSession, mallory: Member) -> None:
    with pytest.raises(NotFound):
        erasure.erase_visitor(mallory, chat.visitor_id)
    assert Visitor.unscoped.exists()
