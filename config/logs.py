"""One line of JSON per event outside of debug, and a filter that masks everything that looks like a secret."""

import logging
import re

import structlog

SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xoxe[\w.-]+|xapp-[\w-]+|[sr]k_(?:live|test)_\w+|whsec_\w+|vt_[\w.-]{8,}"
    r"|Bearer\s+[\w.~+/=-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+|gAAAA[\w=-]{20,}"
)


def mask(text: str) -> str:
    return SECRETS.sub("***", text)


class MaskSecrets(logging.Filter):
    """Runs on the handler, so also over third-party records; the arguments are folded in before masking."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True


def config(debug: bool) -> dict[str, object]:
    renderer = structlog.dev.ConsoleRenderer(colors=False) if debug else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ExtraAdder(),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"mask": {"()": "config.logs.MaskSecrets"}},
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask"]}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "urllib3": {"level": "WARNING"},
            "huey": {"level": "WARNING"},
            "django.channels.server": {"level": "WARNING"},
        },
    }
