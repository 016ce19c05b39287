"""A fake face matcher for the demo country and tests: it looks at no face, so it must never be used for real."""

from __future__ import annotations

import hashlib

from terpadu.identity.errors import FaceUnusable
from terpadu.identity.services.faces import FaceAnswer

LEAST_BYTES = 2_000
"""A picture smaller than this has no face that could be compared."""


class FakeFaceMatcher:
    """Answer by the picture's bytes: the same picture always has the same score, and most pictures match."""

    name = "fake"

    def compare(self, nik: str, image: bytes) -> FaceAnswer:
        """Return a made-up score from 0.60 to 0.99. Raises FaceUnusable for a picture that is too small."""
        if len(image) < LEAST_BYTES:
            raise FaceUnusable(reason="no_face")
        spread = int.from_bytes(hashlib.sha256(image).digest()[:2], "big") / 65535
        return FaceAnswer(found=True, active=True, score=round(0.60 + 0.39 * spread, 3))
