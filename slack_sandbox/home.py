"""The app's own page in Slack: opening it tells the app, which publishes what the person sees."""

from slack_sandbox import filling_in, modals, workspace
from slack_sandbox.model import Json
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox


def open_home(box: Sandbox, asked: Json) -> Json:
    """Slack tells of every opening, of both tabs."""
    team, person = filling_in.whose(box, asked)
    if team.installed is None:
        raise Wrong(f"the app is not installed in {team.name}")
    tab = str(asked.get("tab") or "home")
    if tab not in ("home", "messages"):
        raise Wrong("the tab is home or messages")
    channel = workspace.direct(box, team, team.installed.bot_user, person.id)
    view = box.views.homes.get((team.id, person.id))
    event = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": tab,
        **({"view": modals.wire(box, view)} if view and tab == "home" else {}),
        "event_ts": box.world.new_ts(),
    }
    event_id = box.emit(team, event, lane=channel.id)
    return {"event_id": event_id, "channel": channel.id, **look(box, asked)}


def look(box: Sandbox, asked: Json) -> Json:
    """What is published for a person; `view` is null before."""
    team, person = filling_in.whose(box, asked)
    view = box.views.homes.get((team.id, person.id))
    return {"view": modals.wire(box, view) if view else None}
