"""Which signing authority this installation uses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from terpadu.documents.adapters.signing import SigningAdapter


@cache
def _test_authority(folder: Path) -> SigningAdapter:
    # Here, not above: it needs pyHanko, which takes 0.3 s to import.
    from terpadu.documents.adapters.authority import TestAuthoritySigner

    return TestAuthoritySigner(folder)


def signing_adapter() -> SigningAdapter:
    """Return the authority that signs for this installation."""
    return _test_authority(Path(settings.SECRETS_DIR) / "documents")
