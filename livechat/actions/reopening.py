"""Opening a closed chat again without saying anything to the visitor."""

import uuid

from django.db import IntegrityError, transaction

from accounts.errors import Refused
from livechat.actions.messages import lock_chat, reopen_in
from livechat.actions.waiting import recount

NEWER = Refused("newer_chat", "The visitor has a newer chat that is open. Please answer there.")


def reopen(chat_id: uuid.UUID) -> bool:
    """False if it is open. Whoever was waiting when it was closed waits again.

    `Refused("newer_chat")` if the visitor has another open one, also where that begins in this very moment.
    """
    try:
        with transaction.atomic():
            chat = lock_chat(chat_id)
            if chat.is_open:
                return False
            reopen_in(chat)
            recount(chat)
            return True
    except IntegrityError:
        raise NEWER from None
