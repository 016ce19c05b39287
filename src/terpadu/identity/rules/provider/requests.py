"""An authorization request, read once into plain facts; whatever is wrong gets the code that its RFC names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from terpadu.identity.rules.provider.assurance import Demand
from terpadu.identity.rules.provider.details import read_details

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
LONGEST = {
    "state": 2_000,
    "nonce": 300,
    "claims": 8_000,
    "ui_locales": 100,
    "acr_values": 200,
    "resource": 300,
}
_CHALLENGE = re.compile(r"^[A-Za-z0-9_-]{43}$")  # base64url of a SHA-256: RFC 7636, 4.2
_JKT = re.compile(r"^[A-Za-z0-9_-]{43}$")


@dataclass(frozen=True)
class Refusal:
    """Why a request cannot be served. error: the code of the RFC. description: for the developer, ASCII."""

    error: str
    description: str


@dataclass(frozen=True)
class Ask:
    """What a client asks for. scope: in the order given. claims: as sent. details: data shares."""

    scope: tuple[str, ...]
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    prompts: frozenset[str]
    demand: Demand
    languages: tuple[str, ...]
    claims: Mapping[str, Any] = field(default_factory=dict)
    details: tuple[Mapping[str, Any], ...] = ()
    resource: str = ""
    dpop_jkt: str = ""


def read_ask(
    parameters: Mapping[str, str],
    *,
    scopes: tuple[str, ...],
    resources: frozenset[str] = frozenset(),
    detail_types: frozenset[str] = frozenset(),
    default_max_age: int | None = None,
) -> Ask | Refusal:
    """Read the parameters of a request, beyond client and redirect URI, which are checked before.

    scopes, resources, detail_types, default_max_age: what the client is registered for.
    """
    fault = _find_nul(parameters) or _find_form_fault(parameters) or _find_scope_fault(parameters, scopes)
    if fault:
        return fault
    claims = _read_claims(parameters.get("claims", ""))
    if claims is None:
        return Refusal("invalid_request", "claims is not what OpenID Connect Core 5.5 asks for")
    details: list[dict[str, Any]] | None = []
    if "authorization_details" in parameters:
        details = read_details(parameters["authorization_details"], allowed=detail_types)
    if details is None:
        return Refusal("invalid_authorization_details", "authorization_details is not what RFC 9396 asks for")
    if parameters.get("resource", "") not in {"", *resources}:
        return Refusal("invalid_target", "the client is not registered for this resource")
    return _ask(parameters, claims, details, default_max_age)


def _find_nul(parameters: Mapping[str, str]) -> Refusal | None:
    """Refuse NUL, also as JSON writes it inside a parameter: no text of the database can hold one."""
    texts = [text for pair in parameters.items() for text in pair]
    has_nul = any("\0" in text or "\\u0000" in text for text in texts)
    return Refusal("invalid_request", "a parameter has a NUL") if has_nul else None


def _find_form_fault(parameters: Mapping[str, str]) -> Refusal | None:
    if parameters.get("response_type") != "code":
        return Refusal("unsupported_response_type", "response_type must be code")
    if parameters.get("response_mode", "query") != "query":
        return Refusal("invalid_request", "response_mode must be query")
    for name, longest in LONGEST.items():
        value = parameters.get(name, "")
        if len(value) > longest or not value.isprintable():
            return Refusal("invalid_request", f"{name} is too long or has control characters")
    if parameters.get("code_challenge_method") != "S256":
        return Refusal("invalid_request", "code_challenge_method must be S256")
    if not _CHALLENGE.match(parameters.get("code_challenge", "")):
        return Refusal("invalid_request", "code_challenge is missing or is no SHA-256")
    prompts = set(parameters.get("prompt", "").split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        return Refusal("invalid_request", "prompt has values that are unknown or do not go together")
    max_age = parameters.get("max_age", "0")
    if not (max_age.isascii() and max_age.isdigit() and len(max_age) < 9):
        return Refusal("invalid_request", "max_age is not a number of seconds")
    if "dpop_jkt" in parameters and not _JKT.match(parameters["dpop_jkt"]):
        return Refusal("invalid_request", "dpop_jkt is not a thumbprint")
    return None


def _find_scope_fault(parameters: Mapping[str, str], scopes: tuple[str, ...]) -> Refusal | None:
    asked = parameters.get("scope", "").split()
    if "openid" not in asked:
        return Refusal("invalid_scope", "scope must contain openid")
    return (
        None if set(asked) <= set(scopes) else Refusal("invalid_scope", "the client is not registered for it")
    )


def _read_claims(text: str) -> dict[str, Any] | None:
    if not text:
        return {}
    try:
        found = orjson.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(n, {}), dict) for n in ("id_token", "userinfo")
    ):
        return None
    parts = [*found.get("id_token", {}).values(), *found.get("userinfo", {}).values()]
    return found if all(part is None or isinstance(part, dict) for part in parts) else None


def _ask(
    parameters: Mapping[str, str],
    claims: dict[str, Any],
    details: list[dict[str, Any]],
    default_max_age: int | None,
) -> Ask:
    max_age = int(parameters["max_age"]) if "max_age" in parameters else default_max_age
    return Ask(
        scope=tuple(dict.fromkeys(parameters["scope"].split())),
        redirect_uri=parameters.get("redirect_uri", ""),
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        code_challenge=parameters["code_challenge"],
        prompts=frozenset(parameters.get("prompt", "").split()),
        demand=_demand(parameters, claims, None if max_age is None else timedelta(seconds=max_age)),
        languages=tuple(parameters.get("ui_locales", "").split()),
        claims=claims,
        details=tuple(details),
        resource=parameters.get("resource", ""),
        dpop_jkt=parameters.get("dpop_jkt", ""),
    )


def _demand(parameters: Mapping[str, str], claims: dict[str, Any], max_age: timedelta | None) -> Demand:
    """Read which level is asked for, by `acr_values` or as a claim (Core 5.5.1.1)."""
    wish = claims.get("id_token", {}).get("acr") or {}
    values = wish.get("values", [wish["value"]] if "value" in wish else [])
    named = [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
    wanted = tuple(named or parameters.get("acr_values", "").split())
    return Demand(acr_values=wanted, is_essential=wish.get("essential") is True, max_age=max_age)


def first_language(languages: tuple[str, ...]) -> str:
    """Return the first of the wished languages that we speak, "id" or "en", or "" (Core 3.1.2.1, ui_locales)."""
    short = [wish.lower().partition("-")[0] for wish in languages]
    return next((wish for wish in short if wish in ("id", "en")), "")
