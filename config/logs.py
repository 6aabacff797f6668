"""One line of JSON per event outside of debug, and a filter that masks everything that looks like a secret."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xoxe[\w.-]+|xapp-[\w-]+|[sr]k_(?:live|test)_\w+|whsec_\w+|vt_[\w.-]{8,}"
    r"|Bearer\s+[\w.~+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|gAAAA[\w=-]{20,}"
)
# of an address what may open something: each value of its query, and the end of a link that is mailed to somebody.
# No backslash: the line is JSON by then, and must stay so
OPENING = re.compile(
    r"([?&][^\s=?&\"'<>\\]+=|/accounts/(?:invitation|confirm-email|password/reset/key)/|/mail/(?:stop|rate)/)"
    r"[^\s&\"'<>\\]+"
)


def mask(text: str) -> str:
    return OPENING.sub(r"\1***", SECRETS.sub("***", text))


def tell_request(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django hands the whole request along, and shows it with its query: `code` and `state` of Slack, signed links."""
    request = event.pop("request", None)
    if hasattr(request, "path"):
        event["request"] = f"{request.method} {request.path}"
    return event


def mask_line(logger: object, name: str, line: str) -> str:
    """The last step, over the whole line: messages, arguments, tracebacks and third-party records alike."""
    return mask(line)


def config(debug: bool) -> dict[str, object]:
    renderer = structlog.dev.ConsoleRenderer(colors=False) if debug else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
            mask_line,
        ],
        "foreign_pre_chain": [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ExtraAdder(),
            tell_request,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # without the handlers Django gives them, which mask nothing
            "django": {"handlers": []},
            "django.server": {"handlers": [], "propagate": True},
            "urllib3": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},  # two lines for each call
            "uvicorn.error": {"level": "WARNING"},  # it says two lines per socket
            # with handlers of its own, or run_huey gives it one that masks nothing and tells of every hint, twice
            "huey": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
            "django.channels.server": {"level": "WARNING"},
        },
    }
