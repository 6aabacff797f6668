"""The demo's Stripe: a stand-in beside the product, unless whoever starts the demo has said otherwise."""

from collections.abc import Mapping

from house import secrets_file
from house.children import free_port, is_free
from house.environment import PYTHON, ROOT, VAR
from house.words import give_up

# both sides know them; they open nothing but the sandbox on this machine
KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_sandbox0123456789abcdef",
    "STRIPE_WEBHOOK_SECRET": "whsec_sandbox0123456789abcdef0123456789",
}
FIRST_PORT, LAST_PORT = 8002, 8099
LIVE = ("sk_live_", "rk_live_")


def is_wanted(env: Mapping[str, str]) -> bool:
    """Whoever has set a key tries that; whoever has set an empty one sees the product as it is without billing."""
    return own_key(env) is None


def own_key(env: Mapping[str, str]) -> str | None:
    """As the settings find it: `.env` and STRIPE_SECRET_KEY_FILE count too, the process environment most."""
    for known in (env, secrets_file.read(ROOT / ".env")):
        if "STRIPE_SECRET_KEY" in known:
            return known["STRIPE_SECRET_KEY"].strip()
        if path := known.get("STRIPE_SECRET_KEY_FILE"):
            return read(path)
    return None


def read(path: str) -> str:
    try:
        return (ROOT / path).read_text().strip()
    except OSError as error:
        give_up(f"STRIPE_SECRET_KEY_FILE names a file that cannot be read: {error}")


def refuse_live_key(env: Mapping[str, str]) -> None:
    """The demo's link lets anybody at this machine in as the owner."""
    if (own_key(env) or "").startswith(LIVE):
        give_up(
            "STRIPE_SECRET_KEY is a live key, and a demo must not take anybody's money. Start the product with"
            " bin/run --no-demo, or the demo without billing: STRIPE_SECRET_KEY= bin/run"
        )


def choose_port(host: str, taken: set[int]) -> int:
    """8002, or the next that nobody listens on."""
    free = (port for port in range(FIRST_PORT, LAST_PORT) if port not in taken and is_free(port, host))
    return next(free, None) or free_port()


def environment(port: int) -> dict[str, str]:
    """For the product."""
    return {**KEYS, "STRIPE_API_URL": f"http://localhost:{port}"}


def command(host: str, port: int, app_url: str) -> list[str]:
    flags = {
        "--host": host,
        "--port": str(port),
        "--app-url": app_url,
        "--state": str(VAR / "stripe-sandbox.json"),
        "--secret-key": KEYS["STRIPE_SECRET_KEY"],
        "--webhook-secret": KEYS["STRIPE_WEBHOOK_SECRET"],
    }
    return [str(PYTHON), "-m", "stripe_sandbox", *(word for pair in flags.items() for word in pair)]
