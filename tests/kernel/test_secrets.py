"""Key files: made once, whoever comes first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from terpadu.kernel.secrets import KEY_BYTES, read_or_make


def test_read_or_make_by_racing_threads_agrees_on_one_key(tmp_path: Path) -> None:
    for name in range(20):
        barrier, path = threading.Barrier(8), tmp_path / f"{name}.key"

        def take(barrier: threading.Barrier = barrier, path: Path = path) -> bytes:
            barrier.wait()
            return read_or_make.__wrapped__(path)

        with ThreadPoolExecutor(8) as pool:
            found = {future.result() for future in [pool.submit(take) for _ in range(8)]}

        assert len(found) == 1
        assert len(found.pop()) == KEY_BYTES
