"""`python -m terpadu_doors serve --config FILE.toml`, and `python -m terpadu_doors describe` for one system."""

import argparse
import logging
import sys
from pathlib import Path

import structlog


def main() -> int:
    """Run the doors until told to stop, or describe the system of a request on standard input."""
    parser = argparse.ArgumentParser(prog="terpadu_doors", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="run the doors of a configuration")
    serve.add_argument("--config", type=Path, required=True, help="the doors' TOML file")
    verbs.add_parser("describe", help="read a request (JSON) and say what the door would offer (JSON)")
    arguments = parser.parse_args()
    _configure_logs()
    return _serve(arguments.config) if arguments.verb == "serve" else _describe()


def _serve(config: Path) -> int:
    import uvloop

    from terpadu_doors.config import ConfigError
    from terpadu_doors.server import run

    try:
        uvloop.run(run(config))
    except ConfigError as error:
        sys.stderr.write(f"terpadu doors: {error}\n")
        return 2
    return 0


def _describe() -> int:
    from terpadu_doors.describe import describe, limit_resources
    from terpadu_doors.problems import DescribeError

    limit_resources()
    try:
        sys.stdout.buffer.write(describe(sys.stdin.buffer.read()))
    except DescribeError as error:
        sys.stderr.write(f"{error.code}: {error.text}\n")
        return 2
    return 0


def _configure_logs() -> None:
    """Send every event to standard error as JSON; libraries may say nothing, they repeat what they were sent."""
    logging.disable(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
