"""What the provider says of itself."""

from __future__ import annotations

from typing import Any

from terpadu.identity.enums import ClientAuthMethod
from terpadu.identity.rules.provider.assurance import ALIASES, LEVELS
from terpadu.identity.rules.provider.claims import CLAIMS, SCOPE_CLAIMS
from terpadu.identity.rules.provider.details import DETAIL_TYPES
from terpadu.identity.rules.provider.keys import SIGNING_ALGS
from terpadu.identity.rules.provider.metadata import CODE, CREDENTIALS, DEVICE, EXCHANGE, REFRESH
from terpadu.identity.selectors.provider.proofing import TRUST_FRAMEWORK
from terpadu.identity.services.provider.keys import ALGS
from terpadu.identity.services.provider.wire import endpoint_url, issuer


def provider_metadata() -> dict[str, Any]:
    """Return the discovery document (OpenID Connect Discovery 1.0, 3; RFC 8414, 2)."""
    return {"issuer": issuer(), **_addresses(), **_capabilities(), **_assurance()}


def _addresses() -> dict[str, str]:
    return {
        "authorization_endpoint": endpoint_url("authorize"),
        "token_endpoint": endpoint_url("token"),
        "pushed_authorization_request_endpoint": endpoint_url("par"),
        "userinfo_endpoint": endpoint_url("userinfo"),
        "introspection_endpoint": endpoint_url("introspect"),
        "revocation_endpoint": endpoint_url("revoke"),
        "device_authorization_endpoint": endpoint_url("device"),
        "end_session_endpoint": endpoint_url("logout"),
        "jwks_uri": endpoint_url("jwks"),
    }


def _capabilities() -> dict[str, Any]:
    auth = {
        f"{endpoint}_endpoint_auth_{what}": values
        for endpoint in ("token", "introspection", "revocation")
        for what, values in (
            ("methods_supported", list(ClientAuthMethod.values)),
            ("signing_alg_values_supported", list(SIGNING_ALGS)),
        )
    }
    return {
        **auth,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [CODE, REFRESH, CREDENTIALS, DEVICE, EXCHANGE],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(SIGNING_ALGS),
        "id_token_signing_alg_values_supported": list(ALGS),
        "request_object_signing_alg_values_supported": list(SIGNING_ALGS),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": sorted(DETAIL_TYPES),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "subject_types_supported": ["pairwise"],
        "scopes_supported": list(SCOPE_CLAIMS),
        "claims_parameter_supported": True,
        "claims_supported": ["sub", "acr", "amr", "auth_time", *CLAIMS],
        "prompt_values_supported": ["none", "login", "consent"],
        "ui_locales_supported": ["id", "en"],
    }


def _assurance() -> dict[str, Any]:
    return {
        "acr_values_supported": [*LEVELS, *ALIASES],
        "verified_claims_supported": True,
        "trust_frameworks_supported": [TRUST_FRAMEWORK],
        "evidence_supported": ["electronic_record"],
        "electronic_records_supported": ["population_register"],
        "claims_in_verified_claims_supported": ["name", "birthdate", "gender", "nik"],
    }
