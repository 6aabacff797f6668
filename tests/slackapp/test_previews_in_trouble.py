"""S24, S28: previews while Slack refuses or breaks, of people who come and go, and of visitors who are erased."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Member
from livechat.models import ChatSession
from livechat.tokens import VisitorClaim
from slackapp.actions import record_event
from slackapp.errors import DO_BY_CODE
from slackapp.models import Connection, InboundEvent, Installation, LinkPreview, PreviewedChat
from tests.cast import chat_of, newcomer, say, shop_of
from tests.payloads.slack import envelope, next_ts
from tests.slackapp.links import asked_in, calls, elsewhere, linked, posted, previews_of, to_chat
from tests.slackapp.peer import Slack, connected, fresh, later, settle
from tests.slackapp.threads import hear

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("console_here")]
UNFURL = "chat.unfurl"
# what the method's page names
CODES = """cannot_unfurl_message cannot_find_service cannot_find_message cannot_find_channel cannot_parse_attachment
    invalid_unfurls_format invalid_unfurl_id invalid_source missing_channel missing_ts missing_unfurl_id missing_source
    missing_unfurls invalid_metadata_format missing_scope""".split()


@pytest.fixture
def sales(slack: Slack, connection: Connection) -> str:
    return elsewhere(slack)


@pytest.fixture
def of_bob(slack: Slack, bob: Member) -> None:
    """Bob is linked."""
    linked(slack, bob, "bob")


def had_its_time() -> None:
    later()
    LinkPreview.objects.filter(due_at__gt=timezone.now()).update(due_at=timezone.now())


# --- Slack -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_slacks_no_is_final(slack: Slack, chat: ChatSession, sales: str, of_bob: None, code: str) -> None:
    assert code in DO_BY_CODE
    slack.fault("error", UNFURL, None, error=code)
    posted(slack, sales, to_chat(chat))
    assert (len(calls(slack)), LinkPreview.objects.count()) == (1, 0)
    assert fresh(chat.slack_link.connection).state == "ready"
    assert Installation.objects.get().state == "active"


@pytest.mark.parametrize("code", ["cannot_prompt", "cannot_auth_user"])
def test_who_cannot_be_asked_is_waited_for(slack: Slack, chat: ChatSession, sales: str, code: str) -> None:
    slack.fault("error", UNFURL, None, error=code)
    posted(slack, sales, to_chat(chat))
    had_its_time()
    assert (len(calls(slack)), LinkPreview.objects.get().state) == (1, "waiting")


def test_a_call_that_overtook_our_answer_is_repeated(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None
) -> None:
    slack.fault("error", UNFURL, 1, error="cannot_unfurl_url")
    ts = posted(slack, sales, to_chat(chat))
    had_its_time()
    settle(slack)
    assert to_chat(chat) in previews_of(slack, sales, ts)


def test_a_domain_that_slacks_admins_block_is_given_up(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None
) -> None:
    slack.fault("error", UNFURL, None, error="cannot_unfurl_url")
    posted(slack, sales, to_chat(chat))
    for _ in range(5):
        had_its_time()
        settle(slack)
    assert (len(calls(slack)), LinkPreview.objects.count()) == (3, 0)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("status", {"status": 503}),
        ("drop_before_commit", {}),
        ("drop_after_commit", {}),
        ("garbage", {}),
        ("ratelimit", {"retry_after": 1}),
    ],
)
def test_an_outage_and_a_limit_are_waited_for(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, kind: str, more: dict[str, Any]
) -> None:
    slack.fault(kind, UNFURL, 1, **more)
    ts = posted(slack, sales, to_chat(chat))
    had_its_time()
    settle(slack)
    assert list(previews_of(slack, sales, ts)) == [to_chat(chat)]


def test_a_preview_that_is_an_hour_late_is_given_up(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None
) -> None:
    slack.fault("ratelimit", UNFURL, None, retry_after=1)
    ts = posted(slack, sales, to_chat(chat))
    LinkPreview.objects.update(heard_at=timezone.now() - timedelta(hours=1, seconds=1))
    slack.clear_faults()
    had_its_time()
    settle(slack)
    assert previews_of(slack, sales, ts) == {}
    assert (LinkPreview.objects.count(), PreviewedChat.objects.count()) == (0, 0)


def test_without_a_key_nothing_is_asked_and_with_a_new_one_it_goes_on(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None
) -> None:
    Installation.objects.update(state=Installation.State.NEEDS_REAUTH)
    ts = posted(slack, sales, to_chat(chat))
    assert calls(slack) == []
    Installation.objects.update(state=Installation.State.ACTIVE)
    later()
    settle(slack)
    posted(slack, sales, to_chat(chat))
    assert to_chat(chat) in previews_of(slack, sales, ts)


# --- events ----------------------------------------------------------------------------------------------------------


def told(slack: Slack, channel: str, ts: str, url: str, **more: Any) -> dict[str, Any]:
    event = {
        "type": "link_shared",
        "user": slack.person("bob"),
        "channel": channel,
        "message_ts": ts,
        "links": [{"domain": "localhost", "url": url}],
        "event_ts": next_ts(),
    }
    return {name: value for name, value in {**event, **more}.items() if value is not None}


def test_an_older_event_names_no_unfurl_and_a_refresh_makes_it_anew(
    slack: Slack, connection: Connection, chat: ChatSession, claim: VisitorClaim, sales: str, of_bob: None
) -> None:
    url = to_chat(chat)
    ts = posted(slack, sales, url)
    say(claim, "And on Sundays?")
    hear(connection.installation, told(slack, sales, ts, url, is_unfurl_refresh=True))
    settle(slack)
    assert "\n2 messages," in previews_of(slack, sales, ts)[url]
    assert calls(slack)[-1]["args"]["channel"] == sales
    assert (LinkPreview.objects.count(), PreviewedChat.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "odd",
    [
        {"user": None},
        {"user": 7},
        {"user": ""},
        {"user": "U" * 40},
        {"channel": None},
        {"channel": ["C1"]},
        {"message_ts": None},
        {"message_ts": "1" * 300},
        {"unfurl_id": "x" * 400},
        {"source": {"a": 1}},
        {"links": None},
        {"links": "x"},
        {"links": [{"url": "https://elsewhere.example/console/chats"}]},
    ],
)
def test_what_slack_does_not_send_leaves_nothing(
    slack: Slack, connection: Connection, chat: ChatSession, sales: str, of_bob: None, odd: dict[str, Any]
) -> None:
    event = {**told(slack, sales, next_ts(), to_chat(chat)), **odd}
    hear(connection.installation, event)
    settle(slack)
    assert (calls(slack), LinkPreview.objects.count()) == ([], 0)
    assert not InboundEvent.objects.exclude(state="done").exists()


def test_people_of_another_company_are_neither_asked_nor_shown_anything(
    slack: Slack, connection: Connection, chat: ChatSession, mallory: Member
) -> None:
    """Slack does not tell of their links; should it, nothing happens, linked or not."""
    channel, url = connection.channel_id, to_chat(chat)
    slack.act("share", channel=channel, **{"with": "Globex"})
    slack.act("say", user="mallory", channel=channel, text=url, team="Acme")
    settle(slack)
    theirs = {"user": slack.person("mallory", "Globex")}
    named = {**theirs, "user_team": slack.team("Globex")["id"]}
    assert connection.installation is not None
    hear(connection.installation, told(slack, channel, next_ts(), url, **named))
    for who in (theirs, named):
        event = told(slack, channel, next_ts(), url, **who)
        record_event(envelope(connection.installation, event, is_ext_shared_channel=True))
        settle(slack)
        linked(slack, mallory, "mallory", "Globex")
    assert (calls(slack), LinkPreview.objects.count()) == ([], 0)
    assert not InboundEvent.objects.exclude(state="done").exists()


def test_in_a_shared_channel_our_own_people_are_asked_and_shown(
    slack: Slack, connection: Connection, chat: ChatSession, bob: Member
) -> None:
    channel = connection.channel_id
    slack.act("share", channel=channel, **{"with": "Globex"})
    ts = posted(slack, channel, to_chat(chat))
    assert len(asked_in(slack, channel, ts)) == 1
    linked(slack, bob, "bob")
    ts = posted(slack, channel, to_chat(chat))
    assert to_chat(chat) in previews_of(slack, channel, ts)


# --- people who come and go ------------------------------------------------------------------------------------------


def silent(slack: Slack, chat: ChatSession, channel: str) -> bool:
    before = len(calls(slack))
    posted(slack, channel, to_chat(chat))
    return len(calls(slack)) == before


def test_who_is_switched_off_or_no_member_any_more_is_shown_nothing(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, bob: Member
) -> None:
    assert not silent(slack, chat, sales)
    bob.user.is_active = False
    bob.user.save()
    assert silent(slack, chat, sales)
    bob.user.is_active = True
    bob.user.save()
    bob.delete()
    assert silent(slack, chat, sales)


def test_a_workspace_that_is_not_answered_from_this_slack_is_not_shown_there(
    slack: Slack, chat: ChatSession, connection: Connection, sales: str, alice: Member, mallory: Member
) -> None:
    """Mallory is a member of Globex's workspace, which is connected with Globex's Slack, and links Acme's account."""
    site = shop_of(mallory, "Globex Shop")
    claim = newcomer(site)
    say(claim)
    linked(slack, mallory, "carol")
    before = len(calls(slack))
    posted(slack, sales, to_chat(chat_of(claim)), "carol")
    assert len(calls(slack)) == before


