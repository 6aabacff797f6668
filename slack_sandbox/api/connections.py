"""apps.connections.open: the address of a WebSocket, for the app's own token."""

from slack_sandbox.api.registry import Call, Refusal, method
from slack_sandbox.model import Json


@method("apps.connections.open", tier="t1", takes_json=True, with_token=False)
def open_connection(call: Call) -> Json:
    if not call.token:
        raise Refusal("not_authed")
    if call.token != call.box.options.app_token:
        raise Refusal("not_allowed_token_type" if call.token.startswith("xoxb-") else "invalid_auth")
    return {"url": call.box.postman.sockets.ticket()}
