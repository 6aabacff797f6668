"""What people do with links before and after they are sent: the composer's previews, and being asked to sign in."""

import re

from slack_sandbox import filling_in, people, richtext, unfurls, workspace
from slack_sandbox.model import Json
from slack_sandbox.people import Wrong
from slack_sandbox.sandbox import Sandbox
from slack_sandbox.told_links import COMPOSER

MOST_DOMAINS = 5


def set_domains(box: Sandbox, asked: Json) -> Json:
    domains = [str(one) for one in asked["domains"]]
    wrong = [one for one in domains if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", one)]
    if wrong or len(domains) > MOST_DOMAINS:
        raise Wrong(f"at most {MOST_DOMAINS} bare domains, without scheme, port or path: {', '.join(wrong)}")
    box.unfurls.domains = domains
    return {"domains": domains}


def preview(box: Sandbox, asked: Json) -> Json:
    """A text stands in the composer and is not sent yet."""
    team, person = filling_in.whose(box, asked)
    box.unfurls.previews.pop((team.id, person.id), None)
    urls = unfurls.links_in(richtext.parse(str(asked.get("text") or ""), team, typed=True))
    unfurl_id = unfurls.tell(box, team, person, urls, {"channel": COMPOSER, "is_bot_user_member": True})
    return {"unfurl_id": unfurl_id}


def previews(box: Sandbox, asked: Json) -> Json:
    """What the app has put into a person's composer."""
    team, person = filling_in.whose(box, asked)
    return {"previews": box.unfurls.previews.get((team.id, person.id), [])}


def dismiss(box: Sandbox, asked: Json) -> Json:
    """*Not now*, or with `never` *Never ask me again*, below a message that asks to sign in."""
    place = people.place_of(box, asked)
    message = people.message_of(place.channel, asked)
    left = [one for one in message.prompts if one["user"] != place.person.id]
    if len(left) == len(message.prompts):
        raise Wrong(f"{place.person.shown_name} is not asked for anything here")
    message.prompts = left
    if asked.get("never"):
        box.unfurls.never.add(place.person.id)
    workspace.show(box, place.channel, message)
    return {}
