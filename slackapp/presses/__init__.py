"""The one table of our buttons and what pressing them does. A new button is a row here and a function in a module."""

from slackapp.handlers.heard import Act, Heard
from slackapp.presses import chats, places, sites, snoozing
from slackapp.presses.press import Handler, Press, answered, press_of


def nothing(press: Press) -> Act | None:
    """Link buttons open their page by themselves; Slack only wants to hear that the press arrived."""
    return None


PRESSES: dict[str, Handler] = {
    "chat.open": nothing,
    "site.online": sites.ONLINE,
    "site.away": sites.AWAY,
    "site.auto": sites.AUTO,
    "home.console": nothing,
    "home.help": nothing,
    "home.link": nothing,
    "chat.take": chats.take,
    "chat.close": chats.close,
    "chat.wake": snoozing.wake,
    "chat.unblock": snoozing.unblock,
    "room.join": chats.join,
    "channel.use": places.use,
}
OUT_OF_USE = "This button is no longer in use. You can do the same in the console."


def on_press(heard: Heard) -> Act | None:
    press = press_of(heard)
    if press is None:
        return None
    handler = PRESSES.get(press.action_id)
    return handler(press) if handler is not None else answered(press, OUT_OF_USE)
