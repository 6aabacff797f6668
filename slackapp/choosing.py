"""A connection gets its channel, from the console or from Slack itself. Talks to Slack."""

from typing import Any

from accounts.errors import Refused
from accounts.models import Member
from slackapp import actions, blocks, keys, policies, sharing, teams
from slackapp.backlog import promise_backlog
from slackapp.errors import Answered, Limited, SlackError, sentence
from slackapp.models import Connection, Installation

AWAY = "Slack did not answer. Please try again in a moment."
TAKEN = "That channel is taken. Choose another one, or make a new one."
_MODES: dict[str, str] = {
    Connection.Mode.STILL: "Each chat is a thread.",
    Connection.Mode.NOISY: "Each chat gets a channel of its own, which is announced here.",
}
FROM_SLACK = "Private channels are chosen in Slack here: invite the app there and press Use this channel."


def installation_of(connection: Connection) -> Installation:
    if connection.installation is None:
        raise Refused("not_connected", "Connect Slack first.")
    return connection.installation


def ask(connection: Connection, method: str, **arguments: Any) -> dict[str, Any]:
    """Slack's answer, or a sentence for the person who waits for it."""
    installation = installation_of(connection)
    try:
        return keys.call(installation, method, **teams.named(connection, method), **arguments)
    except Limited as error:
        raise Refused(
            "slack_busy", f"Slack asks to wait {error.seconds:.0f} seconds. Please try again then."
        ) from error
    except Answered as error:
        raise Refused(error.code, sentence(error.code)) from error
    except SlackError as error:
        raise Refused("slack_away", AWAY) from error


def ask_for_channel(connection: Connection, method: str, **arguments: Any) -> dict[str, Any]:
    """As `ask`, the channel that the answer is about; an answer without one is none."""
    channel = ask(connection, method, **arguments).get("channel")
    if not isinstance(channel, dict) or not channel.get("id"):
        raise Refused("slack_away", AWAY)
    return channel


def use_channel(member: Member, connection: Connection, channel_id: str, *, in_slack: bool = False) -> None:
    """Joins if that is allowed, introduces the app, and only then lets chats go there.

    `in_slack`: a person of the channel asks for it there. Where several workspaces share the Slack team, that is the
    only way to a private channel, as the console would show its name to people who may not know of it.
    """
    info = ask_for_channel(connection, "conversations.info", channel=channel_id)
    if info.get("is_archived"):
        raise Refused("is_archived", "That channel is archived. Choose another one.")
    shared = info.get("is_ext_shared") or info.get("is_pending_ext_shared")
    if shared and not connection.allow_partners:
        raise Refused(
            "shared",
            "That channel is shared with another company, who would read your visitors’ chats. Choose one of your own, "
            "or allow partner companies under Who may answer first.",
        )
    _check_it_is_free(connection, info, in_slack=in_slack)
    if not info.get("is_member"):
        _join(connection, info)
    introduce(member, connection, info["id"])
    settle_on(member, connection, info["id"], str(info.get("name") or ""))


def _check_it_is_free(connection: Connection, info: dict[str, Any], *, in_slack: bool) -> None:
    if info["id"] in sharing.others_in(connection):
        raise Refused("taken", TAKEN)
    unseen = info.get("is_private") and not in_slack and info["id"] != connection.channel_id
    if unseen and sharing.is_shared(connection.installation):
        raise Refused("private", FROM_SLACK)


def settle_on(member: Member, connection: Connection, channel_id: str, name: str) -> None:
    """Chats go there from now on, and those of today that found no channel as well."""
    actions.choose_channel(member, connection, channel_id, name)
    promise_backlog(connection)


def _join(connection: Connection, info: dict[str, Any]) -> None:
    if info.get("is_private"):
        raise Refused(
            "not_in_channel", f"#{info.get('name')} is private. Invite the app there with /invite first."
        )
    ask(connection, "conversations.join", channel=info["id"])


def introduce(member: Member, connection: Connection, channel_id: str) -> None:
    """Says who brought the app here, as everybody in the channel may ask."""
    text = (
        f"{member.user.name or 'A colleague'} connected {connection.site.name} to this channel. Chats from its "
        f"visitors arrive here. {_MODES[connection.mode]} {policies.SENTENCES[connection.policy]}"
    )
    ask(connection, "chat.postMessage", channel=channel_id, **blocks.notice(text))
