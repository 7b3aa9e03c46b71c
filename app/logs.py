"""What is written to the log, and above all what is not.

No address, agent, query, cookie or body is ever logged, and no exception's message either: a message such as
`invalid literal for int(): '...'` repeats what somebody typed. Errors are logged as the exception's type
and the lines of our code it passed through.
"""

from __future__ import annotations

import logging
import logging.config
import time
import traceback
from collections.abc import Iterator

#: Give this to uvicorn as `log_config=None, access_log=False` after `configure_logging()`.
LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"

SPARING_SECONDS = 60.0


def configure_logging(level: str = "INFO") -> None:
    """Send every log line of the program to standard error, through the one formatter that keeps secrets."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"discreet": {"()": DiscreetFormatter, "fmt": LINE}},
            "filters": {"sparing": {"()": Sparing}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                "piccolo": {"level": "WARNING"},
                "uvicorn": {"handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True, "filters": ["sparing"]},
                "opinion.connections": {"filters": ["sparing"]},
                # During an outage of the database these say so every few seconds; opinion.web says it once.
                "opinion.live": {"filters": ["sparing"]},
                "app.responses.upkeep.arrival": {"filters": ["sparing"]},
                "asyncpg.pool": {"level": "ERROR"},
                "asyncio": {"filters": ["sparing"]},
                "uvicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            },
        }
    )


class Sparing(logging.Filter):
    """Lets each warning through once a minute. Any stranger can cause them, and would fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, kind = time.monotonic(), str(record.msg)
        if record.levelno != logging.WARNING:
            return True
        if now - self.last.get(kind, -SPARING_SECONDS) < SPARING_SECONDS:
            return False
        self.last[kind] = now
        return True


class DiscreetFormatter(logging.Formatter):
    """Formats exceptions without their messages, and asyncio's notices without the objects they print."""

    def formatException(self, ei) -> str:
        return "\n".join(what_went_wrong(ei[1])) if ei[1] is not None else ""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "asyncio":
            record = logging.makeLogRecord({**record.__dict__, "msg": _first_line(record), "args": None})
        record.exc_text = None  # another handler may have cached the talkative version
        return super().format(record)


def _first_line(record: logging.LogRecord) -> str:
    """asyncio prints the failed task, exception and all, from the second line on."""
    return record.getMessage().partition("\n")[0]


def what_went_wrong(error: BaseException) -> Iterator[str]:
    """The types of an exception and of its causes, outermost first, each with the lines it passed through."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield type(link).__qualname__
        for frame in traceback.extract_tb(link.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        link = link.__cause__ or link.__context__
