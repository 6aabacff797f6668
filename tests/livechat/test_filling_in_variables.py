"""M3: variables of a saved reply are filled in for a chat, and nothing that people wrote is ever read as one."""

import pytest

from accounts.access import agent_of
from accounts.errors import Refused
from accounts.models import Agent, Member
from livechat import variables
from livechat.models import ChatSession, Site, Visitor
from livechat.saved import clean_shortcut, shortcut_in
from livechat.tokens import VisitorClaim
from livechat.variables import Facts, filled_in, unknown_in
from tests.cast import chat_of, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(site: Site, claim: VisitorClaim) -> ChatSession:
    say(claim)
    Visitor.unscoped.filter(pk=claim.visitor_id).update(name="Ana Díaz")
    ChatSession.unscoped.update(page_title="Blue boots", page_url="https://shop.example/boots")
    return chat_of(claim)


def test_every_variable_says_what_the_chat_knows(chat: ChatSession, bob: Member) -> None:
    body = " · ".join(f"{{{{{name}}}}}" for name in variables.VARIABLES)
    told = filled_in(body, Facts(chat, agent_of(bob)))
    assert told == ("Ana Díaz · Ana · Bob · Bob · Acme Shop · Acme · Blue boots · https://shop.example/boots")


def test_what_is_not_known_has_words_in_its_place(chat: ChatSession) -> None:
    chat.visitor.name = chat.page_title = ""
    nobody = Facts(chat, None)
    assert filled_in("Hello {{visitor.name}}, {{agent.name}} here.", nobody) == "Hello there, Acme Shop here."
    assert filled_in("Hello {{ visitor.first_name | you }}.", nobody) == "Hello you."
    assert filled_in("Hello {{visitor.name|}}.", nobody) == "Hello there."


def test_an_agent_has_the_name_that_visitors_see(chat: ChatSession, bob: Member) -> None:
    Agent.unscoped.filter(member=bob).update(alias="Robert of Acme")
    assert filled_in("{{agent.first_name}}", Facts(chat, agent_of(bob))) == "Robert"


def test_names_are_never_read_as_variables(chat: ChatSession, bob: Member) -> None:
    chat.visitor.name = "{{agent.name}}"
    chat.page_title = "{{visitor.name}}\n;; {{workspace.name}}\u202e"
    said = filled_in("{{visitor.name}} on {{page.title}}", Facts(chat, agent_of(bob)))
    assert said == "{{agent.name}} on {{visitor.name}} ;; {{workspace.name}}"


@pytest.mark.parametrize(
    "odd", ["{{chat.id}}", "{{visitor.token_hash}}", "{{visitor.__class__}}", "{% x %}", "{{"]
)
def test_nothing_else_is_replaced(chat: ChatSession, odd: str) -> None:
    assert filled_in(odd, Facts(chat, None)) == odd


def test_names_that_are_no_variables_are_found() -> None:
    assert unknown_in("{{visitor.nmae}} {{VISITOR.name}} {{ visitor.nmae }} {x}") == ["visitor.nmae"]


def test_a_text_that_becomes_too_long_is_refused(chat: ChatSession) -> None:
    chat.page_title = "x" * 200
    with pytest.raises(Refused, match="too_long"):
        filled_in("{{page.title}}" * 60, Facts(chat, None))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("//Hours", "hours"),
        (" opening-hours ", "opening-hours"),
        ("ÖFFNUNG", "öffnung"),
        ("two words", ""),
        ("//", ""),
        ("a/b", ""),
        ("x" * 41, ""),
    ],
)
def test_a_shortcut_is_one_word(typed: str, name: str) -> None:
    assert clean_shortcut(typed) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("//hours", "hours"),
        ("  //Hours\n", "hours"),
        ("see //hours", ""),
        ("//hours please", ""),
        ("https://hours", ""),
        ("/hours", ""),
        ("//", ""),
        ("//hours\n//other", ""),
    ],
)
def test_only_a_whole_line_is_a_shortcut(text: str, name: str) -> None:
    assert shortcut_in(text) == name
