"""Somebody posts links to the console, or types them: their previews are wanted (S24)."""

from slackapp import people
from slackapp.actions import previews
from slackapp.handlers.heard import Act, Heard
from slackapp.models import LinkPreview
from slackapp.previews import addresses, sight
from slackapp.speakers import team_of

# older events, and those of some organisations
MAY_LACK = ("unfurl_id", "source")


def on_link_shared(heard: Heard) -> Act | None:
    """Silent for whoever is linked and may see none of it: the same look as for others, and no call."""
    urls = addresses.among(heard.event.get("links"))
    where = _where(heard)
    if not urls or where is None or _is_of_another_company(heard, where):
        return None
    installation = heard.installation
    members = sight.members_here(installation, where["slack_team_id"], where["slack_user_id"])
    if members is None:
        if _is_stranger(heard, where):
            return None
    elif not sight.shown(LinkPreview(installation=installation, urls=urls, **where), members):
        return None
    return lambda: previews.want(installation, where, urls)


def _where(heard: Heard) -> dict[str, str] | None:
    """Poster and place as columns; None for a shape that Slack does not send."""
    event = heard.event
    user = event.get("user")
    told = {
        "slack_team_id": _team_of(heard, user) if isinstance(user, str) else "",
        "slack_user_id": user,
        "channel_id": event.get("channel"),
        "ts": event.get("message_ts"),
        "unfurl_id": event.get("unfurl_id") or "",
        "source": event.get("source") or "",
    }
    where = {name: value for name, value in told.items() if isinstance(value, str) and _fits(name, value)}
    return where if len(where) == len(told) else None


def _fits(column: str, value: str) -> bool:
    longest = getattr(LinkPreview._meta.get_field(column), "max_length", 0)
    return len(value) <= longest and (bool(value) or column in MAY_LACK)


def _team_of(heard: Heard, user: str) -> str:
    """The event names no team beside the person; of an organisation's it is the one that heard of it."""
    home = heard.installation.slack_team_id
    outer = "" if home else str(heard.row.payload.get("team_id") or "")
    told = {name: heard.event.get(name) for name in ("user_team", "source_team")}
    return team_of(heard, {"user": user, "team": outer, **told})


def _is_of_another_company(heard: Heard, where: dict[str, str]) -> bool:
    home = heard.installation.slack_team_id
    return bool(home) and where["slack_team_id"] != home


def _is_stranger(heard: Heard, where: dict[str, str]) -> bool:
    """In a channel of several companies only our own people are asked to link an account. May raise AskSlack."""
    if heard.row.payload.get("is_ext_shared_channel") is not True:
        return False
    try:
        who = people.identity(
            heard.installation, where["slack_team_id"], where["slack_user_id"], may_ask=heard.may_ask
        )
    except people.SlackAway:
        return True
    return who is None or who.is_outsider
