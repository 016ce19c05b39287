"""Tiles: how a log keeps and serves its tree (C2SP tlog-tiles).

A tile is up to 256 neighbouring hashes of one level; each hash above level 0 is the root of a full tile below. A partial
tile is the beginning of the full one that it becomes, so whoever keeps the newest tile can serve every earlier width.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from terpadu_wire.errors import LogError
from terpadu_wire.tlog.merkle import EMPTY_ROOT, HASH_BYTES, fold, node_hash, split_of

WIDTH = 256
_HEIGHT = 8
_MAX_LEVEL = 63
_PATH = re.compile(
    r"(?P<level>0|[1-9]\d?|entries)/(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?"
)

TileReader = Callable[[int, int], bytes]
"""Gives the hashes of a tile, one after the other, by level and index; as many as there are."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """What an address under ``tile/`` asks for. level: None for a bundle of entries. width: 1 to 256."""

    level: int | None
    index: int
    width: int


def parse_tile_path(path: str) -> TilePath:
    """Return what the path after ``tile/`` asks for.

    Raises:
        LogError: ``log.path``; it is not one of the forms of tlog-tiles.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise LogError("log.path", "there is no such tile")
    width = int(found["width"] or WIDTH)
    level = None if found["level"] == "entries" else int(found["level"])
    parts = found["index"].replace("x", "").split("/")
    leading_zero = len(parts) > 1 and parts[0] == "000"
    if leading_zero or (found["width"] and width >= WIDTH) or (level or 0) > _MAX_LEVEL:
        raise LogError("log.path", "there is no such tile")
    return TilePath(level, int("".join(parts)), width)


def tile_path(level: int | None, index: int, *, width: int = WIDTH) -> str:
    """Return the path after ``tile/`` of a tile, or of a bundle of entries when the level is None."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    part = "" if width == WIDTH else f".p/{width}"
    return f"{'entries' if level is None else level}/{name}{part}"


def extended(size: int, leaves: Iterable[bytes], *, read: TileReader) -> dict[tuple[int, int], bytes]:
    """Return the tiles that change when leaves are appended, by level and index, as they stand afterwards.

    size: number of leaves so far. leaves: leaf hashes in order. read: the tiles of the tree so far.
    """
    changed: dict[tuple[int, int], bytearray] = {}
    counts = [size >> (_HEIGHT * level) for level in range(_MAX_LEVEL // _HEIGHT + 1)]
    for leaf in leaves:
        level, value = 0, leaf
        while True:
            index, place = divmod(counts[level], WIDTH)
            key = (level, index)
            if key not in changed:
                changed[key] = bytearray(read(level, index)[: place * HASH_BYTES] if place else b"")
            changed[key] += value
            counts[level] += 1
            if place != WIDTH - 1:
                break
            value, level = fold(_hashes(bytes(changed[key]))), level + 1
    return {key: bytes(hashes) for key, hashes in changed.items()}


class TileTree:
    """Hashes of ranges of a tree of a given size, out of its tiles.

    Args:
        size: number of leaves.
        read: gives tiles; each is read at most once.
    """

    def __init__(self, size: int, *, read: TileReader) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def root(self) -> bytes:
        """Return the root of the tree."""
        return self.range_hash(0, self.size) if self.size else EMPTY_ROOT

    def range_hash(self, start: int, end: int) -> bytes:
        """Return the tree hash of the leaves from start up to, not including, end.

        Raises:
            LogError: ``log.tile_missing``; a tile is shorter than the size asks for.
        """
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self._node(width.bit_length() - 1, start // width)
        middle = start + split_of(width)
        return node_hash(self.range_hash(start, middle), self.range_hash(middle, end))

    def _node(self, height: int, place: int) -> bytes:
        level, rest = divmod(height, _HEIGHT)
        index, first = divmod(place << rest, WIDTH)
        if (level, index) not in self._tiles:
            self._tiles[level, index] = _hashes(self._read(level, index))
        hashes = self._tiles[level, index][first : first + (1 << rest)]
        if len(hashes) != 1 << rest:
            raise LogError("log.tile_missing", "a tile of the log is not there")
        return fold(hashes)


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[place : place + HASH_BYTES] for place in range(0, len(tile), HASH_BYTES)]
