"""What a client is told of a person: exactly the claims that were ticked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from terpadu.identity.models import Person
from terpadu.identity.policies.sharing import is_sharing_limited
from terpadu.identity.selectors.accounts import open_nik
from terpadu.identity.selectors.proofing import proofing_of
from terpadu.identity.selectors.provider.proofing import answers, verification_of
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor

OIDC_GENDER = {"L": "male", "P": "female"}


def facts_of(
    person_id: UUID, claims: Iterable[str], *, client_id: str, wish: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return claims about a person (OpenID Connect Core 5.1). Two queries, one more each for NIK and verified claims.

    wish: the `verified_claims` element of the request. Giving the NIK writes an audit entry. Nothing is told while the person
    has had the use of their particulars limited.
    """
    asked = list(claims)
    if not asked or is_sharing_limited(person_id):
        return {}
    person = Person.objects.get(pk=person_id)
    plain = {
        "name": person.name,
        "birthdate": person.birth_on.isoformat(),
        "gender": OIDC_GENDER[person.sex],
    }
    told = {name: plain[name] for name in asked if name in plain}
    if "nik" in asked:
        told["nik"] = _nik(person, client_id)
    if "verified_claims" in asked:
        told |= _verified(person, told, wish or {})
    return told


def _nik(person: Person, client_id: str) -> str:
    facts = {"reason": "identity.userinfo", "client": client_id}
    by = Actor.system("provider")
    audit.record("identity.nik_revealed", by=by, about_kind="person", about_id=person.id, facts=facts)
    return open_nik(person)


def _verified(person: Person, told: Mapping[str, Any], wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verified claims among what is told, nothing when the proofing is not what was demanded."""
    verification = verification_of(proofing_of(person.id))
    demanded = wish.get("verification")
    if isinstance(demanded, dict) and not answers(verification, demanded):
        return {}
    return {"verified_claims": {"verification": verification, "claims": dict(told)}} if told else {}
