"""The one table of how each kind of delivery is run."""

from slackapp.errands import (
    assigned,
    cards,
    channels,
    edits,
    fetching,
    files,
    lines,
    lobby,
    marks,
    reminders,
    woken,
)
from slackapp.errands.errand import Errand
from slackapp.models import Delivery

ERRANDS: dict[str, Errand] = {
    Delivery.Kind.CARD: cards.CARD,
    Delivery.Kind.ASSIGNED: assigned.ASSIGNED,
    Delivery.Kind.CARD_STATE: cards.CARD_STATE,
    Delivery.Kind.LINE: lines.LINE,
    Delivery.Kind.EDIT: edits.EDIT,
    Delivery.Kind.REMARK: edits.REMARK,
    Delivery.Kind.ROOM: channels.ROOM,
    Delivery.Kind.INVITE: channels.INVITE,
    Delivery.Kind.LOBBY: lobby.LOBBY,
    Delivery.Kind.LOBBY_STATE: lobby.LOBBY_STATE,
    Delivery.Kind.TOPIC: channels.TOPIC,
    Delivery.Kind.PIN: channels.PIN,
    Delivery.Kind.CLOSING: lobby.CLOSING,
    Delivery.Kind.MOVED: lobby.MOVED,
    Delivery.Kind.RENAME: channels.RENAME,
    Delivery.Kind.ARCHIVE: channels.ARCHIVE,
    Delivery.Kind.RECEIPT: marks.RECEIPT,
    Delivery.Kind.UPLOAD: files.UPLOAD,
    Delivery.Kind.FILES: files.FILES,
    Delivery.Kind.FILE_LINK: files.FILE_LINK,
    Delivery.Kind.UNSHARE: files.UNSHARE,
    Delivery.Kind.FETCH: fetching.FETCH,
    Delivery.Kind.LATE_SHARE: files.LATE_SHARE,
    Delivery.Kind.REMIND: reminders.REMIND,
    Delivery.Kind.REMIND_LOBBY: reminders.REMIND,
    Delivery.Kind.WOKEN: woken.WOKEN,
}
