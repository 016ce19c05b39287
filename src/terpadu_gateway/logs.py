"""Structured logs on standard error: one JSON object per line, stable event names, no personal values."""

import logging
import sys
import traceback

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
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