def test_a_viewer_may_see_it_and_so_it_is_shown(
    slack: Slack, chat: ChatSession, sales: str, victor: Member
) -> None:
    linked(slack, victor, "carol")
    ts = posted(slack, sales, to_chat(chat), "carol")
    assert to_chat(chat) in previews_of(slack, sales, ts)


def test_rights_that_are_lost_while_slack_asks_to_wait_count(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, bob: Member
) -> None:
    slack.fault("ratelimit", UNFURL, 1, retry_after=1)
    ts = posted(slack, sales, to_chat(chat))
    bob.delete()
    had_its_time()
    settle(slack)
    assert previews_of(slack, sales, ts) == {}
    assert (LinkPreview.objects.count(), PreviewedChat.objects.count()) == (0, 0)


def test_what_slack_may_show_is_taken_back_once_the_poster_may_not_see_it(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None, bob: Member
) -> None:
    """Slack shows it, and the answer is lost."""
    slack.fault("drop_after_commit", UNFURL, 1)
    ts = posted(slack, sales, to_chat(chat))
    bob.delete()
    had_its_time()
    settle(slack)
    assert previews_of(slack, sales, ts) == {to_chat(chat): "This is no longer shown."}


def test_a_name_that_is_an_e_mail_address_is_not_shown(
    slack: Slack, chat: ChatSession, sales: str, of_bob: None
) -> None:
    chat.visitor.name = "ana@shop.example"
    chat.visitor.save()
    words = previews_of(slack, sales, posted(slack, sales, to_chat(chat)))[to_chat(chat)]
    assert words.startswith(f"Chat with Visitor {chat.visitor_id.hex[:4]}\n")
    assert "shop.example" not in words


def test_a_site_in_another_slack_has_its_own_previews(
    slack: Slack, chat: ChatSession, sales: str, mallory: Member
) -> None:
    """The same person's account in each Slack is one of its own."""
    other = connected(slack, mallory, shop_of(mallory, "Globex Shop"), "globex-chat")
    assert other.installation is not None
    linked(slack, mallory, "bob")
    assert silent(slack, chat, sales)
