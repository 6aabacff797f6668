"""W14: a website signs who is logged in there; what is not signed well names nobody, and says what to mend."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone

from accounts.errors import NotFound, Refused
from accounts.models import AuditEntry, Member
from livechat import identities
from livechat.actions import identity_keys
from livechat.models import IdentityKey, Site
from tests.identity import claims_of, key_of, token


@pytest.fixture
def key(alice: Member, site: Site) -> IdentityKey:
    return key_of(alice, site)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _by_hand(key: IdentityKey, header: dict[str, Any], claims: object = None) -> str:
    """Any header and claims, and a signature that HS256 makes of them all the same."""
    signed = f"{_part(header)}.{_part(claims or claims_of(key.site))}"
    made = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    mac = made.sign(signed.encode(), key.secret.reveal().encode())
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


NOW = time.time
BAD: dict[str, tuple[str, Callable[[IdentityKey], str]]] = {
    "no algorithm": ("HS256", lambda key: jwt.encode(claims_of(key.site), "", "none")),
    "none with a signature": ("HS256", lambda key: _by_hand(key, {"alg": "none", "kid": key.kid})),
    "RS256 in name": ("HS256", lambda key: _by_hand(key, {"alg": "RS256", "kid": key.kid})),
    "HS512": ("HS256", lambda key: jwt.encode(claims_of(key.site), key.secret.reveal() * 2, "HS512")),
    "another secret": ("signature", lambda key: jwt.encode(claims_of(key.site), "s" * 43, "HS256")),
    "another kid": ("kid", lambda key: token(key, headers={"kid": "k_000000000000"})),
    "a kid that is no text": ("three parts", lambda key: _by_hand(key, {"alg": "HS256", "kid": [key.kid]})),
    "no audience": ("aud", lambda key: token(key, aud=...)),
    "another site": ("aud", lambda key: token(key, aud="pk_other")),
    "one of two sites": ("aud", lambda key: token(key, aud=[key.site.public_token, "pk_other"])),
    "nobody": ("sub", lambda key: token(key, sub=...)),
    "an empty sub": ("sub", lambda key: token(key, sub=" ")),
    "a number": ("sub", lambda key: token(key, sub=4711)),
    "a long sub": ("sub", lambda key: token(key, sub="4" * 256)),
    "a sub with a nought": ("sub", lambda key: token(key, sub="47\x0011")),
    "no end": ("exp", lambda key: token(key, exp=...)),
    "an end that is true": ("exp", lambda key: token(key, exp=True)),
    "an end that is no number": ("exp", lambda key: token(key, exp=float("nan"))),
    "endless": ("exp", lambda key: token(key, exp=float("inf"))),
    "expired": ("expired", lambda key: token(key, exp=int(NOW()) - 1)),
    "good for two days": ("24 hours", lambda key: token(key, exp=int(NOW()) + 2 * 86_400)),
    "not issued": ("iat", lambda key: token(key, iat=...)),
    "from the future": ("future", lambda key: token(key, iat=int(NOW()) + 120)),
    "not before tomorrow": ("future", lambda key: token(key, nbf=int(NOW()) + 3600)),
    "a name that is a list": ("name", lambda key: token(key, name=["Carol"])),
    "attributes that are a list": ("attributes", lambda key: token(key, attributes=["gold"])),
    "an attribute within an attribute": ("plan", lambda key: token(key, attributes={"plan": {"a": 1}})),
    "too much": ("longer", lambda key: token(key, attributes={"plan": "x" * 5000})),
    "no token": ("three parts", lambda key: "Carol"),
    "nothing": ("three parts", lambda key: ""),
    "claims that are a list": ("JSON object", lambda key: _by_hand(key, {"alg": "HS256"}, ["4711"])),
}


def test_what_is_not_signed_well_is_refused_and_says_what_to_mend(key: IdentityKey) -> None:
    for case, (word, make) in BAD.items():
        with pytest.raises(identities.Rejected) as refused:
            identities.check(key.site, make(key))
        assert refused.value.code == "identity_rejected"
        assert word in refused.value.sentence, f"{case}: {refused.value.sentence}"
        assert key.secret.reveal() not in refused.value.sentence


def test_a_good_token_says_who_it_is_and_no_more_than_fits(key: IdentityKey) -> None:
    told = {"plan": "gold", "seats": 3, "trial": False, "note": None, "x" * 60: "y" * 300}
    person = identities.check(key.site, token(key, name="  Carol\u202e   Nguyen ", attributes=told))
    assert (person.subject, person.name, person.email) == ("4711", "Carol Nguyen", "carol@customer.example")
    assert person.attributes == (("plan", "gold"), ("seats", "3"), ("trial", "No"), ("x" * 40, "y" * 200))
    odd = identities.check(key.site, token(key, email="carol", attributes={str(n): "1" for n in range(30)}))
    assert (odd.email, len(odd.attributes), len(odd.left_out)) == ("", 20, 2)


def test_another_sites_key_proves_nothing_here(
    alice: Member, mallory: Member, globex_site: Site, key: IdentityKey
) -> None:
    of_globex = key_of(mallory, globex_site)
    aimed_at_acme = token(of_globex, aud=key.site.public_token)
    with pytest.raises(identities.Rejected, match="kid"):
        identities.check(key.site, aimed_at_acme)
    nameless = token(of_globex, aud=key.site.public_token, headers={})
    with pytest.raises(identities.Rejected, match="signature"):
        identities.check(key.site, nameless)


def test_a_new_key_is_live_at_once_and_the_old_one_for_thirty_days(alice: Member, key: IdentityKey) -> None:
    newer = identity_keys.make_key(alice, key.site)
    for signs in (key, newer):
        assert identities.check(key.site, token(signs)).subject == "4711"
        assert identities.check(key.site, token(signs, headers={})).subject == "4711"
    older = IdentityKey.unscoped.get(pk=key.pk)
    assert older.ends_at is not None
    assert abs(older.ends_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    with pytest.raises(Refused, match="too_many"):
        identity_keys.make_key(alice, key.site)
    IdentityKey.unscoped.filter(pk=key.pk).update(ends_at=timezone.now())
    with pytest.raises(identities.Rejected, match="kid"):
        identities.check(key.site, token(key))


def test_a_retired_key_proves_nothing_any_more(alice: Member, key: IdentityKey) -> None:
    newer = identity_keys.make_key(alice, key.site)
    identity_keys.retire_key(alice, key.site, key.pk)
    either: tuple[dict[str, Any] | None, ...] = (None, {})
    for headers in either:
        with pytest.raises(identities.Rejected):
            identities.check(key.site, token(key, headers=headers))
    assert identities.check(key.site, token(newer)).subject == "4711"
    with pytest.raises(NotFound):
        identity_keys.retire_key(alice, key.site, key.pk)


def test_the_last_key_stays_while_tokens_are_asked_for(alice: Member, site: Site) -> None:
    with pytest.raises(Refused, match="no_key"):
        identity_keys.set_mode(alice, site, "mark")
    key = key_of(alice, site)
    with pytest.raises(Refused, match="last_key"):
        identity_keys.retire_key(alice, site, key.pk)
    identity_keys.set_mode(alice, site, "off")
    identity_keys.retire_key(alice, site, key.pk)
    with pytest.raises(identities.Rejected, match="no identity key"):
        identities.check(site, token(key))


def test_keys_and_modes_stand_in_the_audit_log_without_a_secret(alice: Member, key: IdentityKey) -> None:
    identity_keys.make_key(alice, key.site)
    identity_keys.retire_key(alice, key.site, key.pk)
    entries = AuditEntry.objects.in_workspace(alice.workspace).filter(verb__startswith="site.identity")
    assert sorted(entry.verb for entry in entries) == [
        "site.identity_key_made",
        "site.identity_key_made",
        "site.identity_key_retired",
        "site.identity_mode_chosen",
    ]
    assert not any(key.secret.reveal() in str(vars(entry)) for entry in entries)


def test_a_key_of_another_workspace_is_out_of_reach(mallory: Member, key: IdentityKey) -> None:
    with pytest.raises(Site.DoesNotExist):
        identity_keys.retire_key(mallory, key.site, key.pk)
    with pytest.raises(Site.DoesNotExist):
        identity_keys.make_key(mallory, key.site)
