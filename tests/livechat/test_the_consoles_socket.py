"""The console's socket: this browser's session, our own page, this workspace (S10, G5)."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.test import Client

from accounts.access import agent_of
from accounts.actions import create_workspace, members, own_account
from accounts.models import Member, Role, Workspace
from livechat.actions import assigning, blocking, chats
from livechat.actions.messages import post_agent_message
from livechat.models import ChatRead, ChatSession, ConsoleVisit, Site
from livechat.tokens import VisitorClaim
from tests.accounts.factors import with_app
from tests.accounts.operators import operators_browser
from tests.cast import chat_of, newcomer, say
from tests.conftest import ClientOf
from tests.serving import Served, Socket

OWN = django_settings.CONSOLE_URL


def cookie_of(browser: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())


@pytest.fixture
def console(server: Served, client_of: ClientOf):
    """Opens a console for somebody; all are closed at the end."""
    opened: list[Socket] = []

    def open_for(who: Member, origin: str | None = OWN) -> Socket:
        opened.append(server.socket("/ws/console", origin, Cookie=cookie_of(client_of(who))))
        return opened[-1]

    yield open_for
    for socket in opened:
        socket.connection.close()


@pytest.fixture
def chat(claim: VisitorClaim) -> ChatSession:
    say(claim, "Hello?")
    return chat_of(claim)


def settled(socket: Socket) -> Socket:
    """The socket has entered its group once it answers anything at all."""
    socket.raw("{}")
    assert socket.hear_type("error")["code"] == "bad_frame"
    return socket


def test_a_visitors_line_is_a_hint_without_words(console: Any, alice: Member, claim: VisitorClaim) -> None:
    page = settled(console(alice))
    message = say(claim, "private words")
    assert page.hear() == {"type": "changed", "chat": str(message.chat_id), "said": "free"}


def test_each_console_learns_whose_chat_the_visitor_wrote_in(
    console: Any, alice: Member, bob: Member, chat: ChatSession, claim: VisitorClaim
) -> None:
    assigning.assign(chat.pk, agent_of(bob), agent_of(alice), alice.user, None)
    hers, his = settled(console(alice)), settled(console(bob))
    say(claim, "Still there?")
    assert (hers.hear_type("changed")["said"], his.hear_type("changed")["said"]) == ("theirs", "mine")
    post_agent_message(chat.pk, agent_of(bob), "Yes.")
    assert "said" not in hers.hear_type("changed")


def test_mallory_hears_nothing_of_acme(
    console: Any, alice: Member, mallory: Member, claim: VisitorClaim
) -> None:
    hers, alices = settled(console(mallory)), settled(console(alice))
    chats.close_chat(say(claim).chat_id)
    assert alices.hear_type("changed")
    assert hers.is_silent()


def test_mallory_can_neither_type_nor_mark_in_acmes_chat(
    console: Any, mallory: Member, chat: ChatSession, claim: VisitorClaim
) -> None:
    page = console(mallory)
    for frame in ({"type": "typing"}, {"type": "seen", "seq": 1}):
        page.send(chat=str(chat.pk), **frame)
        assert page.hear_type("error")["code"] == "not_found"
    assert chat_of(claim).agent_seen_seq == 0


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", OWN + ".evil.example", OWN + ":1", OWN.upper()]
)
def test_another_origin_is_turned_away(console: Any, alice: Member, origin: str | None) -> None:
    assert console(alice, origin).closed_with() == 4403


@pytest.mark.parametrize(
    "cookie", ["", "sessionid=", "sessionid=stolen", "sessionid=" + "x" * 4000, "sessionid=\xe9", ";;;"]
)
def test_without_a_session_nobody_comes_in(server: Served, acme: Workspace, cookie: str) -> None:
    with server.socket("/ws/console", OWN, Cookie=cookie) as page:
        assert page.closed_with() == 4401


def test_somebody_of_no_workspace_is_turned_away(console: Any, alice: Member) -> None:
    alice.delete()
    assert console(alice).closed_with() == 4401


def at_console(server: Served, browser: Client, workspace: Workspace) -> Socket:
    return server.socket(f"/ws/console?workspace={workspace.pk}", OWN, Cookie=cookie_of(browser))


def change_the_role(alice: Member, bob: Member, bobs: Client) -> None:
    members.change_role(alice, bob, Role.ADMIN)


def take_out(alice: Member, bob: Member, bobs: Client) -> None:
    """With another workspace to go to: this page is not of that one."""
    create_workspace("Initech", bob.user)
    members.take_out(alice, bob)


def end_the_session(alice: Member, bob: Member, bobs: Client) -> None:
    about = {"ip": "192.0.2.7", "user_agent": "Firefox"}
    key = str(bobs.session.session_key)
    UserSession.objects.update_or_create(user=bob.user, session_key=key, defaults=about)[0].end()


def log_out(alice: Member, bob: Member, bobs: Client) -> None:
    """In another tab of the same browser."""
    bobs.post("/accounts/logout/")


def ask_for_a_second_factor(alice: Member, bob: Member, bobs: Client) -> None:
    with_app(alice.user)
    own_account.require_second_factor(alice, True)


@pytest.mark.parametrize(
    ("deed", "comes_back", "page_then"),
    [
        (change_the_role, True, "Chats"),
        (take_out, False, "Initech"),
        (end_the_session, False, "Log in"),
        (log_out, False, "Log in"),
        (ask_for_a_second_factor, False, "second factor"),
    ],
)
def test_an_open_window_is_looked_at_again_when_what_its_person_may_has_changed(
    server: Served,
    alice: Member,
    bob: Member,
    client_of: ClientOf,
    deed: Any,
    comes_back: bool,
    page_then: str,
) -> None:
    """Closed with 1012, it comes back by itself; whoever may not is told so by 4401, and by the page that they load."""
    bobs = client_of(bob)
    bobs.get("/console/chats")  # as people do: the session is noted
    with settled(at_console(server, bobs, alice.workspace)) as page:
        deed(alice, bob, bobs)
        assert page.closed_with() == 1012
    with at_console(server, bobs, alice.workspace) as page:
        if comes_back:
            settled(page)
        else:
            assert page.closed_with() == 4401
    assert page_then in bobs.get("/console/chats", follow=True).content.decode()


def test_typing_shows_the_agents_face_to_the_visitor(
    server: Served, console: Any, bob: Member, chat: ChatSession, site: Site, claim: VisitorClaim
) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        console(bob).send(type="typing", chat=str(chat.pk))
        author = tab.hear_type("typing")["author"]
    assert (author["kind"], author["name"]) == ("agent", "Bob")


def test_a_visitors_typing_reaches_the_console_without_words(
    server: Served, console: Any, bob: Member, chat: ChatSession, site: Site, claim: VisitorClaim
) -> None:
    page = settled(console(bob))
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        tab.send(type="typing")
        tab.send(type="typing")
        told = page.hear_type("typing")
        assert (told["chat"], told["author"]["kind"]) == (str(chat.pk), "visitor")
        assert page.is_silent()


def test_nobody_sees_a_blocked_visitor_type(
    server: Served, console: Any, bob: Member, chat: ChatSession, site: Site, claim: VisitorClaim
) -> None:
    """In the tab that was open when it happened, and in one that came later."""
    with server.socket() as early, server.socket() as late:
        early.hello(site.public_token, visitor_token=claim.visitor_token)
        blocking.block(chat.pk, agent_of(bob))
        early.hear_type("chat")
        late.hello(site.public_token, visitor_token=claim.visitor_token)
        page = settled(console(bob))
        for tab in (early, late):
            tab.send(type="typing")
        assert page.is_silent()


def test_another_visitor_does_not_hear_the_typing(
    server: Served, console: Any, bob: Member, chat: ChatSession, site: Site
) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=newcomer(site).visitor_token)
        page = console(bob)
        page.send(type="typing", chat=str(chat.pk))
        settled(page)
        assert tab.is_silent()


def test_a_viewer_neither_types_nor_marks(
    server: Served, console: Any, victor: Member, chat: ChatSession, site: Site, claim: VisitorClaim
) -> None:
    page = console(victor)
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        page.send(type="typing", chat=str(chat.pk))
        page.send(type="seen", chat=str(chat.pk), seq=1)
        settled(page)
        assert tab.is_silent()
    assert chat_of(claim).agent_seen_seq == 0


def test_what_an_agent_has_seen_is_kept_and_told(
    server: Served, console: Any, bob: Member, chat: ChatSession, site: Site, claim: VisitorClaim
) -> None:
    with server.socket() as tab:
        tab.hello(site.public_token, visitor_token=claim.visitor_token)
        console(bob).send(type="seen", chat=str(chat.pk), seq=1)
        assert tab.hear_type("seen")["seq"] == 1
    assert chat_of(claim).agent_seen_seq == 1


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "junk",
        "[]",
        "null",
        "{}",
        '{"chat":1}',
        '{"chat":null}',
        '{"chat":"\\ud800"}',
        b"\x00",
        "[" * 60_000,
    ],
    ids=lambda junk: ascii(junk[:20]),
)
def test_junk_is_told_and_the_socket_stays(console: Any, bob: Member, junk: str | bytes) -> None:
    page = console(bob)
    page.raw(junk)
    assert page.hear_type("error")["code"] in ("bad_frame", "not_found")
    settled(page)


@pytest.mark.parametrize("seq", ["1", -1, 2**40, None, [], True])
def test_a_junk_mark_is_told(console: Any, bob: Member, chat: ChatSession, seq: object) -> None:
    page = console(bob)
    page.send(type="seen", chat=str(chat.pk), seq=seq)
    assert page.hear_type("error")["code"] == "bad_frame"


def test_a_frame_of_another_kind_does_nothing(console: Any, bob: Member, chat: ChatSession) -> None:
    page = console(bob)
    page.send(type="message", chat=str(chat.pk), body="forged")
    settled(page)
    assert chat_of_pk(chat).last_seq == 1


def chat_of_pk(chat: ChatSession) -> ChatSession:
    return ChatSession.unscoped.get(pk=chat.pk)


def test_who_only_looks_hears_and_is_heard_by_nobody(
    server: Served, alice: Member, chat: ChatSession, claim: VisitorClaim, client_of: ClientOf
) -> None:
    """C12: an operator sees what Alice sees; it counts neither as hers nor as anybody's presence."""
    browser = operators_browser(client_of)
    browser.post(f"/admin/accounts/user/{alice.user_id}/see/", {"reason": "Alice asked for help"})
    with server.socket("/ws/console", OWN, Cookie=cookie_of(browser)) as page:
        settled(page)
        for kind in ("seen", "typing"):
            page.send(type=kind, chat=str(chat.pk), seq=1)
            assert page.hear_type("error")["code"] == "read_only"
        say(claim, "Anybody?")
        assert page.hear_type("changed")["chat"] == str(chat.pk)
        browser.post("/admin/accounts/user/stop/")
        assert page.closed_with() == 1012
    assert not ConsoleVisit.objects.exists()
    assert not ChatRead.unscoped.exists()
    with server.socket("/ws/console", OWN, Cookie=cookie_of(browser)) as page:
        assert page.closed_with() == 4401
