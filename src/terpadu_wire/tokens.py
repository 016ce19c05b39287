"""Access tokens after FSC core ("Access token"), bound to the caller's public key.

Binding: ``cnf.jkt`` (RFC 9449, section 6.1) is the RFC 7638 thumbprint of the key that must sign the request message;
``cnf["x5t#S256"]`` (RFC 8705) is set beside it when the caller has a certificate. A foreign peer signs no messages: its
tokens have the certificate alone, and count only on a connection made with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from terpadu_wire.errors import TokenError
from terpadu_wire.jose import open_jws, peek_header, sign_jws
from terpadu_wire.keys import ContractKey, ContractPrivateKey, public_key_thumbprint

MAX_LIFE = 600
"""Longest life of a token, in seconds."""
CLOCK_SKEW = 5
"""How far two clocks may be apart, in seconds."""
_TYPE = "fsc-access-token"
_TEXT_CLAIMS = ("gth", "gid", "sub", "iss", "svc", "aud")


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What an access token says (FSC core, "JWT Payload").

    Args:
        gth: grant hash.
        gid: group id.
        sub: the peer the token is for; the delegator when the grant is delegated.
        iss: the providing peer.
        svc: name of the service.
        aud: URL of the providing peer's inway.
        nbf: not before, Unix seconds.
        exp: expiry, Unix seconds, at most MAX_LIFE later.
        jkt: RFC 7638 thumbprint of the key that may use the token, or "" for a foreign peer.
        x5t: thumbprint of the certificate that may use it, or "".
        act: the peer that connects on behalf of ``sub``, or "".
        pdi: the peer that delegated the publication, or "".
        prp: the grant's properties, or {}.
    """

    gth: str
    gid: str
    sub: str
    iss: str
    svc: str
    aud: str
    nbf: int
    exp: int
    jkt: str
    x5t: str = ""
    act: str = ""
    pdi: str = ""
    prp: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def is_bound_to_certificate(self) -> bool:
        """Whether it is a foreign peer's token, which the certificate of its connection alone may use."""
        return not self.jkt

    @property
    def connecting_peer(self) -> str:
        """The peer whose gateway calls: the actor of a delegated token, else the subject."""
        return self.act or self.sub


def mint_token(claims: TokenClaims, *, key: ContractPrivateKey, certificate_thumbprint: str = "") -> str:
    """Return a signed access token.

    Args:
        claims: what it says.
        key: key of the providing peer.
        certificate_thumbprint: ``x5t#S256`` of the provider's certificate, when it has one.

    Raises:
        TokenError: code ``token.life``; it would live longer than MAX_LIFE.
    """
    if not 0 < claims.exp - claims.nbf <= MAX_LIFE:
        raise TokenError("token.life", f"a token lives at most {MAX_LIFE} seconds")
    header = {"typ": _TYPE, "kid": public_key_thumbprint(key.public_key())}
    if certificate_thumbprint:
        header["x5t#S256"] = certificate_thumbprint
    return sign_jws(_to_json(claims), key=key, header=header)


def verify_token(
    text: str, *, keys: Mapping[str, ContractKey], group_id: str, issuer: str, audience: str, now: float
) -> TokenClaims:
    """Return the claims of a token after every check but the binding to the caller's key.

    Args:
        text: compact JWS.
        keys: the issuer's public keys by thumbprint.
        group_id: our group.
        issuer: the providing peer we act for.
        audience: URL of our inway.
        now: Unix seconds.

    Raises:
        TokenError: ``token.invalid``, ``token.expired``, ``token.not_yet``, ``token.wrong_group`` or
            ``token.wrong_audience``.
    """
    key = keys.get(token_key_id(text))
    if key is None:
        raise TokenError("token.invalid", "the token is not signed by a key of the providing peer")
    _, payload = open_jws(text, key=key, kind=_TYPE, error=TokenError, code="token.invalid")
    claims = _from_json(payload)
    if claims.gid != group_id:
        raise TokenError("token.wrong_group", "the token is of another group")
    if claims.iss != issuer or claims.aud != audience:
        raise TokenError("token.wrong_audience", "the token is for another provider")
    check_times(claims, now=now)
    return claims


