"""C10: what is held about somebody who logs in is theirs to take along, and to take away."""

import json

from allauth.account.models import EmailAddress
from django.test import Client

from accounts import actions
from accounts.models import Agent, AuditEntry, Member, Role, User, Workspace
from livechat import ending
from tests.conftest import ClientOf, prove

DATA = "/console/account/data"


def test_everything_about_me_and_nothing_about_others(
    alice: Member, bob: Member, client_of: ClientOf
) -> None:
    said = client_of(bob).get(f"{DATA}/file").content.decode()
    found = json.loads(said)
    assert found["account"]["email"] == "bob@acme.example"
    assert found["workspaces"][0]["role"] == "agent"
    assert found["faces"][0]["name"] == "Bob"
    assert not [word for word in ("alice@acme.example", bob.user.password) if word in said]


def test_an_agent_takes_their_account_away_and_their_face_stays(
    alice: Member, bob: Member, client_of: ClientOf
) -> None:
    browser = client_of(bob)
    assert (
        "Nothing was deleted" in browser.post(f"{DATA}/delete", {"word": "no"}, follow=True).content.decode()
    )
    assert browser.post(f"{DATA}/delete", {"word": " Delete "})["Location"] == "/"
    assert not User.objects.filter(email="bob@acme.example").exists()
    assert not EmailAddress.objects.filter(email="bob@acme.example").exists()
    assert Agent.unscoped.get(workspace=alice.workspace, name="Bob").is_gone
    assert AuditEntry.objects.in_workspace(alice.workspace).filter(verb="member.left").exists()
    assert "/accounts/login/" in browser.get("/console/chats")["Location"]


def test_the_only_owner_of_others_stays_until_somebody_else_is_one(
    alice: Member, bob: Member, client_of: ClientOf
) -> None:
    browser = client_of(alice)
    assert "Make somebody else an owner" in browser.get(DATA).content.decode()
    refused = browser.post(f"{DATA}/delete", {"word": "delete"}, follow=True).content.decode()
    assert "Make somebody else an owner first" in refused
    Member.unscoped.filter(pk=bob.pk).update(role=Role.OWNER)
    browser.post(f"{DATA}/delete", {"word": "delete"})
    assert not User.objects.filter(email="alice@acme.example").exists()
    assert Workspace.objects.filter(pk=alice.workspace_id, ending_since=None).exists()


def test_a_workspace_of_mine_alone_goes_with_me(mallory: Member, client_of: ClientOf) -> None:
    workspace = actions.create_workspace("Another of Mallory’s", mallory.user).workspace
    browser = client_of(mallory)
    assert "What is in there goes with you" in browser.get(DATA).content.decode()
    browser.post(f"{DATA}/delete", {"word": "delete"})
    ending.work()
    assert not Workspace.objects.filter(pk__in=[workspace.pk, mallory.workspace_id]).exists()


def test_it_asks_who_is_there(bob: Member, client_of: ClientOf) -> None:
    browser = client_of(bob)
    prove(browser, bob.user, ago=16 * 60)
    assert "reauthenticate" in browser.post(f"{DATA}/delete", {"word": "delete"})["Location"]
    assert "reauthenticate" in browser.get(f"{DATA}/file")["Location"]
    assert User.objects.filter(pk=bob.user_id).exists()
    assert "/accounts/login/" in Client().get(DATA)["Location"]
