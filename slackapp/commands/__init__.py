"""The one table of what may follow the app's slash command. A new verb is a row here and a function in a module."""

from django.conf import settings

from accounts.errors import Refused
from slackapp import asked as asking
from slackapp import rights
from slackapp.asked import Asked, Json
from slackapp.commands import availability, choices, closing, listing, notes, status
from slackapp.commands.verb import Answer, Verb
from slackapp.commands.words import verb_and_rest
from slackapp.features import COMMAND


def show_help(asked: Asked) -> Answer:
    return Answer(usage())


VERBS: dict[str, Verb] = {
    "help": Verb(show_help, "says what you can type"),
    "status": Verb(status.show, "says whether visitors read that somebody is there, and who waits"),
    "online": Verb(
        availability.ONLINE, "visitors read that somebody is there", "[site] [for 2h, until 17:00]"
    ),
    "away": Verb(availability.AWAY, "visitors read that nobody is there", "[site] [for 2h, until 17:00]"),
    "auto": Verb(availability.AUTO, "working hours and people decide again", "[site]"),
    "list": Verb(listing.show, "shows the open chats, who waits the longest first"),
    "close": Verb(closing.close, "closes a chat; in its own channel without a name", "[name or number]"),
    "note": Verb(notes.keep, "keeps something for your team, in a chat's own channel", "your words"),
    "settings": Verb(choices.edit, "opens the settings, for owners and admins"),
}
NOT_CONNECTED = (
    "This Slack is not connected to Threadbell. Whoever manages your website can connect it: {url}"
)


def usage() -> str:
    """Every verb with what it does."""
    lines = [f"{COMMAND} {word} {verb.usage}".rstrip() + f" – {verb.about}" for word, verb in VERBS.items()]
    return "\n".join(["Answer visitors in their chat's thread. Besides, you can type:", *lines])


def answer(fields: Json) -> Json | None:
    """What whoever typed the command reads; None for nothing. May ask Slack who that is."""
    asked = asking.of_command(fields)
    if asked is None or not rights.is_connected(asked.installation):
        return Answer(not_connected()).wire
    word, rest = verb_and_rest(fields.get("text"))
    verb = VERBS.get(word or "help")
    if verb is None:
        return Answer(f"There is no “{word[:40]}”. {usage()}").wire
    try:
        said = verb.run(asked.about(word or "help", rest))
        return said.wire if said is not None else None
    except Refused as refusal:
        return Answer(refusal.sentence).wire


def not_connected() -> str:
    return NOT_CONNECTED.format(url=f"{settings.CONSOLE_URL}/console/slack")
