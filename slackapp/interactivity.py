"""What a person pressed, in the envelope of an event: recorded, answered and worked like everything Slack tells."""

from typing import Any

BLOCK_ACTIONS = "block_actions"
# what an action of any kind of element may say (docs.slack.dev/reference/interaction-payloads/block_actions-payload)
_ACTION = """action_id block_id type value selected_option selected_options selected_user selected_users
    selected_channel selected_channels selected_conversation selected_conversations selected_date selected_time
    selected_date_time""".split()


def envelope(payload: dict[str, Any]) -> dict[str, Any] | None:
    """As `actions.record_event` takes it; None for what nobody waits for (modals, shortcuts and what is unknown).

    A trigger_id is given once per press, so it is what a repeat is known by. Of the message that carried the button
    nothing is kept but its place.
    """
    actions = payload.get("actions")
    if payload.get("type") != BLOCK_ACTIONS or not isinstance(actions, list) or not actions:
        return None
    team, enterprise, user = (mapping(payload.get(name)) for name in ("team", "enterprise", "user"))
    where = {"team_id": team.get("id"), "enterprise_id": enterprise.get("id") or team.get("enterprise_id")}
    result: dict[str, Any] = {
        "type": "event_callback",
        "api_app_id": payload.get("api_app_id"),
        **where,
        # a press is told to one installation, whose ids these are
        "authorizations": [where],
        "event": _press(payload, mapping(actions[0]), user),
    }
    trigger = payload.get("trigger_id")
    return {**result, "event_id": f"press:{trigger}"} if isinstance(trigger, str) and trigger else result


def _press(payload: dict[str, Any], action: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    container, channel = (mapping(payload.get(name)) for name in ("container", "channel"))
    message = mapping(payload.get("message"))
    return {
        "type": BLOCK_ACTIONS,
        "user": user.get("id"),
        "user_team": user.get("team_id"),
        "channel": channel.get("id") or container.get("channel_id"),
        "message_ts": container.get("message_ts") or message.get("ts"),
        "thread_ts": container.get("thread_ts") or message.get("thread_ts"),
        "action": _action(action),
        # `home` or `modal` where it was no message
        "view": mapping(payload.get("view")).get("type"),
        "state": mapping(payload.get("state")).get("values"),
        "response_url": payload.get("response_url"),
        "trigger_id": payload.get("trigger_id"),
    }


def pressed(action: dict[str, Any]) -> tuple[str, str]:
    """The action's id and value. An option of an overflow menu is a button of its own, whose value is `id:value`."""
    action_id, value = str(action.get("action_id") or ""), str(action.get("value") or "")
    option = str(mapping(action.get("selected_option")).get("value") or "")
    if action.get("type") == "overflow" and ":" in option:
        action_id, _, value = option.partition(":")
    return action_id, value


def is_in_modal(payload: dict[str, Any]) -> bool:
    """Whether this happened inside a modal, whose form is to follow at once."""
    return mapping(payload.get("view")).get("type") == "modal"


def _action(action: dict[str, Any]) -> dict[str, Any]:
    action_id, value = pressed(action)
    kept = {name: action[name] for name in _ACTION if name in action}
    return {**kept, **({"action_id": action_id, "value": value} if action.get("type") == "overflow" else {})}


def mapping(value: Any) -> dict[str, Any]:
    """Empty for anything else."""
    return value if isinstance(value, dict) else {}
