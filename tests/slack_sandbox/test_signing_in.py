"""S3: *Sign in with Slack* as a person and the app go through it, with tokens that can be spoilt on demand."""

import json
from typing import Any

import httpx
import jwt
import pytest

from tests.slack_sandbox.conftest import CLIENT_ID, CLIENT_SECRET, Json, Slack, code_in


def ask(slack: Slack, **changed: str) -> httpx.Response:
    fields = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "scope": "openid profile email",
        "state": "s-1",
        "nonce": "n-1",
        "redirect_uri": f"{slack.app.url}/slack/login/callback",
        "user": slack.person("alice"),
        "decision": "allow",
    }
    return slack.http.post(f"{slack.url}/openid/connect/authorize", data={**fields, **changed})


def redeem(slack: Slack, code: str, **changed: str) -> Json:
    asked = {
        "code": code,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": f"{slack.app.url}/slack/login/callback",
        "grant_type": "authorization_code",
    }
    answer = slack.http.post(f"{slack.url}/api/openid.connect.token", data={**asked, **changed})
    return dict(answer.json())


def signed_in(slack: Slack, **changed: str) -> Json:
    return redeem(slack, code_in(ask(slack, **changed).headers["location"]))


def keys(slack: Slack) -> dict[str, Any]:
    published = slack.http.get(f"{slack.url}/openid/connect/keys").json()["keys"]
    return {key["kid"]: jwt.PyJWK(key) for key in published}


def claims(slack: Slack, token: str) -> Json:
    """As an app of somebody else's would check it."""
    key = keys(slack)[jwt.get_unverified_header(token)["kid"]]
    issuer = slack.http.get(f"{slack.url}/.well-known/openid-configuration").json()["issuer"]
    return dict(jwt.decode(token, key, algorithms=["RS256"], audience=CLIENT_ID, issuer=issuer))


def test_the_page_shows_what_is_learned(slack: Slack) -> None:
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "scope": "openid profile",
        "redirect_uri": f"{slack.app.url}/slack/login/callback",
    }
    page = slack.http.get(f"{slack.url}/openid/connect/authorize", params=asked).text
    assert "Alice Meyer" in page
    assert "See your name and picture" in page
    assert "e-mail" not in page


def test_the_token_names_team_person_and_nonce_and_its_signature_holds(slack: Slack) -> None:
    told = claims(slack, signed_in(slack)["id_token"])
    assert told["nonce"] == "n-1"
    assert told["sub"] == told["https://slack.com/user_id"] == slack.person("alice")
    assert told["https://slack.com/team_id"] == slack.team()["id"]
    assert (told["name"], told["email"]) == ("Alice Meyer", "alice@acme.example")
    assert told["exp"] - told["iat"] == 300


def test_what_was_not_asked_for_is_not_told(slack: Slack) -> None:
    told = claims(slack, signed_in(slack, scope="openid")["id_token"])
    assert not {"name", "email"} & set(told)


def test_the_access_token_opens_the_same_about_the_person(slack: Slack) -> None:
    token = signed_in(slack)["access_token"]
    ask = {"Authorization": f"Bearer {token}"}
    told = slack.http.post(f"{slack.url}/api/openid.connect.userInfo", headers=ask).json()
    assert (told["ok"], told["sub"], told["https://slack.com/team_name"]) == (
        True,
        slack.person("alice"),
        "Acme",
    )
    refused = slack.http.post(
        f"{slack.url}/api/openid.connect.userInfo", headers={"Authorization": "Bearer x"}
    )
    assert refused.json()["error"] == "invalid_auth"


def test_cancelling_leads_back_with_access_denied(slack: Slack) -> None:
    assert "error=access_denied&state=s-1" in ask(slack, decision="deny").headers["location"]


def test_a_code_is_good_once_and_for_its_own_address(slack: Slack) -> None:
    code = code_in(ask(slack).headers["location"])
    assert redeem(slack, code)["ok"]
    assert redeem(slack, code)["error"] == "invalid_code"
    again = code_in(ask(slack).headers["location"])
    assert redeem(slack, again, redirect_uri=slack.redirect_uri)["error"] == "bad_redirect_uri"


def test_codes_of_installing_and_signing_in_are_not_mixed_up(slack: Slack) -> None:
    assert slack.exchange(code_in(ask(slack).headers["location"]))["error"] == "invalid_code"
    installing = code_in(slack.authorize().headers["location"])
    assert redeem(slack, installing)["error"] == "invalid_code"


@pytest.mark.parametrize(
    "wrong,error",
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid chat:write"}, "invalid_scope"),
        ({"redirect_uri": ""}, "bad_redirect_uri"),
        ({"redirect_uri": "https://evil.example/slack/login/callback"}, "bad_redirect_uri"),
        ({"team": "T0NOWHERE"}, "invalid_team"),
        ({"user": "U0NOBODY"}, "user_not_found"),
    ],
)
def test_a_wrong_request_is_refused_on_the_page_and_never_redirected(
    slack: Slack, wrong: dict[str, str], error: str
) -> None:
    answer = ask(slack, **wrong)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert error in answer.text


@pytest.mark.parametrize(
    "wrong,error",
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "guess"}, "bad_client_secret"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange_gets_no_token(slack: Slack, wrong: dict[str, str], error: str) -> None:
    assert redeem(slack, code_in(ask(slack).headers["location"]), **wrong) == {"ok": False, "error": error}


def test_another_key_signs_after_a_rotation(slack: Slack) -> None:
    before = signed_in(slack)["id_token"]
    slack.control("rotate_keys", keep=True)
    after = signed_in(slack)["id_token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    assert claims(slack, before)
    assert claims(slack, after)
    slack.control("rotate_keys")
    assert jwt.get_unverified_header(before)["kid"] not in keys(slack)


def test_claims_are_changed_and_taken_out_on_demand(slack: Slack) -> None:
    slack.control("faults", method="id_token", kind="claims", count=1, claims={"email": "x@y", "nonce": None})
    told = claims(slack, signed_in(slack)["id_token"])
    assert told["email"] == "x@y"
    assert "nonce" not in told
    assert claims(slack, signed_in(slack)["id_token"])["nonce"] == "n-1"


@pytest.mark.parametrize("kind", ["bad_signature", "alg_none", "alg_hs256"])
def test_a_spoilt_token_does_not_hold(slack: Slack, kind: str) -> None:
    slack.control("faults", method="id_token", kind=kind, count=1)
    with pytest.raises(jwt.InvalidTokenError):
        claims(slack, signed_in(slack)["id_token"])


def test_an_unknown_kid_is_not_among_the_keys(slack: Slack) -> None:
    slack.control("faults", method="id_token", kind="unknown_kid", count=1)
    assert jwt.get_unverified_header(signed_in(slack)["id_token"])["kid"] not in keys(slack)


def test_the_keys_can_be_away(slack: Slack) -> None:
    slack.control("faults", method="openid.keys", kind="status", count=1, status=503)
    slack.control("faults", method="openid.keys", kind="garbage", count=1)
    assert slack.http.get(f"{slack.url}/openid/connect/keys").status_code == 503
    with pytest.raises(json.JSONDecodeError):
        slack.http.get(f"{slack.url}/openid/connect/keys").json()
