"""What FSC core asks of a submitted contract beyond its content, and FSC's names for what can be wrong with it."""

from __future__ import annotations

from pydantic import JsonValue

HASH_ALGORITHM = "HASH_ALGORITHM_SHA3_512"
CONTENT_HASH_PREFIX = "$1$1$"
DOMAIN = "ERROR_DOMAIN_MANAGER"
_CODES = {
    "contract.wrong_group": "INCORRECT_GROUP_ID",
    "contract.submitter_no_party": "SUBMITTING_PEER_NOT_PART_OF_CONTRACT",
    "contract.receiver_no_party": "RECEIVING_PEER_NOT_PART_OF_CONTRACT",
    "contract.signature_other_content": "SIGNATURE_CONTRACT_CONTENT_HASH_MISMATCH",
    "contract.signature_other_peer": "PEER_ID_SIGNATURE_MISMATCH",
    "contract.signature_invalid": "SIGNATURE_VERIFICATION_FAILED",
    "contract.grants_mixed": "GRANT_COMBINATION_NOT_ALLOWED",
    "contract.path_other_content": "URL_PATH_CONTENT_HASH_MISMATCH",
    "contract.hash_algorithm": "UNKNOWN_HASH_ALGORITHM_HASH",
    "contract.signature_algorithm": "UNKNOWN_ALGORITHM_SIGNATURE",
}


def fsc_code(reason: str) -> str:
    """Return FSC's code of a stable reason; the reason itself where FSC has no word for it."""
    if reason.startswith("certificate."):
        return "ERROR_CODE_PEER_CERTIFICATE_VERIFICATION_FAILED"
    return f"ERROR_CODE_{_CODES[reason]}" if reason in _CODES else reason


def fsc_status(reason: str) -> int:
    """Return the HTTP status that FSC core gives a reason: 400 for the peer's certificate, 422 for all else."""
    return 400 if reason.startswith("certificate.") else 422


def objection_to_submission(content: JsonValue) -> str:
    """Return the stable code of what FSC names apart in a submitted content, or "" (FSC core, "Contract validation")."""
    if not isinstance(content, dict):
        return "contract.invalid"
    if content.get("hash_algorithm") != HASH_ALGORITHM:
        return "contract.hash_algorithm"
    kinds = [_kind(one) for one in _grants(content)]
    publications = sum("PUBLICATION" in kind for kind in kinds)
    return "contract.grants_mixed" if 0 < publications < len(kinds) else ""


def _grants(content: dict[str, JsonValue]) -> list[JsonValue]:
    grants = content.get("grants")
    return grants if isinstance(grants, list) else []


def _kind(grant: JsonValue) -> str:
    data = grant.get("data") if isinstance(grant, dict) else None
    return str(data.get("type", "")) if isinstance(data, dict) else ""
