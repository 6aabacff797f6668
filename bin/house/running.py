"""bin/run: the product in the foreground, with a Slack and a Stripe of its own unless told otherwise."""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import NoReturn

from house import environment, secrets_file, till
from house.children import Children, answers, is_free
from house.environment import PYTHON, ROOT, VAR
from house.words import give_up, say

LOGS = VAR / "log"
# both sides of the demo's Slack app; they open nothing but the sandbox on this machine
SANDBOX_APP = {
    "SLACK_CLIENT_ID": "1000000001.2000000002",
    "SLACK_CLIENT_SECRET": "sandbox-client-secret-0123456789ab",
    "SLACK_SIGNING_SECRET": "sandbox-signing-secret-0123456789a",
    "SLACK_APP_ID": "A0SANDBOX1",
}
SANDBOX_APP_TOKEN = "xapp-1-A0SANDBOX1-4000000004-sandboxapptoken0123456789abcdef"
START_SECONDS = 120.0


def main() -> None:
    options = parse(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_now)
    refuse_busy_ports(options)
    settle_stripe(options)
    environment.ensure(environment.RUNTIME)
    children = Children()
    try:
        start(options, children)
        watch(children)
    except KeyboardInterrupt:
        say("\nStopping.")
    finally:
        # from here on a second Ctrl-C must not leave children behind
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        children.stop()


