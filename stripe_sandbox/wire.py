"""One POST over HTTP/1.1 and its status: Stripe's side of the webhooks."""

import asyncio
import ssl
from urllib.parse import urlsplit

import httptools


class _Status:
    def __init__(self) -> None:
        self.complete = False

    def on_message_complete(self) -> None:
        self.complete = True


async def post(url: str, headers: dict[str, str], body: bytes, patience: float) -> int:
    """Raises TimeoutError, or OSError when the app cannot be reached or hangs up without an answer."""
    async with asyncio.timeout(patience):
        return await _exchange(url, headers, body)


async def _exchange(url: str, headers: dict[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(parts.hostname or "localhost", port, ssl=context)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await _status(reader)
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    told = _Status()
    parser = httptools.HttpResponseParser(told)
    while not told.complete:
        data = await reader.read(65536)
        if not data:
            break
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as problem:
            raise ConnectionError("no HTTP answer") from problem
    status = int(parser.get_status_code())
    if not status:
        raise ConnectionError("closed without an answer")
    return status
