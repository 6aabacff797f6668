"""A bare Channels consumer as every tutorial writes it: one row by the ORM through `database_sync_to_async`, echo."""

import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from tests.benchmarks.controls.models import Line


class EchoConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = json.loads(text_data or "{}")
        await database_sync_to_async(Line.objects.create)(body=frame["body"])
        await self.send(text_data=json.dumps(frame))


application = EchoConsumer.as_asgi()
