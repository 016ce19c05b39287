"""Structured logs on standard error: one JSON object per line, stable event names, no personal values."""

import logging
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper

import structlog


class _Patient(TextIOWrapper):
    """A stream that never raises: when the disk under it is full, an event is lost and not the call it is about."""

    def write(self, text: str) -> int:
        """Write a text if that is possible."""
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if that is possible."""
        with suppress(OSError):
            super().flush()


def configure_logs(gateway: str) -> None:
    """Send every event to standard error, with the gateway's name in it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=_Patient(sys.stderr.buffer, line_buffering=True)),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(gateway=gateway)


def trace_of(error: BaseException | None) -> dict[str, object]:
    """Return what a log may say of an unexpected error: its type and where it came from, never its text or values."""
    if error is None:
        return {"error": "none", "trace": []}
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "trace": places[-8:]}