def verify_foreign_token(
    text: str, *, keys: Iterable[ContractKey], group_id: str, issuer: str, now: float
) -> TokenClaims:
    """Return the claims of a token that a foreign manager gave us; how long it lives and where it leads is its word.

    Args:
        text: compact JWS.
        keys: the issuer's public keys.
        group_id: our group.
        issuer: the providing peer.
        now: Unix seconds.

    Raises:
        TokenError: ``token.invalid``, ``token.expired`` or ``token.wrong_group``.
    """
    for key in keys:
        try:
            _, payload = open_jws(text, key=key, kind=_TYPE, error=TokenError, code="token.invalid")
        except TokenError:
            continue
        claims = _from_json(payload)
        if claims.gid != group_id:
            raise TokenError("token.wrong_group", "the token is of another group")
        if claims.iss != issuer or not claims.aud.startswith("https://"):
            raise TokenError("token.invalid", "the token is of another provider, or leads nowhere")
        if now >= claims.exp:
            raise TokenError("token.expired", "the token has expired")
        return claims
    raise TokenError("token.invalid", "the token is not signed by a key of the providing peer")


def token_key_id(text: str) -> str:
    """Return the thumbprint of the key that a token says it is signed by, not verified; "" when it says none.

    Raises:
        TokenError: code ``token.invalid``; the text is no compact JWS.
    """
    kid = peek_header(text, error=TokenError, code="token.invalid").get("kid")
    return kid if isinstance(kid, str) else ""


def check_times(claims: TokenClaims, *, now: float) -> None:
    """Check that a token holds at a moment (Unix seconds).

    Raises:
        TokenError: ``token.life``, ``token.expired`` or ``token.not_yet``.
    """
    if not 0 < claims.exp - claims.nbf <= MAX_LIFE:
        raise TokenError("token.life", f"a token lives at most {MAX_LIFE} seconds")
    if now >= claims.exp + CLOCK_SKEW:
        raise TokenError("token.expired", "the token has expired")
    if now < claims.nbf - CLOCK_SKEW:
        raise TokenError("token.not_yet", "the token is not valid yet")


def _to_json(claims: TokenClaims) -> dict[str, JsonValue]:
    cnf: dict[str, JsonValue] = {"jkt": claims.jkt} if claims.jkt else {}
    if claims.x5t:
        cnf["x5t#S256"] = claims.x5t
    value: dict[str, JsonValue] = {name: getattr(claims, name) for name in _TEXT_CLAIMS}
    value |= {"nbf": claims.nbf, "exp": claims.exp, "cnf": cnf, "add": {}}
    if claims.act:
        value["act"] = {"sub": claims.act}
    if claims.pdi:
        value["pdi"] = claims.pdi
    if claims.prp:
        value["prp"] = dict(claims.prp)
    return value


def _from_json(payload: dict[str, JsonValue]) -> TokenClaims:
    cnf, act, prp = payload.get("cnf"), payload.get("act", {}), payload.get("prp", {})
    if not (isinstance(cnf, dict) and isinstance(act, dict) and isinstance(prp, dict)):
        raise TokenError("token.invalid", "cnf, act and prp must be objects")
    texts = {name: _text(payload, name) for name in _TEXT_CLAIMS}
    return TokenClaims(
        **texts,
        nbf=_seconds(payload, "nbf"),
        exp=_seconds(payload, "exp"),
        jkt="" if "jkt" not in cnf and "x5t#S256" in cnf else _text(cnf, "jkt"),
        x5t=_text(cnf, "x5t#S256") if "x5t#S256" in cnf else "",
        act=_text(act, "sub") if act else "",
        pdi=_text(payload, "pdi") if "pdi" in payload else "",
        prp=prp,
    )


def _text(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise TokenError("token.invalid", f"the claim {name} is missing")
    return value


def _seconds(members: Mapping[str, JsonValue], name: str) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TokenError("token.invalid", f"the claim {name} is missing")
    return value
