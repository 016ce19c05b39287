"""The face match: who may compare a picture with the registry's is registered here; the picture itself is never kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from terpadu.identity.errors import FaceUnavailable


@dataclass(frozen=True)
class FaceAnswer:
    """What the registry says of a picture. score: similarity, 0 to 1. active: the NIK belongs to a living person."""

    found: bool
    active: bool
    score: float


class FaceMatcher(Protocol):
    """Compare a picture with the one the population registry has of a NIK (1:1)."""

    name: str

    def compare(self, nik: str, image: bytes) -> FaceAnswer:
        """Answer for a JPEG or PNG.

        Raises FaceUnavailable when the registry is down, slow or makes no sense, and FaceUnusable when there is no face
        in the picture, or more than one, or it is blurred. Keeps nothing of the picture.
        """


_registered: list[FaceMatcher] = []


def register_face_matcher(matcher: FaceMatcher) -> None:
    """Name the adapter that compares faces; the latest one counts. Call it from an app's `ready`."""
    _registered[:] = [matcher]


def face_matcher() -> FaceMatcher:
    """Return the registered adapter. Raises FaceUnavailable when there is none."""
    if not _registered:
        raise FaceUnavailable(reason="no matcher is registered")
    return _registered[0]


def has_face_matcher() -> bool:
    """Tell whether a face match can be offered at all."""
    return bool(_registered)
