"""S9: any route becomes the default, and a route leads to any Slack team that the workspace is connected to."""

import pytest

from accounts.models import Member
from livechat.models import ChatSession, Site
from slackapp import actions, setup
from slackapp.actions import routes as acts
from slackapp.actions.leaving import disconnect
from slackapp.actions.routes import add_route, change_route, remove_route, routes_of
from slackapp.models import Connection
from slackapp.routes import Conditions
from tests.cast import lines_of
from tests.slackapp.peer import Slack, fresh, install, link_of, settle
from tests.slackapp.test_which_route_a_chat_takes import refused, route, start

pytestmark = pytest.mark.django_db(transaction=True)


def test_any_route_that_works_becomes_the_default(
    slack: Slack, connection: Connection, alice: Member, site: Site
) -> None:
    sales = route(slack, alice, site, "Sales", Conditions(pages="/pricing"))
    before = start(slack, site, "https://shop.example/about")
    acts.make_default(alice, sales)
    assert [one.pk for one in routes_of(site, alice)] == [connection.pk, sales.pk]
    for url in ("https://shop.example/about", "https://shop.example/pricing"):
        assert link_of(start(slack, site, url)).connection == sales
    assert link_of(before).connection == connection
    slack.act("say", user="bob", text="Still here", team="Acme", **thread_of(before))
    settle(slack)
    assert lines_of(before) == ["Hello", "Still here"]
    change_route(alice, fresh(connection), "Help", Conditions(pages="/help"))
    assert link_of(start(slack, site, "https://shop.example/help")).connection == connection
    remove_route(alice, fresh(connection))
    assert link_of(start(slack, site, "https://shop.example/help")).connection == sales


def thread_of(chat: ChatSession) -> dict[str, str]:
    link = link_of(chat)
    return {"channel": link.channel_id, "thread_ts": str(link.root_ts)}


def test_what_does_not_work_becomes_no_default(
    slack: Slack, connection: Connection, alice: Member, mallory: Member, site: Site
) -> None:
    pending = add_route(alice, site, "Sales", "still", Conditions(pages="/x"))
    assert "mend that first" in refused(acts.make_default, alice, fresh(pending))
    assert "already" in refused(acts.make_default, alice, connection)
    refused(acts.make_default, mallory, fresh(pending))
    assert fresh(connection).is_default


def test_a_route_may_lead_to_another_team_of_the_workspace(
    slack: Slack, connection: Connection, alice: Member, mallory: Member, site: Site
) -> None:
    other = Site.objects.in_workspace(alice.workspace).create(workspace=alice.workspace, name="Outlet")
    globex = actions.start_connection(alice, other, Connection.Mode.STILL)
    install(slack, alice, globex, "mallory", "Globex")
    globex = fresh(globex)
    listed = [one.pk for one in acts.installations_of(alice)]
    assert listed == [connection.installation_id, globex.installation_id]
    pricing = Conditions(pages="/pricing")
    sales = add_route(alice, site, "Sales", "still", pricing, globex.installation_id)
    setup.create_channel(alice, fresh(sales), "sales")
    link = link_of(start(slack, site, "https://shop.example/pricing"))
    assert (link.connection, link.installation) == (sales, globex.installation)
    assert slack.look("messages", channel=fresh(sales).channel_id, team="Globex")["messages"]
    disconnect(alice, globex)
    disconnect(alice, sales)
    assert "listed" in refused(
        add_route, alice, site, "Again", "still", Conditions(pages="/y"), globex.installation_id
    )
    assert acts.installations_of(mallory) == []
