"""A Stripe that says what a test wants it to say, on the wire: for words that the sandbox does not know."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
# status, headers, body: as in the samples
Reply = tuple[int, dict[str, str], Any]


class Saying:
    """`objects` is what it has of one customer, by id. `reply` comes before that, for whoever asks anything."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.reply: Callable[[str, str], Reply | None] = lambda verb, path: None
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def has(self, *objects: Json) -> None:
        self.objects |= {one["id"]: one for one in objects}

    def answer(self, verb: str, path: str, owner: str) -> Reply:
        self.asked.append(f"{verb} {path}")
        told = self.reply(verb, path)
        if told is not None:
            return told
        kind = path.removeprefix("/v1/").partition("/")[0]
        if path == f"/v1/{kind}":
            return 200, {}, self._list(kind, owner)
        return 200, {}, self.objects[path.rpartition("/")[2]]

    def _list(self, kind: str, owner: str) -> Json:
        of_kind = [one for one in self.objects.values() if f"{one['object']}s" == kind]
        found = [one for one in of_kind if one.get("customer") == owner]
        return {"object": "list", "url": f"/v1/{kind}", "has_more": False, "data": found}


def _handler(saying: Saying) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = urlsplit(self.path)
            owner = parse_qs(asked.query).get("customer", [""])[0]
            status, headers, body = saying.answer(self.command, asked.path, owner)
            raw = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_DELETE = do_GET  # noqa: N815 - names that the library looks for

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
