"""What people do with the app's own surfaces: buttons, commands, modals, by name for the control API."""

from collections.abc import Awaitable, Callable

from slack_sandbox import commands, filling_in, home, interactions, linking, shortcuts, suggestions
from slack_sandbox.given import number
from slack_sandbox.model import Json
from slack_sandbox.sandbox import Sandbox


def triggers(box: Sandbox, asked: Json) -> Json:
    """How many seconds a trigger_id lives from now on."""
    box.triggers.seconds = number(asked, "seconds")
    return {"seconds": box.triggers.seconds}


ACTS: dict[str, Callable[[Sandbox, Json], Json | Awaitable[Json]]] = {
    "click": interactions.click,
    "command": commands.run,
    "modal": filling_in.look,
    "modal_action": filling_in.press,
    "suggest": suggestions.suggest,
    "submit": filling_in.submit,
    "close_modal": filling_in.close,
    "triggers": triggers,
    "shortcut": shortcuts.run,
    "open_home": home.open_home,
    "home": home.look,
    "unfurl_domains": linking.set_domains,
    "preview": linking.preview,
    "previews": linking.previews,
    "dismiss": linking.dismiss,
}
