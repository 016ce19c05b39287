"""Every environment variable that Terpadu reads: name, default, meaning. Nothing else reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Variable:
    """One environment variable: its name, its default and what it is for."""

    name: str
    default: str
    help: str

    def read(self) -> str:
        """Return the value from the environment, or the default."""
        return os.environ.get(self.name, "") or self.default


PORT = Variable("PORT", "8000", "port of the web server on this machine")
DATA = Variable(
    "TERPADU_DATA", str(PROJECT_ROOT / ".data"), "directory of database, keys, documents and records"
)
DATABASE_URL = Variable(
    "DATABASE_URL", "", "address of a PostgreSQL >= 15; empty: an embedded server is started"
)
DEMO = Variable("TERPADU_DEMO", "", "1 shows the demo country and its accounts; never in production")
HOSTS = Variable(
    "TERPADU_HOSTS", "localhost,127.0.0.1,[::1]", "host names the web server answers to, by comma"
)
BASE_URL = Variable(
    "TERPADU_BASE_URL", "", "address under which people reach the portal; empty: this machine and port"
)
OUTWAY_URL = Variable(
    "TERPADU_OUTWAY_URL", "", "address of the gateway that the portal uses; empty: PORT + 11"
)
CONTROL_URL = Variable(
    "TERPADU_CONTROL_URL",
    "",
    "address under which gateways reach the web server; empty: this machine and port",
)
FSC_NETWORKS = Variable(
    "TERPADU_FSC_NETWORKS",
    "",
    "private networks in which foreign peers' managers may stand, by comma, such as 10.20.0.0/16",
)
JOIN_FOUR_EYES = Variable(
    "TERPADU_JOIN_FOUR_EYES",
    "",
    "1: an agency that joins in the browser waits until a second person, an operator, approves it",
)
NATS_URL = Variable(
    "NATS_URL",
    "",
    "NATS servers with JetStream that carry events, by comma; empty: the database carries them",
)
WEB_WORKERS = Variable(
    "TERPADU_WEB_WORKERS", "", "processes of the web server; empty: one for each core, at most 4"
)
SESSION_IDLE = Variable(
    "TERPADU_SESSION_IDLE_MINUTES",
    "60",
    "minutes without use after which a person proves again who they are (NIST SP 800-63B-4, AAL2: at most 60)",
)
SESSION_AT_MOST = Variable(
    "TERPADU_SESSION_HOURS",
    "24",
    "hours after which every session ends (NIST SP 800-63B-4, AAL2: at most 24)",
)
NETWORK_PLACES = Variable(
    "TERPADU_NETWORK_PLACES",
    "",
    "CSV file of networks with their places (network, latitude, longitude, place), for signals of impossible travel",
)
EXISTING = Variable(
    "TERPADU_EXISTING",
    "",
    "directory of the demo agencies' own web programs, which `python -m tools.existing` makes; empty: .existing beside the code",
)
PORTFOLIO_SIZE = Variable(
    "TERPADU_DEMO_PORTFOLIO",
    "27000",
    "how many made-up applications the demo country's inventory begins with",
)
LOG_FORMAT = Variable("TERPADU_LOG", "console", "console or json")

ALL = (
    PORT,
    DATA,
    DATABASE_URL,
    DEMO,
    HOSTS,
    BASE_URL,
    OUTWAY_URL,
    CONTROL_URL,
    FSC_NETWORKS,
    JOIN_FOUR_EYES,
    NATS_URL,
    WEB_WORKERS,
    SESSION_IDLE,
    SESSION_AT_MOST,
    NETWORK_PLACES,
    EXISTING,
    PORTFOLIO_SIZE,
    LOG_FORMAT,
)


def port() -> int:
    """Return the port of the web server. Raises ValueError when it is not a number from 1 to 65535."""
    value = int(PORT.read())
    if not 0 < value < 65536:
        raise ValueError(f"{PORT.name} must be from 1 to 65535")
    return value


def data_dir() -> Path:
    """Return the data directory as an absolute path; it may not exist yet."""
    return Path(DATA.read()).expanduser().resolve()


def is_demo() -> bool:
    """Tell whether the demo country is on."""
    return DEMO.read() == "1"
