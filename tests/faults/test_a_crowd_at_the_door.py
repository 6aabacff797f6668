"""Everybody comes back at once after a restart, and the database answers slowly: nobody may be sent away for that."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from accounts.models import Workspace
from livechat import access, arriving, consumers, protocol
from livechat.models import Site
from livechat.tokens import new_claim
from livechat.visitor_reads import Welcome


async def slow_database(function: Callable[..., Any], *args: Any) -> Any:
    """Answers as the real reads do for somebody new, but only after the time in which a hello must have come."""
    await asyncio.sleep(0.3)
    if function is access.arrive:
        site = Site(workspace=Workspace(name="Acme"), name="Shop")
        return access.Arrival(site, new_claim(site.id))
    return Welcome(chat_id=None, is_open=False, rev=0, frame={"type": "welcome"})


async def meet() -> dict[str, Any]:
    scope = {"type": "websocket", "path": "/ws/visitor", "headers": [], "client": ("127.0.0.1", 1)}
    socket: Any = ApplicationCommunicator(consumers.visitor, scope)  # type: ignore[no-untyped-call]
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(5))["type"] == "websocket.accept"
    hello = {"type": "hello", "protocol": 1, "site": "pk_shop"}
    await socket.send_input({"type": "websocket.receive", "text": json.dumps(hello)})
    answer = await socket.receive_output(5)
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(5)
    return dict(answer)


def test_a_hello_that_came_in_time_is_answered_however_long_the_answer_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "HELLO_SECONDS", 0.1)
    for module in (arriving, consumers):
        monkeypatch.setattr(module, "db", slow_database)
    answer = asyncio.run(meet())
    assert answer["type"] == "websocket.send", answer
    assert json.loads(answer["text"]) == {"type": "welcome"}