def stop_now(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/run", description="Starts the product and, unless told otherwise, a demo."
    )
    parser.add_argument(
        "--no-demo", action="store_true", help="the product alone, with Slack as the environment says"
    )
    port = os.environ.get("PORT") or "8000"
    if not port.isdigit():
        give_up(f"PORT must be a number between 1 and 65535, not {port!r}.")
    parser.add_argument("--port", type=int, default=int(port), help="of the product")
    parser.add_argument("--sandbox-port", type=int, default=8001, help="of the demo's Slack")
    parser.add_argument(
        "--stripe-port",
        type=int,
        default=0,
        help="of the demo's Stripe (8002, or the next that is free)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    return parser.parse_args(arguments)


def refuse_busy_ports(options: argparse.Namespace) -> None:
    wanted = {"--port": options.port}
    if not options.no_demo:
        wanted |= {"--sandbox-port": options.sandbox_port}
        wanted |= {"--stripe-port": options.stripe_port} if options.stripe_port else {}
    for option, port in wanted.items():
        if not is_free(port, options.host):
            give_up(
                f"Port {port} is in use. Stop what listens there, or choose another: bin/run {option} {port + 10}"
            )


def settle_stripe(options: argparse.Namespace) -> None:
    """Whether there is a stand-in for Stripe (a port other than 0), and where."""
    if options.no_demo or not till.is_wanted(os.environ):
        options.stripe_port = 0
        if not options.no_demo:
            till.refuse_live_key(os.environ)
        return
    taken = {options.port, options.sandbox_port}
    options.stripe_port = options.stripe_port or till.choose_port(options.host, taken)


def start(options: argparse.Namespace, children: Children) -> None:
    env = product_environment(options)
    if not options.no_demo:
        start_sandbox(options, children, socket_mode=hears_over_a_socket(env))
    if options.stripe_port:
        start_stripe(options, children)
    prepare(env)
    log = None if options.no_demo else LOGS / "product.log"
    serve = [str(PYTHON), "-m", "config.serve", "--host", options.host, "--port", str(options.port)]
    children.start("The product", serve, env, log)
    if env.get("REDIS_URL"):
        worker = [str(PYTHON), "manage.py", "run_huey"]
        children.start("The worker", worker, env, None if options.no_demo else LOGS / "worker.log")
    children.wait_until(lambda: answers(f"{local(options.port)}/healthz"), START_SECONDS, "The product")
    if hears_over_a_socket(env):
        listen(options, children, env)
    if options.no_demo:
        say(f"Threadbell is at {env['PUBLIC_URL']}\nCtrl-C stops it.")
    else:
        show_demo(options, children, env)


def hears_over_a_socket(env: Mapping[str, str]) -> bool:
    """Asked as the settings ask it: `.env` and SLACK_APP_TOKEN_FILE count too, the process environment most."""
    for known in (env, secrets_file.read(ROOT / ".env")):
        if "SLACK_APP_TOKEN" in known:
            return bool(known["SLACK_APP_TOKEN"].strip())
        if known.get("SLACK_APP_TOKEN_FILE"):
            return True
    return False


def listen(options: argparse.Namespace, children: Children, env: Mapping[str, str]) -> None:
    """Socket Mode is a process of its own, which Slack may send away at any moment."""
    command = [str(PYTHON), "manage.py", "slack_socket"]
    log = None if options.no_demo else LOGS / "socket.log"
    children.start("The listener of Socket Mode", command, env, log, kept_alive=True)


def local(port: int) -> str:
    return f"http://localhost:{port}"


def product_environment(options: argparse.Namespace) -> dict[str, str]:
    """The process environment, the secrets it lacks and, for the demo, the sandbox in place of Slack."""
    env = dict(os.environ)
    env |= secrets_file.fill(env, ROOT / ".env", VAR / "secrets.env")
    env["PORT"] = str(options.port)
    env["PYTHONUNBUFFERED"] = "1"
    known = env.get("PUBLIC_URL") or secrets_file.read(ROOT / ".env").get("PUBLIC_URL")
    env["PUBLIC_URL"] = known or local(options.port)
    if not options.no_demo:
        slack = local(options.sandbox_port)
        env |= SANDBOX_APP | {"DEMO": "1", "SLACK_API_URL": f"{slack}/api/", "SLACK_WEB_URL": slack}
        # the real app's token goes to nobody but Slack; whoever has set one sees the demo over Socket Mode
        env["SLACK_APP_TOKEN"] = SANDBOX_APP_TOKEN if hears_over_a_socket(env) else ""
    if options.stripe_port:
        env |= till.environment(options.stripe_port)
    return env


def start_sandbox(options: argparse.Namespace, children: Children, *, socket_mode: bool) -> None:
    flags = {
        "--host": options.host,
        "--port": str(options.sandbox_port),
        "--app-url": local(options.port),
        "--state": str(VAR / "slack-sandbox.json"),
        "--client-id": SANDBOX_APP["SLACK_CLIENT_ID"],
        "--client-secret": SANDBOX_APP["SLACK_CLIENT_SECRET"],
        "--signing-secret": SANDBOX_APP["SLACK_SIGNING_SECRET"],
        "--app-id": SANDBOX_APP["SLACK_APP_ID"],
        "--app-token": SANDBOX_APP_TOKEN,
    }
    command = [str(PYTHON), "-m", "slack_sandbox", *(word for pair in flags.items() for word in pair)]
    if socket_mode:
        command.append("--socket-mode")
    env = {name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")}
    children.start("The demo's Slack", command, env, LOGS / "slack-sandbox.log")


def start_stripe(options: argparse.Namespace, children: Children) -> None:
    command = till.command(options.host, options.stripe_port, local(options.port))
    env = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_SANDBOX_")}
    children.start("The demo's Stripe", command, env, LOGS / "stripe-sandbox.log")


def prepare(env: dict[str, str]) -> None:
    """Tables and static files, side by side: either costs seconds the first time."""
    with ThreadPoolExecutor(1) as pool:
        packing = pool.submit(pack_static_files, env)
        manage(env, "migrate", "--noinput", "--verbosity", "0")
        packing.result()


def pack_static_files(env: dict[str, str]) -> None:
    """Only when one of them has changed."""
    stamp, now = VAR / "static.stamp", digest_of_static()
    if not stamp.exists() or stamp.read_text() != now:
        say("Packing the static files")
        manage(env, "collectstatic", "--noinput", "--clear", "--verbosity", "0")
        stamp.write_text(now)


def digest_of_static() -> str:
    files = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    files.append(ROOT / "config" / "static.py")  # how they are packed
    seen = [f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    seen.append(environment.digest(environment.RUNTIME))
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def manage(env: dict[str, str], *arguments: str) -> str:
    """Runs a management command to its end; its failure is the end of ours."""
    done = subprocess.run(
        [str(PYTHON), "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        give_up(f"manage.py {arguments[0]} failed; the reason is above.")
    return done.stdout


def show_demo(options: argparse.Namespace, children: Children, env: dict[str, str]) -> None:
    slack, stripe = local(options.sandbox_port), local(options.stripe_port)
    children.wait_until(lambda: answers(f"{slack}/healthz"), START_SECONDS, "The demo's Slack")
    if options.stripe_port:
        children.wait_until(lambda: answers(f"{stripe}/healthz"), START_SECONDS, "The demo's Stripe")
    seeded = json.loads(manage(env, "seed_demo", "--product", local(options.port)).splitlines()[-1])
    children.wait_until(lambda: answers(f"{local(options.port)}/readyz"), START_SECONDS, "The demo")
    shown = {
        "The shop": f"{local(options.port)}/demo",
        "The console": seeded["console"],
        "Slack": seeded["slack"],
    }
    if options.stripe_port:
        shown["Stripe"] = f"{stripe}/"
    addresses = "\n".join(f"  {what:<14}{where}" for what, where in shown.items())
    say(f"""
Threadbell is running. Open these side by side:

{addresses}

Write in the shop's chat, answer in the thread in Slack.
{children.logs()}
Ctrl-C stops everything.""")


def watch(children: Children) -> None:
    while (dead := children.dead()) is None:
        children.revive()
        time.sleep(0.25)
    give_up(f"{dead.problem()} Everything else has been stopped too.")
