"""Variables in saved replies: `{{visitor.name}}`, or `{{visitor.name|you}}` with what stands there if it is unknown.

Names of a fixed list are replaced, in one pass, and nothing else happens: people's text is never a template, and what a
visitor calls themselves is never read as one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from accounts.errors import Refused
from accounts.models import Agent
from accounts.names import clean_name
from livechat.models import MAX_BODY, ChatSession

VARIABLE = re.compile(r"\{\{\s*([A-Za-z_.]+)\s*(?:\|([^{}|\n]{0,80}))?\}\}")
MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """A chat with site, its workspace and its visitor, and who answers; nobody may be known by name."""

    chat: ChatSession
    agent: Agent | None

    @property
    def agent_name(self) -> str:
        return self.agent.public_name if self.agent else ""


@dataclass(frozen=True, slots=True)
class Variable:
    """`otherwise`: what stands there if nothing is known and the text itself does not say."""

    value: Callable[[Facts], str]
    otherwise: Callable[[Facts], str]
    meaning: str


def _first(name: str) -> str:
    return name.split(" ")[0]


def _there(facts: Facts) -> str:
    return "there"


def _site(facts: Facts) -> str:
    return facts.chat.site.name


VARIABLES: dict[str, Variable] = {
    "visitor.name": Variable(lambda facts: facts.chat.visitor.name, _there, "the visitor’s name, or “there”"),
    "visitor.first_name": Variable(lambda facts: _first(facts.chat.visitor.name), _there, "its first word"),
    "agent.name": Variable(lambda facts: facts.agent_name, _site, "who answers, as visitors see them"),
    "agent.first_name": Variable(lambda facts: _first(facts.agent_name), _site, "its first word"),
    "site.name": Variable(_site, _site, "the site’s name"),
    "workspace.name": Variable(lambda facts: facts.chat.site.workspace.name, _site, "your company’s name"),
    "page.title": Variable(lambda facts: facts.chat.page_title, _site, "the page that the visitor is on"),
    "page.url": Variable(lambda facts: facts.chat.page_url, lambda facts: "the page", "its address"),
}


def unknown_in(body: str) -> list[str]:
    """Names that look like variables and are none, in their order."""
    found = (match[1] for match in VARIABLE.finditer(body))
    return list(dict.fromkeys(name for name in found if name.lower() not in VARIABLES))


def filled_in(body: str, facts: Facts) -> str:
    """What the visitor would read. May raise Refused: names may make a text longer than a message may be."""

    def value(match: re.Match[str]) -> str:
        variable = VARIABLES.get(match[1].lower())
        if variable is None:
            return match[0]
        told = clean_name(variable.value(facts), MAX_VALUE)
        return told or (match[2] or "").strip() or variable.otherwise(facts)

    text = VARIABLE.sub(value, body)
    if len(text) > MAX_BODY:
        raise Refused("too_long", "This saved reply is too long with its names filled in. Please shorten it.")
    return text
