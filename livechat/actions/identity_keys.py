"""Whether a site believes its website who a visitor is, and the keys that prove it. Each change is audited."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actions import audit
from accounts.errors import NotFound, Refused
from accounts.models import Member
from livechat.events import SocketsStale, publish
from livechat.identified import new_secret
from livechat.identities import MOST_LIVE, live_keys
from livechat.models import IdentityKey, Site

OVERLAP = timedelta(days=30)
NO_KEY = Refused("no_key", "Make a key first: without one no token can be checked.")
TOO_MANY = Refused("too_many", "Two keys are live already. Retire the older one, then make a new one.")
LAST = Refused(
    "last_key", "This is the only live key. Make a new one first, or switch identity off, and then retire it."
)


def set_mode(member: Member, site: Site, mode: str) -> None:
    """Sockets come back under the new rule, each after a while of its own."""
    with transaction.atomic():
        locked = _lock(member, site)
        if mode != Site.IdentityMode.OFF and not live_keys(locked):
            raise NO_KEY
        site.identity_mode = mode
        if locked.identity_mode == mode:
            return
        site.save(update_fields=["identity_mode"])
        told = {"identity": [locked.get_identity_mode_display(), site.get_identity_mode_display()]}
        audit(member.workspace, member.user, "site.identity_mode_chosen", f"site:{site.pk}", told)
        publish(SocketsStale(site))


def make_key(member: Member, site: Site) -> IdentityKey:
    """Live at once. The key of before is taken for thirty days more, unless somebody retires it."""
    with transaction.atomic():
        _lock(member, site)
        older = live_keys(site)
        if len(older) >= MOST_LIVE:
            raise TOO_MANY
        ends_at = timezone.now() + OVERLAP
        key = IdentityKey.unscoped.create(site=site, secret=new_secret())
        IdentityKey.unscoped.filter(pk__in=[one.pk for one in older], ends_at=None).update(ends_at=ends_at)
        audit(member.workspace, member.user, "site.identity_key_made", f"site:{site.pk} key:{key.kid}")
        return key


def retire_key(member: Member, site: Site, key_id: object) -> None:
    """No token that it signed is taken from now on. Whoever is in a chat stays in it."""
    with transaction.atomic():
        locked = _lock(member, site)
        live = live_keys(site)
        found = next((key for key in live if str(key.pk) == str(key_id)), None)
        if found is None:
            raise NotFound("This key is retired already.")
        if len(live) == 1 and locked.checks_identity:
            raise LAST
        IdentityKey.unscoped.filter(pk=found.pk).update(ends_at=timezone.now())
        audit(member.workspace, member.user, "site.identity_key_retired", f"site:{site.pk} key:{found.kid}")


def _lock(member: Member, site: Site) -> Site:
    rows = Site.objects.in_workspace(member.workspace).select_for_update(of=("self",))
    return rows.get(pk=site.pk)
