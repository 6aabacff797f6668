"""S16: modals are opened within three seconds of a press, filled in, submitted, answered and closed."""

import time

import pytest

from tests.slack_sandbox.block_kit import field, option, plain
from tests.slack_sandbox.conftest import App, Bot, Heard, Json, Slack

PATH = "/slack/interactivity"


REASON = field("reason", {"type": "plain_text_input", "action_id": "why", "max_length": 20})
WHO = field("who", {"type": "users_select", "action_id": "who.pick"}, optional=True)
TAGS = field(
    "tags",
    {"type": "multi_static_select", "action_id": "tags.pick", "options": [option("vip"), option("spam")]},
    optional=True,
)
REPLY = field(
    "reply", {"type": "external_select", "action_id": "saved.pick", "min_query_length": 0}, optional=True
)
DAY = field("day", {"type": "datepicker", "action_id": "day.pick"}, optional=True)


def modal(*blocks: Json, **more: object) -> Json:
    return {
        "type": "modal",
        "title": plain("Close"),
        "submit": plain("Close"),
        "blocks": list(blocks),
        **more,
    }


FULL = modal(REASON, WHO, TAGS, REPLY, DAY, callback_id="chat.close", private_metadata="chat-1")


@pytest.fixture
def channel(bot: Bot) -> str:
    return bot.create()


def trigger(slack: Slack, app: App, channel: str) -> str:
    """What a press gives."""
    slack.control("command", user="bob", channel=channel, text="close")
    return [one for one in app.heard if one.path == "/slack/commands"][-1].form["trigger_id"]


@pytest.fixture
def opened(slack: Slack, app: App, bot: Bot, channel: str) -> Json:
    answer = bot.call("views.open", trigger_id=trigger(slack, app, channel), view=FULL)
    assert answer["ok"], answer
    return dict(answer["view"])


def submit(slack: Slack, **values: object) -> Json:
    return slack.control("submit", user="bob", values=values)


def test_a_modal_is_opened_inside_the_request(slack: Slack, app: App, bot: Bot, channel: str) -> None:
    def open_it(heard: Heard) -> None:
        bot.call("views.open", trigger_id=heard.form["trigger_id"], view=FULL)

    app.says["/slack/commands"] = open_it
    slack.control("command", user="bob", channel=channel, text="close")
    assert slack.control("modal", user="bob")["view"]["title"]["text"] == "Close"
    assert slack.control("modal", user="carol")["view"] is None


def test_a_trigger_opens_one_modal_and_only_soon(slack: Slack, app: App, bot: Bot, channel: str) -> None:
    one = trigger(slack, app, channel)
    assert bot.call("views.open", trigger_id=one, view=FULL)["ok"]
    assert bot.call("views.open", trigger_id=one, view=FULL)["error"] == "exchanged_trigger_id"
    assert bot.call("views.open", trigger_id="1.2.x", view=FULL)["error"] == "invalid_trigger_id"
    slack.control("triggers", seconds=0.05)
    late = trigger(slack, app, channel)
    time.sleep(0.1)
    assert bot.call("views.open", trigger_id=late, view=FULL)["error"] == "expired_trigger_id"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"title": plain("x" * 25)}, "/view/title/text"),
        ({"submit": None}, "submit is required"),
        ({"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({"blocks": [field("a", {"type": "button", "text": plain("x")})]}, "/view/blocks/0/element"),
        ({"blocks": [field("a", {"type": "static_select"})]}, "options"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"nonsense": 1}, "nonsense"),
        ({"type": "home"}, "/view/type"),
    ],
)
def test_a_view_that_breaks_the_rules_is_refused_with_the_place(
    slack: Slack, app: App, bot: Bot, channel: str, wrong: Json, pointer: str
) -> None:
    one = trigger(slack, app, channel)
    answer = bot.call("views.open", trigger_id=one, view={**FULL, **wrong})
    assert answer["error"] == "invalid_arguments"
    assert pointer in " ".join(answer["response_metadata"]["messages"])
    assert bot.call("views.open", trigger_id=one, view=FULL)["ok"]


def test_what_is_filled_in_comes_as_state(slack: Slack, app: App, opened: Json) -> None:
    told = submit(slack, reason="Done", who="carol", tags=["vip"], day="2026-05-31")
    assert told["sent"]
    assert told["view"] is None
    view = app.payloads("view_submission")[-1]["view"]
    assert (view["id"], view["callback_id"], view["private_metadata"]) == (
        opened["id"],
        "chat.close",
        "chat-1",
    )
    values = view["state"]["values"]
    assert values["reason"]["why"] == {"type": "plain_text_input", "value": "Done"}
    assert values["who"]["who.pick"]["selected_user"] == slack.person("carol")
    assert [one["value"] for one in values["tags"]["tags.pick"]["selected_options"]] == ["vip"]
    assert values["day"]["day.pick"]["selected_date"] == "2026-05-31"
    assert values["reply"]["saved.pick"]["selected_option"] is None


def test_slack_itself_checks_what_is_required_and_how_long_it_is(
    slack: Slack, app: App, opened: Json
) -> None:
    assert submit(slack)["errors"] == {"reason": "Please complete this required field."}
    assert "no more than 20" in submit(slack, reason="x" * 21)["errors"]["reason"]
    assert app.payloads("view_submission") == []
    assert "no field nonsense" in slack.refused("submit", user="bob", values={"nonsense": 1})
    assert "no option" in slack.refused("submit", user="bob", values={"tags": ["other"]})


