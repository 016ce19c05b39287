"""The Merkle tree of RFC 6962 (section 2.1): hashes, proofs and their checks, as pure functions."""

import hashlib
from collections.abc import Callable, Sequence

from terpadu_wire.errors import LogError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

RangeHash = Callable[[int, int], bytes]
"""Gives the tree hash of the leaves from one index up to, not including, another."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf's entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of neighbouring hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[place], level[place + 1]) for place in range(0, len(level), 2)]
    return level[0]


def split_of(width: int) -> int:
    """Return the largest power of two below a width of two or more: where the tree divides."""
    return 1 << (width - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, *, range_hash: RangeHash) -> list[bytes]:
    """Return the sibling hashes from a leaf up to the root (RFC 6962, section 2.1.1).

    index: place of the leaf. size: number of leaves of the tree.

    Raises:
        LogError: ``log.out_of_range``; the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise LogError("log.out_of_range", "the tree has no such leaf")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, *, range_hash: RangeHash) -> list[bytes]:
    """Return the hashes that show a larger tree to begin with a smaller one (RFC 6962, section 2.1.2).

    Raises:
        LogError: ``log.out_of_range``; the old size is not between 0 and the new one.
    """
    if not 0 <= old <= new:
        raise LogError("log.out_of_range", "a tree cannot have shrunk")
    if old in (0, new):
        return []
    start, end, path = 0, new, []
    while old != end:
        middle = start + split_of(end - start)
        if old <= middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    if start:
        path.append(range_hash(start, end))
    return path[::-1]


def inclusion_holds(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether a proof leads from a leaf hash at an index to a root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistency_holds(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether a proof leads from an old root to a new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return bool(path) and _climb(old, new, path) == (old_root, new_root)


def _climb(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return both roots that a consistency path computes, or None when it has a wrong length."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        place, last = place >> 1, last >> 1
    return (old_found, new_found) if last == 0 else None
