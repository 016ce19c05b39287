"""Transaction ids: UUIDv7 (RFC 9562, section 5.7), the same at every hop of one exchange."""

import os
import re

_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_transaction_id(*, now: float) -> str:
    """Return a fresh transaction id.

    Args:
        now: Unix seconds.
    """
    random = int.from_bytes(os.urandom(10), "big")
    milliseconds = int(now * 1000) & (2**48 - 1)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & (2**62 - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_transaction_id(text: str) -> bool:
    """Say whether a text is a transaction id in its one spelling."""
    return _SHAPE.fullmatch(text) is not None
