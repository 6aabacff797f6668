"""What the order of a chat's deliveries must know of each kind before it is run."""

from dataclasses import dataclass
from datetime import timedelta

from livechat.models import Message
from slackapp.models import Delivery


@dataclass(frozen=True, slots=True)
class Traits:
    """`is_post` takes a slot of the channel's budget; `needs_thread` waits until the card is known to be posted;

    `repeatable` may be made again when its outcome is unknown, since doing it twice is the same as once; `first_look`
    is the part of the usual wait after which it is looked whether something arrived; `in_lobby` happens in the channel
    where Noisy chats are announced, everything else where the chat's lines go; `method` has a limit over the whole
    team, so that all its chats wait together, but none for longer than `patience`; `is_paced` spaces these calls from
    the start, as posts are spaced, by `every` seconds.
    """

    is_post: bool = False
    needs_thread: bool = False
    repeatable: bool = True
    first_look: float = 1
    in_lobby: bool = False
    method: str = ""
    is_paced: bool = False
    every: float = 1
    patience: timedelta | None = None


# a visitor's line should not wait for longer in its queue for the sake of a channel of its own
ROOM_PATIENCE = timedelta(seconds=60)
# half of what Slack takes of chat.update in a minute; edits of lines have the rest
OF_CARDS: float = 2
TRAITS: dict[str, Traits] = {
    Delivery.Kind.CARD: Traits(is_post=True, repeatable=False),
    Delivery.Kind.CARD_STATE: Traits(method="chat.update", is_paced=True, every=OF_CARDS),
    Delivery.Kind.LINE: Traits(is_post=True, needs_thread=True, repeatable=False),
    Delivery.Kind.EDIT: Traits(method="chat.update"),
    Delivery.Kind.REMARK: Traits(is_post=True, needs_thread=True, repeatable=False),
    Delivery.Kind.ASSIGNED: Traits(is_post=True, needs_thread=True, repeatable=False),
    # a channel's name is taken only once, so making it again makes no second one
    Delivery.Kind.ROOM: Traits(method="conversations.create", patience=ROOM_PATIENCE),
    Delivery.Kind.INVITE: Traits(method="conversations.invite"),
    Delivery.Kind.LOBBY: Traits(is_post=True, repeatable=False, in_lobby=True),
    Delivery.Kind.LOBBY_STATE: Traits(in_lobby=True, method="chat.update", is_paced=True, every=OF_CARDS),
    Delivery.Kind.TOPIC: Traits(method="conversations.setTopic"),
    Delivery.Kind.PIN: Traits(method="pins.add"),
    Delivery.Kind.CLOSING: Traits(is_post=True, repeatable=False),
    Delivery.Kind.MOVED: Traits(is_post=True, repeatable=False),
    Delivery.Kind.RENAME: Traits(method="conversations.rename"),
    Delivery.Kind.ARCHIVE: Traits(method="conversations.archive"),
    Delivery.Kind.RECEIPT: Traits(method="reactions.add", is_paced=True),
    # what is uploaded and not shared is nowhere, so uploading it again makes nothing twice
    Delivery.Kind.UPLOAD: Traits(method="files.getUploadURLExternal"),
    # shared some seconds after the call, which is why it is looked for early
    Delivery.Kind.FILES: Traits(is_post=True, needs_thread=True, repeatable=False, first_look=0.2),
    Delivery.Kind.FILE_LINK: Traits(is_post=True, needs_thread=True, repeatable=False),
    Delivery.Kind.UNSHARE: Traits(method="files.delete"),
    Delivery.Kind.FETCH: Traits(method="files.info"),
    Delivery.Kind.LATE_SHARE: Traits(method="files.info"),
    Delivery.Kind.REMIND: Traits(is_post=True, needs_thread=True, repeatable=False),
    Delivery.Kind.REMIND_LOBBY: Traits(is_post=True, repeatable=False, in_lobby=True),
    Delivery.Kind.WOKEN: Traits(is_post=True, needs_thread=True, repeatable=False),
}


# posts of our own words: their metadata is of this type and names the promise
OWN_WORDS: dict[str, str] = {
    Delivery.Kind.LOBBY: "chat_lobby",
    Delivery.Kind.CLOSING: "chat_closing",
    Delivery.Kind.MOVED: "chat_moved",
    Delivery.Kind.REMARK: "chat_remark",
    Delivery.Kind.ASSIGNED: "chat_assigned",
    Delivery.Kind.FILE_LINK: "chat_files",
    Delivery.Kind.REMIND: "chat_reminder",
    Delivery.Kind.REMIND_LOBBY: "chat_lobby_reminder",
    Delivery.Kind.WOKEN: "chat_woken",
}


# what is done to a chat's own channel, and to no other place
OF_ROOMS = (
    Delivery.Kind.ROOM,
    Delivery.Kind.INVITE,
    Delivery.Kind.TOPIC,
    Delivery.Kind.PIN,
    Delivery.Kind.CLOSING,
    Delivery.Kind.RENAME,
    Delivery.Kind.ARCHIVE,
    Delivery.Kind.MOVED,
    Delivery.Kind.REMIND_LOBBY,
)


def place_of(delivery: Delivery) -> str:
    """The channel that this delivery is about."""
    link = delivery.link
    return link.lobby_channel_id if TRAITS[delivery.kind].in_lobby else link.channel_id


def budget_of(delivery: Delivery) -> str:
    """Whose pace counts: a channel's, or a method's, which stands in the same table under its own name."""
    traits = TRAITS[delivery.kind]
    return traits.method or place_of(delivery)


def copies_of(message: Message) -> list[str]:
    """What of a message is promised to Slack: the words first, then the files."""
    kinds = [(message.body, Delivery.Kind.LINE), (message.has_files, Delivery.Kind.UPLOAD)]
    return [kind for wanted, kind in kinds if wanted]
