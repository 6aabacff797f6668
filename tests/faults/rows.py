"""Run beside the product on its database.

`sites` makes shops with channels, `noisy` changes modes, `hurry` ends waits, `ledger` tells all.

A process of its own, so that the tests' Django keeps its own database.
"""

import json
import os
import sys
from typing import Any

import django


def sites(channels: list[str]) -> list[str]:
    """One shop per channel, connected through the installation that the seed made; the public keys of the shops."""
    from accounts.models import Member
    from livechat.actions.sites import create_site
    from slackapp.models import Connection

    seeded = Connection.unscoped.select_related("workspace").get()
    owner = Member.unscoped.select_related("workspace", "user").get(workspace=seeded.workspace, role="owner")
    made = []
    for number, channel in enumerate(channels):
        site = create_site(owner, f"Shop {number}")
        Connection.unscoped.create(
            workspace=seeded.workspace,
            site=site,
            installation=seeded.installation,
            channel_id=channel,
            channel_name=f"shop-{number}",
            state=Connection.State.READY,
        )
        made.append(site.public_token)
    return made


def noisy() -> int:
    """From now on each chat gets a channel of its own."""
    from slackapp.models import Connection

    return Connection.unscoped.update(mode=Connection.Mode.NOISY)


def hurry() -> int:
    """What failed again and again in the storm waits up to a quarter of an hour: as if that had passed."""
    from django.utils import timezone

    from slackapp.models import Lane

    return Lane.objects.filter(due_at__gt=timezone.now()).update(due_at=timezone.now())


def ledger() -> dict[str, Any]:
    from django.db.models import Q

    from livechat.models import ChatSession, Message
    from slackapp.models import Delivery, InboundEvent

    wanted = """id chat_id seq rev author_kind body client_message_id mirror_state is_note""".split()
    undone = Q(state__in=["pending", "sending"])
    return {
        "chats": list(ChatSession.unscoped.values("id", "last_seq", "last_rev", "delivered_seq")),
        "messages": list(Message.unscoped.order_by("chat", "seq").values(*wanted)),
        "undone": list(Delivery.objects.filter(undone).values("id", "kind", "state", "problem", "attempts")),
        "unworked": list(InboundEvent.objects.filter(state="pending").values("id", "kind", "problem")),
        "dead": list(Delivery.objects.filter(state="dead").values("id", "problem"))
        + list(InboundEvent.objects.filter(state="dead").values("id", "problem")),
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    asked, *channels = sys.argv[1:]
    told = (
        sites(channels) if asked == "sites" else {"noisy": noisy, "hurry": hurry, "ledger": ledger}[asked]()
    )
    print(json.dumps(told, default=str))
