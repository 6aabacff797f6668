"""How the sandbox is started: command line first, then environment, then the demo's fixed values."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Options:
    host: str = "127.0.0.1"
    port: int = 8001
    app_url: str = "http://localhost:8000"
    public_url: str = ""
    client_id: str = "1000000001.2000000002"
    client_secret: str = "sandbox-client-secret-0123456789ab"
    signing_secret: str = "sandbox-signing-secret-0123456789a"
    app_id: str = "A0SANDBOX1"
    app_name: str = "Threadbell"
    redirect_url: str = ""
    state: str = ""
    clock: float = 1.0
    limits: float = 1.0
    seed: int = 0
    quiet: bool = False

    @property
    def origin(self) -> str:
        """Where browsers and the app find this sandbox."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def redirect_urls(self) -> list[str]:
        return [url.strip() for url in (self.redirect_url or self.app_url).split(",") if url.strip()]


HELP = {
    "host": "address to listen on",
    "port": "port to listen on",
    "app_url": "origin of the app that receives events and interactions",
    "public_url": "origin of the sandbox as browsers see it (default http://localhost:<port>)",
    "redirect_url": "allowed redirect addresses, comma-separated (default: anything under the app's origin)",
    "state": "file that keeps the workspaces over a restart (default: none)",
    "clock": "how many times faster Slack's retry schedule runs",
    "limits": "how many times more generous the rate limits are",
    "seed": "seed of every random decision",
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
