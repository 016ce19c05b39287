"""How a person's identity was proofed, in the words of OpenID Connect for Identity Assurance 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terpadu.identity.enums import ProofingMethod
from terpadu.identity.selectors.proofing import ProofingView

TRUST_FRAMEWORK = "id_terpadu"
"""Name of the rules by which proofing is done here; no Indonesian trust framework has a registered name (assumed)."""
CHECK_METHODS: Mapping[str, str] = {
    ProofingMethod.REGISTRY.value: "data",
    ProofingMethod.FACE.value: "bvr",
    ProofingMethod.COUNTER.value: "vpip",
}
"""Codes of the Identity Assurance registry of check methods; "" as method means no check."""


def verification_of(proofing: ProofingView) -> dict[str, Any]:
    """Return the `verification` element of verified claims (OpenID Connect for Identity Assurance 1.0, 5.4)."""
    found: dict[str, Any] = {"trust_framework": TRUST_FRAMEWORK, "assurance_level": proofing.level.value}
    if proofing.at is None:
        return found
    record = {"type": "population_register", "source": {"name": "Dukcapil", "country_code": "IDN"}}
    checks = [
        {"check_method": CHECK_METHODS[proofing.method], "time": proofing.at.isoformat(timespec="seconds")}
    ]
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
