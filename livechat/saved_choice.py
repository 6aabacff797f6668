"""Which saved replies there are: for the console's list, and for a chat that is being answered."""

from django.db.models import Q, QuerySet

from accounts.errors import Refused
from accounts.models import Agent, Workspace
from livechat.models import ChatSession, SavedReply
from livechat.saved import IN_USE, shortcut_in
from livechat.variables import Facts, filled_in


def of_workspace(workspace: Workspace, words: str = "") -> QuerySet[SavedReply]:
    """Those that have all the words somewhere, by name."""
    found = SavedReply.objects.in_workspace(workspace).filter(IN_USE).select_related("site")
    for word in words.replace("/", " ").split()[:8]:
        found = found.filter(Q(name__icontains=word) | Q(title__icontains=word) | Q(body__icontains=word))
    return found.order_by("name", "site__name")


def for_chat(chat: ChatSession, words: str = "") -> list[SavedReply]:
    """What may be said in this chat: of two with one name the site's own. Shortcuts that begin so come first."""
    here = of_workspace(chat.site.workspace, words).filter(Q(site=None) | Q(site=chat.site_id))
    by_name: dict[str, SavedReply] = {}
    for reply in here:
        if reply.name not in by_name or reply.site_id is not None:
            by_name[reply.name] = reply
    begins = words.replace("/", " ").strip().casefold()
    return sorted(by_name.values(), key=lambda reply: (not reply.name.startswith(begins), reply.name))


def one_for_chat(chat: ChatSession, reply_id: object) -> SavedReply:
    """By an id that came from outside. Refused if it is gone, or not for this chat: the two look the same."""
    found = next((reply for reply in for_chat(chat) if str(reply.pk) == str(reply_id)), None)
    if found is None:
        raise Refused("no_saved_reply", "This saved reply is not there any more. Please choose another one.")
    return found


def spoken(chat: ChatSession, agent: Agent | None, reply: SavedReply) -> str:
    """Its words in this chat. May raise Refused, if they become too long."""
    return filled_in(reply.body, Facts(chat, agent))


def expanded(chat: ChatSession, agent: Agent | None, text: str) -> str | None:
    """The words of the saved reply if the text is `//name` and nothing else; None for any other text.

    Raises Refused for a name that nobody gave: what somebody mistyped is nothing for a visitor.
    """
    name = shortcut_in(text)
    if not name:
        return None
    known = {reply.name: reply for reply in for_chat(chat)}
    if name in known:
        return spoken(chat, agent, known[name])
    raise Refused("no_saved_reply", _no_such(name, list(known)))


def _no_such(name: str, known: list[str]) -> str:
    near = next((one for one in known if one.startswith(name[:3]) or name.startswith(one)), "")
    hint = f"Did you mean //{near}?" if near else "The console lists yours under Replies."
    return f"There is no saved reply //{name}. {hint}"
