"""The app is removed from Slack, or its key is taken back."""

import logging
from datetime import timedelta

from slackapp import actions, keys
from slackapp.errors import Answered, SlackError
from slackapp.handlers.heard import Act, Heard
from slackapp.people import AskSlack

log = logging.getLogger(__name__)

# clocks differ, Slack counts whole seconds, and its events come late: so close to an installation the key is asked
CLOSE = timedelta(minutes=5)


def on_uninstalled(heard: Heard) -> Act | None:
    if _speaks_of_another_key(heard):
        return None
    gone = "The app was removed from Slack. Connect Slack again."
    return lambda: actions.revoke(heard.installation, gone)


def on_tokens_revoked(heard: Heard) -> Act | None:
    """Lists user ids, not tokens; ours is dead only if our bot user is named."""
    tokens = heard.event.get("tokens")
    bots = tokens.get("bot") if isinstance(tokens, dict) else None
    if not isinstance(bots, list) or heard.installation.bot_user_id not in bots:
        return None
    if _speaks_of_another_key(heard):
        return None
    return lambda: actions.revoke(heard.installation, "Slack revoked the app's key. Connect Slack again.")


def _speaks_of_another_key(heard: Heard) -> bool:
    """True for a late word about the key before the last. Raises AskSlack where only Slack can tell."""
    happened = actions.event_time(heard.row.payload)
    installed_at = heard.installation.installed_at
    if happened is not None and happened < installed_at - CLOSE:
        return True
    if happened is None or happened > installed_at + CLOSE:
        return False
    if not heard.may_ask:
        raise AskSlack
    return _still_opens(heard)


def _still_opens(heard: Heard) -> bool:
    """Where Slack does not tell, the time decides."""
    try:
        keys.call(heard.installation, "auth.test")
    except Answered as error:
        return not error.stops_team
    except SlackError as error:
        log.info("a key could not be asked whether it still opens: %s", error)
        happened = actions.event_time(heard.row.payload)
        return happened is not None and happened < heard.installation.installed_at.replace(microsecond=0)
    return True
