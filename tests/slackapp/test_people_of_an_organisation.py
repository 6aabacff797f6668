"""S10: Enterprise Grid: whose people they are, for an app of the whole organisation and for one of a single team."""

from typing import Any

import pytest
from django.utils import timezone

from livechat.models import ChatSession
from slackapp import people
from slackapp.models import Connection, Installation, SlackIdentity
from tests.cast import lines_of
from tests.payloads.slack import typed
from tests.slackapp.peer import Slack
from tests.slackapp.test_answering_from_slack import answer, hear, root_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("enterprise", ["E0RG", "E0THER"])
def test_an_org_wide_installation_hears_its_own_teams_alone(
    slack: Slack, connection: Connection, chat: ChatSession, enterprise: str
) -> None:
    installation = connection.installation
    assert installation is not None
    Installation.objects.filter(pk=installation.pk).update(slack_team_id="", enterprise_id="E0RG")
    SlackIdentity.objects.create(
        slack_team_id="T0TEAM", slack_user_id="U0BOB", name="Bob", seen_from="E0RG", fetched_at=timezone.now()
    )
    event = typed("hi", user="U0BOB", channel=connection.channel_id, thread_ts=root_of(chat))
    hear(
        installation,
        event | {"team": "T0TEAM"},
        authorizations=[{"enterprise_id": enterprise, "team_id": "T0TEAM"}],
    )
    assert lines_of(chat) == (["Hello?", "hi"] if enterprise == "E0RG" else ["Hello?"])


@pytest.mark.parametrize(
    ("more", "outsider"),
    [
        ({"enterprise_user": {"enterprise_id": "E0RG"}}, False),
        ({"enterprise_user": {"enterprise_id": "E0THER"}}, True),
        ({}, True),
        ({"enterprise_user": "odd"}, True),
        ({"enterprise_user": {"enterprise_id": "E0RG"}, "is_restricted": True}, False),
    ],
)
def test_an_organisations_own_people_are_those_who_carry_its_mark(
    more: dict[str, Any], outsider: bool
) -> None:
    """Partners in shared channels, who need not be on any Grid, carry none."""
    of_org = Installation(slack_team_id="", enterprise_id="E0RG")
    assert people.profile({"team_id": "T0TEAM", **more}, of_org)["is_outsider"] is outsider


def test_who_is_at_home_at_another_customer_is_a_partner_all_the_same(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """Mallory was asked for by her own company's installation first, where she is no stranger."""
    installation = connection.installation
    assert installation is not None
    Installation.objects.filter(pk=installation.pk).update(slack_team_id="", enterprise_id="E0RG")
    SlackIdentity.objects.create(
        slack_team_id="T0GLOBEX",
        slack_user_id="U0MALLORY",
        name="Mallory",
        seen_from="T0GLOBEX",
        fetched_at=timezone.now(),
    )
    theirs = {"user": "U0MALLORY", "user_team": "T0GLOBEX", "team": "T0GLOBEX"}
    event = typed("I am Acme", channel=connection.channel_id, thread_ts=root_of(chat), **theirs)
    hear(installation, event, authorizations=[{"enterprise_id": "E0RG", "team_id": "T0TEAM"}])
    assert lines_of(chat) == ["Hello?"]
    assert chat.messages.filter(is_note=True, body="I am Acme").exists()


def test_whom_another_customer_was_told_of_as_a_stranger_answers_at_home(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """Bob wrote in a channel that Globex shares with his company, and Globex is answered from here as well."""
    bob = {"slack_team_id": slack.team()["id"], "slack_user_id": slack.person("bob")}
    stranger = {"is_outsider": True, "seen_from": slack.team("Globex")["id"], "fetched_at": timezone.now()}
    SlackIdentity.objects.create(**bob, **stranger)
    answer(slack, chat, "Hello, I am Bob")
    assert lines_of(chat) == ["Hello?", "Hello, I am Bob"]


def test_news_of_a_person_for_another_customer_change_nothing_at_home(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    answer(slack, chat, "Hello, I am Bob")
    bob = SlackIdentity.objects.filter(slack_user_id=slack.person("bob"))
    assert connection.installation is not None
    known = {"app_id": connection.installation.app_id, "installed_at": timezone.now()}
    Installation.objects.create(slack_team_id="T0GLOBEX", **known)
    user = {"id": slack.person("bob"), "team_id": slack.team()["id"], "is_stranger": True, "name": "bob"}
    theirs = {"authorizations": [{"team_id": "T0GLOBEX"}], "team_id": "T0GLOBEX"}
    hear(connection.installation, {"type": "user_change", "user": user}, **theirs)
    assert not bob.get().is_outsider


# --- an app that one team of an organisation installed for itself --------------------------------------------------


@pytest.mark.parametrize(
    ("organisation", "heard"), [("E0RG", ["Hello?", "It is me, Bob"]), ("E0THER", ["Hello?"])]
)
def test_a_colleague_told_by_their_organisation_answers_and_anothers_does_not(
    slack: Slack, connection: Connection, chat: ChatSession, organisation: str, heard: list[str]
) -> None:
    """In a shared channel `user_team` and `source_team` name the organisation, also where `team` is ours."""
    assert connection.installation is not None
    home = connection.installation.slack_team_id
    theirs = {"user_team": organisation, "source_team": organisation, "team": home}
    event = typed(
        "It is me, Bob",
        user=slack.person("bob"),
        channel=connection.channel_id,
        thread_ts=root_of(chat),
        **theirs,
    )
    hear(
        connection.installation,
        event,
        authorizations=[{"enterprise_id": "E0RG", "team_id": home, "is_enterprise_install": False}],
    )
    assert lines_of(chat) == heard
    said = chat.messages.get(body="It is me, Bob")
    assert said.is_note is (organisation == "E0THER")
    assert said.is_note or (
        said.agent is not None and said.agent.external_id == f"slack:{home}:{event['user']}"
    )


def test_an_organisation_that_only_the_outer_event_names_makes_nobody_a_colleague(
    slack: Slack, connection: Connection, chat: ChatSession
) -> None:
    """The outer ids are the sender's in a channel that another company shares with us."""
    assert connection.installation is not None
    home = connection.installation.slack_team_id
    for team_id in (home, "E0THER"):
        SlackIdentity.objects.create(
            slack_team_id=team_id,
            slack_user_id="W0MALLORY",
            name="Mallory",
            seen_from=home,
            fetched_at=timezone.now(),
        )
    theirs = {"user": "W0MALLORY", "user_team": "E0THER", "team": home}
    event = typed("I am Acme", channel=connection.channel_id, thread_ts=root_of(chat), **theirs)
    to_us = {"enterprise_id": None, "team_id": home}
    hear(connection.installation, event, enterprise_id="E0THER", authorizations=[to_us])
    assert lines_of(chat) == ["Hello?"]


@pytest.mark.parametrize(
    ("user", "outsider"),
    [
        (
            {"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0", "teams": ["T0OTHER", "T0"]}},
            False,
        ),
        ({"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0", "teams": ["T0OTHER"]}}, True),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": "T0"}}, True),
        ({"team_id": "T0", "enterprise_user": {"teams": []}}, False),
        ({"enterprise_user": None}, False),
        ({"team_id": "T0", "is_stranger": True}, True),
    ],
)
def test_somebody_of_several_teams_is_at_home_in_each(user: dict[str, Any], outsider: bool) -> None:
    assert people.profile(user, Installation(slack_team_id="T0"))["is_outsider"] is outsider
