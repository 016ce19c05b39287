"""What the provider can tell of a person: claims, the scopes that ask for them, and why an application may have them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SCOPE_CLAIMS: dict[str, tuple[str, ...]] = {
    "openid": (),
    "profile": ("name", "birthdate", "gender"),
    "nik": ("nik",),
    "proofing": ("verified_claims",),
    "offline_access": (),
}
"""Scopes of OpenID Connect Core 5.4 that we know, and two of our own: the NIK is never part of a profile."""

CLAIMS: tuple[str, ...] = ("name", "birthdate", "gender", "nik", "verified_claims")
"""All claims about a person beyond `sub`, in the order in which people see them."""


@dataclass(frozen=True)
class ClaimUse:
    """Why a client may have a claim. is_essential: the service cannot be given without it. legal_basis: the article."""

    claim: str
    is_essential: bool
    purpose: str
    purpose_en: str
    legal_basis: str


@dataclass(frozen=True)
class Wanted:
    """What one request asks for: claims, and which of them in the ID token too."""

    claims: tuple[str, ...]
    in_id_token: tuple[str, ...]


def wanted_claims(
    scope: Iterable[str], requested: Mapping[str, Any], *, allowed: Mapping[str, ClaimUse]
) -> Wanted:
    """Return the claims a request asks for by scope and by the `claims` parameter (OpenID Connect Core 5.5).

    Claims that the client has no registered purpose for are left out, as 5.5.1 lets us.
    """
    by_scope = {claim for name in scope for claim in SCOPE_CLAIMS.get(name, ())}
    in_id_token = set(_names(requested, "id_token"))
    all_of_them = by_scope | in_id_token | set(_names(requested, "userinfo"))
    return Wanted(
        claims=tuple(claim for claim in CLAIMS if claim in all_of_them and claim in allowed),
        in_id_token=tuple(claim for claim in CLAIMS if claim in in_id_token and claim in allowed),
    )


def _names(requested: Mapping[str, Any], where: str) -> Iterable[str]:
    part = requested.get(where)
    return part.keys() if isinstance(part, dict) else ()


def digest_of_question(uses: Iterable[ClaimUse], details: object, scope: Iterable[str]) -> str:
    """Return a digest of everything a consent page asks, so that a changed question is asked anew.

    uses: the claims shown with purpose, legal basis and whether they are essential. details: data shares.
    """
    shown = [[use.claim, use.is_essential, use.purpose, use.legal_basis] for use in uses]
    asked = json.dumps([shown, details, sorted(scope)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(asked.encode()).hexdigest()
