"""How the sandbox is started: command line first, then environment, then the demo's fixed values."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Command:
    name: str
    hint: str
    description: str


@dataclass(frozen=True)
class Shortcut:
    callback_id: str
    kind: str
    """`message` or `global`."""
    name: str


@dataclass(frozen=True)
class Options:
    host: str = "127.0.0.1"
    port: int = 8001
    app_url: str = "http://localhost:8000"
    public_url: str = ""
    client_id: str = "1000000001.2000000002"
    client_secret: str = "sandbox-client-secret-0123456789ab"
    signing_secret: str = "sandbox-signing-secret-0123456789a"
    app_token: str = "xapp-1-A0SANDBOX1-4000000004-sandboxapptoken0123456789abcdef"
    app_id: str = "A0SANDBOX1"
    app_name: str = "Threadbell"
    redirect_url: str = ""
    commands: str = (
        "/threadbell|help, status, online, away, auto, list, close, note, settings|Chats on your website"
    )
    shortcuts: str = (
        "chat.manage|message|Manage this chat;chat.note|message|Reply as note;"
        "chats.open|global|Show open chats"
    )
    unfurl_domains: str = ""
    state: str = ""
    clock: float = 1.0
    limits: float = 1.0
    seed: int = 0
    socket_mode: bool = False
    quiet: bool = False

    @property
    def origin(self) -> str:
        """Where browsers and the app find this sandbox."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def redirect_urls(self) -> list[str]:
        return [url.strip() for url in (self.redirect_url or self.app_url).split(",") if url.strip()]

    @property
    def domains(self) -> list[str]:
        """Those whose links the app previews."""
        own = self.unfurl_domains or urlsplit(self.app_url).hostname or ""
        return [domain.strip() for domain in own.split(",") if domain.strip()]

    @property
    def known_commands(self) -> list[Command]:
        return [Command(*_parts(one, 3)) for one in self.commands.split(";")]

    @property
    def known_shortcuts(self) -> list[Shortcut]:
        return [Shortcut(*_parts(one, 3)) for one in self.shortcuts.split(";")]


def _parts(text: str, count: int) -> list[str]:
    parts = [part.strip() for part in text.split("|")]
    return [*parts, *[""] * count][:count]


HELP = {
    "host": "address to listen on",
    "port": "port to listen on",
    "app_url": "origin of the app that receives events and interactions",
    "public_url": "origin of the sandbox as browsers see it (default http://localhost:<port>)",
    "redirect_url": "allowed redirect addresses, comma-separated (default: anything under the app's origin)",
    "commands": "the app's slash commands: name|usage hint|description, separated by ;",
    "shortcuts": "the app's shortcuts: callback_id|message or global|name, separated by ;",
    "unfurl_domains": "domains whose links the app previews, comma-separated (default: the app's own)",
    "state": "file that keeps the workspaces over a restart (default: none)",
    "clock": "how many times faster Slack's retry schedule runs",
    "limits": "how many times more generous the rate limits are",
    "seed": "seed of every random decision",
    "socket_mode": "everything goes over the app's WebSockets from the start, nothing to its addresses",
    "quiet": "print nothing but errors",
}


def parse(argv: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m slack_sandbox", description=__doc__)
    for field in fields(Options):
        _add(parser, field.name, field.default)
    return Options(**vars(parser.parse_args(argv)))


def _add(parser: argparse.ArgumentParser, name: str, default: object) -> None:
    flag = "--" + name.replace("_", "-")
    given = os.environ.get("SANDBOX_" + name.upper())
    help_text = HELP.get(name, name.replace("_", " "))
    if isinstance(default, bool):
        parser.add_argument(flag, action="store_true", default=given in ("1", "true"), help=help_text)
    else:
        kind = {int: int, float: float}.get(type(default), str)
        parser.add_argument(flag, type=kind, default=kind(given) if given else default, help=help_text)
