"""Whoever allowed the app in Slack hears there of what they can mend: a courtesy beside mail and console."""

import logging

from slackapp import blocks, keys, sharing
from slackapp.errors import SlackError
from slackapp.models import Connection, Installation

log = logging.getLogger(__name__)


def tell(connection_id: str, problem: str) -> None:
    """A direct message. Not where the team is shared by several workspaces: they know nothing of each other."""
    connection = Connection.unscoped.select_related("installation", "site").get(pk=connection_id)
    installation = connection.installation
    if (
        installation is None
        or installation.state != Installation.State.ACTIVE
        or sharing.is_shared(installation)
    ):
        return
    text = f"Chats of {connection.site.name} no longer reach #{connection.channel_name}. {problem}"
    person = installation.installed_by_slack_user_id
    try:
        keys.call(installation, "chat.postMessage", channel=person, **blocks.notice(text))
    except SlackError as error:
        log.info("whoever installed the app could not be told: %s", error)
