"""Transaction ids: UUIDv7 (RFC 9562, section 5.7), the same at every hop of one exchange."""

import re

from terpadu_wire.randomness import random_bytes

_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_transaction_id(*, now: float) -> str:
    """Return a fresh transaction id.

    Args:
        now: Unix seconds.
    """
    random = random_bytes().hex()
    time = f"{int(now * 1000) & (2**48 - 1):012x}"
    variant = "89ab"[int(random[0], 16) % 4]
    return f"{time[:8]}-{time[8:]}-7{random[1:4]}-{variant}{random[4:7]}-{random[7:19]}"


def is_transaction_id(text: str) -> bool:
    """Say whether a text is a transaction id in its one spelling."""
    return _SHAPE.fullmatch(text) is not None
