"""Who follows whom: a line of successors must come to an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def find_cycles(successor: Mapping[Key, Key]) -> list[list[Key]]:
    """Return every circle among successors, each from one of its members on; none when every line ends.

    successor: by application the one that follows it.
    """
    done: set[Key] = set()
    cycles = []
    for start in successor:
        path: dict[Key, int] = {}
        at: Key | None = start
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = successor.get(at)
        if at is not None and at in path:
            cycles.append(list(path)[path[at] :])
        done.update(path)
    return cycles


def would_cycle(successor: Mapping[Key, Key], *, of: Key, to: Key) -> list[Key]:
    """Return the circle that naming `to` as successor of `of` would close, [] when it closes none."""
    path = [of]
    at: Key | None = to
    while at is not None and at not in path:
        path.append(at)
        at = successor.get(at)
    return path if at == of else []
