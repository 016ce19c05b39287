"""PostgreSQL's pg_trgm as a baseline: every pair of a list whose texts share trigrams enough."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from terpadu.config import postgres

START_S = 30.0
JOIN = """
    SELECT l.id, r.id, similarity(l.text, r.text) FROM list l JOIN list r ON l.id < r.id AND l.text % r.text
"""


def trigram_join(texts: list[str], *, least: float) -> list[tuple[int, int, float]]:
    """Return (left, right, likeness) for all pairs with at least that likeness, by their places in the list."""
    with (
        tempfile.TemporaryDirectory(prefix="terpadu-trgm-") as directory,
        _server(Path(directory)) as address,
        psycopg.connect(address, autocommit=True) as connection,
    ):
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE list (id int PRIMARY KEY, text text)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO list VALUES (%s, %s)", list(enumerate(texts)))
        connection.execute("CREATE INDEX ON list USING gin (text gin_trgm_ops)")
        connection.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, false)", [str(least)])
        return [(left, right, float(likeness)) for left, right, likeness in connection.execute(JOIN)]


@contextmanager
def _server(directory: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own in a directory; yield the address of its database."""
    directory.chmod(0o711)
    postgres.prepare(directory)
    user = postgres.run_as()
    server = subprocess.Popen(  # noqa: S603 - the embedded distribution's own program
        postgres.server_command(directory, durable=False),
        user=user,
        group=user,
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_S
        while not postgres.is_ready(directory) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield postgres.url_of(directory, "postgres")
    finally:
        server.terminate()
        server.wait()
