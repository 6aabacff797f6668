"""How the sandbox is started: command line first, then environment, then the demo's fixed values."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Options:
    host: str = "127.0.0.1"
    port: int = 8002
    app_url: str = "http://localhost:8000"
    public_url: str = ""
    secret_key: str = "sk_test_sandbox0123456789abcdef"
    webhook_secret: str = "whsec_sandbox0123456789abcdef0123456789"
    webhook_path: str = "/stripe/webhook"
    end_state: str = "cancel"
    upcoming_days: int = 7
    state: str = ""
    clock: float = 1.0
    start: int = 0
    seed: int = 0
    quiet: bool = False

    @property
    def origin(self) -> str:
        """Where browsers and the app find this sandbox."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def webhook_url(self) -> str:
        return self.app_url.rstrip("/") + self.webhook_path


HELP = {
    "host": "address to listen on",
    "port": "port to listen on",
    "app_url": "origin of the app that receives webhooks",
    "public_url": "origin of the sandbox as browsers see it (default http://localhost:<port>)",
    "secret_key": "the one key that the API takes",
    "webhook_secret": "signing secret of the endpoint that is there from the start",
    "webhook_path": "path of that endpoint at the app; empty for no endpoint",
    "end_state": "what becomes of a subscription after the last retry: cancel, unpaid or past_due",
    "upcoming_days": "how many days before a renewal invoice.upcoming is sent",
    "state": "file that keeps everything over a restart (default: none)",
    "clock": "how many times faster the retry schedule of webhooks runs",
    "start": "epoch seconds the test clock stands at first and stays until advanced (default: real time, running)",
    "seed": "seed of every id and every random decision",
    "quiet": "print nothing but errors",
}
CHOICES = {"end_state": ("cancel", "unpaid", "past_due")}


def parse(argv: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m stripe_sandbox", description=__doc__)
    for field in fields(Options):
        _add(parser, field.name, field.default)
    return Options(**vars(parser.parse_args(argv)))


def _add(parser: argparse.ArgumentParser, name: str, default: object) -> None:
    flag = "--" + name.replace("_", "-")
    given = os.environ.get("STRIPE_SANDBOX_" + name.upper())
    help_text = HELP.get(name, name.replace("_", " "))
    if isinstance(default, bool):
        parser.add_argument(flag, action="store_true", default=given in ("1", "true"), help=help_text)
    else:
        kind = {int: int, float: float}.get(type(default), str)
        value = kind(given) if given else default
        parser.add_argument(flag, type=kind, default=value, help=help_text, choices=CHOICES.get(name))
