"""How a person's identity was proofed, in the words of OpenID Connect for Identity Assurance 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from terpadu.identity.models import Account

TRUST_FRAMEWORK = "id_terpadu"
"""Name of the rules by which proofing is done here; no Indonesian trust framework has a registered name (assumed)."""

DECLARED, MATCHED = "declared", "matched"


@dataclass(frozen=True)
class Proofing:
    """How sure it is who a person is. level: declared, matched, confirmed. at: when that was found out."""

    level: str
    at: datetime | None


def proofing_of(person_id: UUID) -> Proofing:
    """Return a person's proofing: an account is only made after the population registry has confirmed who it is for.

    One query.
    """
    made_at = Account.objects.filter(person_id=person_id).values_list("created_at", flat=True).first()
    return Proofing(MATCHED, made_at) if made_at else Proofing(DECLARED, None)


def verification_of(proofing: Proofing) -> dict[str, Any]:
    """Return the `verification` element of verified claims (OpenID Connect for Identity Assurance 1.0, 5.4)."""
    found: dict[str, Any] = {"trust_framework": TRUST_FRAMEWORK, "assurance_level": proofing.level}
    if proofing.at is None:
        return found
    record = {"type": "population_register", "source": {"name": "Dukcapil", "country_code": "IDN"}}
    checks = [{"check_method": "data", "time": proofing.at.isoformat(timespec="seconds")}]
    evidence = {"type": "electronic_record", "check_details": checks, "record": record}
    return {**found, "time": proofing.at.isoformat(timespec="seconds"), "evidence": [evidence]}


def answers(verification: Mapping[str, Any], wish: Mapping[str, Any]) -> bool:
    """Tell whether a verification is what a request demands by `value` or `values` (Identity Assurance 1.0, 6.5).

    wish: the `verification` element of the request; other conditions than on framework and level are not known here, and an
    unknown condition is never met.
    """
    for name, condition in wish.items():
        if not isinstance(condition, dict):
            continue
        allowed = condition.get("values", [condition["value"]] if "value" in condition else None)
        if allowed is not None and (not isinstance(allowed, list) or verification.get(name) not in allowed):
            return False
        if condition.keys() - {"value", "values", "essential", "purpose"}:
            return False
    return True
