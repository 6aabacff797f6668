"""`python -m config.serve`: uvicorn with the settings this product needs, and a goodbye to sockets before it stops."""

import argparse
import random
import socket

import uvicorn

from config import starting

BYE_SPREAD_MS = 3000


class Server(uvicorn.Server):
    """Before the sockets are closed with 1012, each gets `bye` with its own delay: they do not come back as one."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from django.utils.module_loading import import_string

        await import_string("livechat.consumers.say_bye")(lambda: random.randint(0, BYE_SPREAD_MS))
        await super().shutdown(sockets)


def configuration(host: str, port: int) -> uvicorn.Config:
    from django.conf import settings

    return uvicorn.Config(
        "config.asgi:application",
        host=host,
        port=port,
        # browsers offer deflate; accepting it costs 90 KiB per idle socket
        ws_per_message_deflate=False,
        ws_max_size=131_072,
        ws_ping_interval=25,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=10,
        # "auto" would take a refusal to start for a missing lifespan, and serve all the same
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES or None,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=None)
    arguments = parser.parse_args()
    starting.read_settings()
    from django.conf import settings

    # not asyncio.run: only `run` takes uvloop
    Server(configuration(arguments.host, arguments.port or settings.PORT)).run()


if __name__ == "__main__":
    main()