def test_an_error_stands_beside_its_field_and_the_modal_stays(slack: Slack, app: App, opened: Json) -> None:
    app.says[PATH] = lambda heard: {"response_action": "errors", "errors": {"reason": "Say more."}}
    told = submit(slack, reason="x")
    assert told["errors"] == {"reason": "Say more."}
    assert told["view"]["id"] == opened["id"]


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": modal(REASON, title=plain("x" * 30))},
        {"response_action": "nonsense"},
        "fine",
    ],
)
def test_an_answer_that_slack_does_not_take_is_trouble(
    slack: Slack, app: App, opened: Json, answer: object
) -> None:
    app.says[PATH] = lambda heard: answer
    told = submit(slack, reason="x")
    assert told["problem"].startswith("invalid_response")
    assert told["view"]["id"] == opened["id"]


def test_an_app_that_fails_leaves_the_modal_open(slack: Slack, app: App, opened: Json) -> None:
    app.fails[PATH] = 500
    told = submit(slack, reason="x")
    assert told["problem"] == "http_error"
    assert told["sentence"] == "We had some trouble connecting. Try again?"
    assert submit(slack)["view"] is None


def test_a_submission_may_change_push_and_clear(slack: Slack, app: App, opened: Json) -> None:
    second = modal(REASON, title=plain("Two"))
    app.says[PATH] = lambda heard: {"response_action": "update", "view": second}
    assert submit(slack, reason="x")["view"]["title"]["text"] == "Two"
    app.says[PATH] = lambda heard: {"response_action": "push", "view": second}
    assert submit(slack, reason="x")["depth"] == 2
    assert submit(slack, reason="x")["depth"] == 3
    assert "no more than 3" in submit(slack, reason="x")["problem"]
    app.says[PATH] = lambda heard: {"response_action": "clear"}
    assert submit(slack, reason="x")["view"] is None


def test_an_update_needs_the_newest_hash_and_keeps_what_was_typed(
    slack: Slack, app: App, bot: Bot, opened: Json
) -> None:
    submit(slack, reason="", day="2026-05-31")
    changed = bot.call("views.update", view_id=opened["id"], hash=opened["hash"], view=FULL)
    assert changed["ok"]
    again = bot.call("views.update", view_id=opened["id"], hash=opened["hash"], view=FULL)
    assert again["error"] == "hash_conflict"
    assert changed["view"]["state"]["values"]["day"]["day.pick"]["selected_date"] == "2026-05-31"
    slack.control("close_modal", user="bob")
    assert bot.call("views.update", view_id=opened["id"], view=FULL)["error"] == "not_found"


def test_a_press_in_a_modal_may_push_another_up_to_three(
    slack: Slack, app: App, bot: Bot, channel: str
) -> None:
    button = {"type": "button", "action_id": "more", "text": plain("More")}
    view = modal({"type": "actions", "block_id": "row", "elements": [button]}, submit=None)
    bot.call("views.open", trigger_id=trigger(slack, app, channel), view=view)
    answers = []
    for _ in range(3):
        slack.control("modal_action", user="bob", action_id="more")
        pressed = app.payloads("block_actions")[-1]
        assert pressed["container"] == {"type": "view", "view_id": pressed["view"]["id"]}
        assert "response_url" not in pressed
        answers.append(bot.call("views.push", trigger_id=pressed["trigger_id"], view=view))
    assert [one.get("error", "") for one in answers] == ["", "", "push_limit_reached"]
    assert answers[1]["view"]["previous_view_id"] == answers[0]["view"]["id"]
    from_outside = trigger(slack, app, channel)
    assert bot.call("views.push", trigger_id=from_outside, view=view)["error"] == "not_found"


def test_closing_is_told_when_it_was_asked_for(slack: Slack, app: App, bot: Bot, channel: str) -> None:
    view = modal(REASON, notify_on_close=True)
    bot.call("views.open", trigger_id=trigger(slack, app, channel), view=view)
    slack.control("close_modal", user="bob")
    closed = app.payloads("view_closed")[-1]
    assert closed["is_cleared"] is False
    assert "trigger_id" not in closed
    assert "no modal is open" in slack.refused("close_modal", user="bob")


def test_suggestions_come_from_the_app_and_only_those_can_be_chosen(
    slack: Slack, app: App, opened: Json
) -> None:
    app.says["/slack/options"] = lambda heard: {"options": [option("hello")]}
    assert "ask for suggestions" in slack.refused("submit", user="bob", values={"reply": "hello"})
    told = slack.control("suggest", user="bob", action_id="saved.pick", query="he")
    assert [one["value"] for one in told["options"]] == ["hello"]
    asked = app.payloads("block_suggestion", "/slack/options")[-1]
    assert (asked["value"], asked["action_id"], asked["block_id"]) == ("he", "saved.pick", "reply")
    submit(slack, reason="x", reply="hello")
    state = app.payloads("view_submission")[-1]["view"]["state"]["values"]
    assert state["reply"]["saved.pick"]["selected_option"]["value"] == "hello"


@pytest.mark.parametrize("answer", [{"options": [option("a")] * 101}, {"options": [{"value": "a"}]}, {}])
def test_wrong_suggestions_are_none(slack: Slack, app: App, opened: Json, answer: Json) -> None:
    app.says["/slack/options"] = lambda heard: answer
    told = slack.control("suggest", user="bob", action_id="saved.pick", query="he")
    assert told["problem"].startswith("invalid_response")
    assert told["options"] == []
