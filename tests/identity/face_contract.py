"""What every adapter of the face match must do; run it against each one."""

from __future__ import annotations

import pytest

from terpadu.identity.errors import FaceUnusable
from terpadu.identity.services.faces import FaceMatcher


def check_face_contract(matcher: FaceMatcher, *, nik: str, picture: bytes, no_face: bytes) -> None:
    """Check an adapter: a score within 0 and 1 for a picture, FaceUnusable for one without a face, and a name."""
    answer = matcher.compare(nik, picture)
    assert 0 <= answer.score <= 1
    assert answer.found
    assert answer.active
    assert matcher.name
    with pytest.raises(FaceUnusable):
        matcher.compare(nik, no_face)
