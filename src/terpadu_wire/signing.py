"""Message signatures: one fixed profile of RFC 9421 with Ed25519, tag ``terpadu-exchange-1``.

Request: ten components, always all of them, in the order of :data:`REQUEST_COMPONENTS`. A covered header that has
nothing to say is sent empty, never left out. The access token is covered by its digest (:data:`BEARER_DIGEST`), which
records keep, so that a signature can be checked again when the token itself is long gone. Response: :data:`RESPONSE_COMPONENTS`, of which ``"signature";req`` ties
the answer to its request. Parameters, each once: ``created``, ``expires`` (at most MAX_LIFE later), ``nonce`` (the
transaction id), ``keyid`` (thumbprint of the public key), ``tag``. Exactly one signature, labelled ``exchange``.
Whoever signs less, more, in another order or with another label is refused: one shape leaves nothing to confuse. The signature's bytes are plain Ed25519 (64), or
those of a batch with the proof that it holds this message (:mod:`terpadu_wire.batches`).
"""

import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from terpadu_wire.batches import KnownRoots, holds, sign_messages
from terpadu_wire.digest import is_digest_or_empty, verify_content_digest
from terpadu_wire.errors import SignatureError
from terpadu_wire.keys import PrivateKey, PublicKey, SigningSecret

TAG = "terpadu-exchange-1"
LABEL = "exchange"
STREAM = "application/vnd.terpadu.stream"
"""Content type of a message whose body is a stream."""
MAX_LIFE = 60
"""Longest life of a signature, in seconds."""
CLOCK_SKEW = 5
"""How far two clocks may be apart, in seconds."""

REQUEST_HEADERS = (
    "content-digest",
    "content-type",
    "terpadu-token-digest",
    "fsc-transaction-id",
    "terpadu-purpose",
    "terpadu-evidence",
    "terpadu-on-behalf-of",
    "terpadu-consent",
)
REQUEST_COMPONENTS = ('"@method"', '"@target-uri"', *(f'"{name}"' for name in REQUEST_HEADERS))
BEARER_DIGEST = "terpadu-token-digest"
"""Header with the SHA-256 of the access token, in hexadecimal digits; empty where there is no token."""
RESPONSE_HEADERS = ("content-digest", "content-type", "fsc-transaction-id")
RESPONSE_COMPONENTS = ('"@status"', *(f'"{name}"' for name in RESPONSE_HEADERS), '"signature";req')

_REQUEST_LIST = f"({' '.join(REQUEST_COMPONENTS)})"
_RESPONSE_LIST = f"({' '.join(RESPONSE_COMPONENTS)})"
_PARAMETER = re.compile(
    r';(?:(created|expires)=(\d{1,12})|(nonce)="([A-Za-z0-9-]{1,64})"|(keyid)="([0-9a-f]{64})"|(tag)="([a-z0-9-]{1,64})")'
)
_KEYID = re.compile(r';keyid="([0-9a-f]{64})"')
_USUAL_ORDER = re.compile(
    r';created=(\d{1,12});expires=(\d{1,12});nonce="([A-Za-z0-9-]{1,64})";keyid="([0-9a-f]{64})"'
    f';tag="{TAG}"'
)
_SIGNATURE = re.compile(f"{LABEL}=:([A-Za-z0-9+/]{{86,432}}={{0,2}}):")
_REQUEST_BASE = "\n".join(
    (
        '"@method": %s',
        '"@target-uri": %s',
        *(f'"{name}": %s' for name in REQUEST_HEADERS),
        '"@signature-params": %s',
    )
)
_RESPONSE_BASE = "\n".join(
    (
        '"@status": %s',
        *(f'"{name}": %s' for name in RESPONSE_HEADERS),
        '"signature";req: %s',
        '"@signature-params": %s',
    )
)
_request_values = itemgetter(*REQUEST_HEADERS)
_response_values = itemgetter(*RESPONSE_HEADERS)

Headers = Mapping[str, str]
"""Header values by lower-case name, without surrounding space (no HTTP server leaves any)."""
KeyFinder = Callable[[str], PublicKey | None]
"""Gives the public key of a thumbprint, or None when it is unknown or revoked."""


class MessageSignature(NamedTuple):
    """The two headers of a signature: ``Signature-Input`` and ``Signature``."""

    signature_input: str
    signature: str

    def headers(self) -> dict[str, str]:
        """Return both as headers."""
        return {"signature-input": self.signature_input, "signature": self.signature}


class VerifiedSignature(NamedTuple):
    """Who signed a message and when; times in Unix seconds, ``nonce`` is the transaction id."""

    keyid: str
    created: int
    expires: int
    nonce: str


class Unsigned(NamedTuple):
    """A message that is ready to be signed: by whom, its signature parameters and its signature base."""

    signer: "Signer"
    params: str
    base: bytes


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the thumbprint that names it on the wire."""

    key: PrivateKey
    keyid: str
    secret: SigningSecret = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "secret", SigningSecret(self.key))

    def sign_request(self, *, method: str, target_uri: str, headers: Headers, now: float) -> MessageSignature:
        """Return the signature of a request.

        Args:
            method: upper-case method.
            target_uri: absolute URL exactly as the receiver knows it.
            headers: at least :data:`REQUEST_HEADERS`.
            now: Unix seconds.

        Raises:
            SignatureError: code ``signature.header``; a covered header is missing or not plain ASCII.
        """
        one = self.prepare_request(method=method, target_uri=target_uri, headers=headers, now=now)
        return sign_together([one])[0]

    def prepare_request(self, *, method: str, target_uri: str, headers: Headers, now: float) -> Unsigned:
        """Return a request ready for :func:`sign_together`; see :meth:`sign_request`."""
        params = self._parameters(_REQUEST_LIST, headers["fsc-transaction-id"], now)
        return Unsigned(self, params, _request_base(method, target_uri, headers, params))

    def sign_response(
        self, *, status: int, headers: Headers, request_signature: str, now: float
    ) -> MessageSignature:
        """Return the signature of an answer.

        Args:
            status: status code of the answer.
            headers: at least :data:`RESPONSE_HEADERS`.
            request_signature: the ``Signature`` header of the request that is answered.
            now: Unix seconds.

        Raises:
            SignatureError: code ``signature.header``; a covered header is missing or not plain ASCII.
        """
        one = self.prepare_response(
            status=status, headers=headers, request_signature=request_signature, now=now
        )
        return sign_together([one])[0]

    def prepare_response(
        self, *, status: int, headers: Headers, request_signature: str, now: float
    ) -> Unsigned:
        """Return an answer ready for :func:`sign_together`; see :meth:`sign_response`."""
        params = self._parameters(_RESPONSE_LIST, headers["fsc-transaction-id"], now)
        return Unsigned(self, params, _response_base(status, headers, request_signature, params))

    def _parameters(self, components: str, nonce: str, now: float) -> str:
        created = int(now)
        return (
            f'{components};created={created};expires={created + MAX_LIFE};nonce="{nonce}"'
            f';keyid="{self.keyid}";tag="{TAG}"'
        )


def sign_together(messages: Sequence[Unsigned]) -> list[MessageSignature]:
    """Return the signatures of messages, in their order; those of one signer share one signature operation."""
    by_signer: dict[int, list[int]] = {}
    for place, one in enumerate(messages):
        by_signer.setdefault(id(one.signer), []).append(place)
    found: dict[int, bytes] = {}
    for places in by_signer.values():
        secret = messages[places[0]].signer.secret
        found |= zip(places, sign_messages([messages[at].base for at in places], secret=secret), strict=True)
    return [_written(one.params, found[place]) for place, one in enumerate(messages)]


def _written(params: str, signature: bytes) -> MessageSignature:
    text = binascii.b2a_base64(signature, newline=False).decode("ascii")
    return MessageSignature(f"{LABEL}={params}", f"{LABEL}=:{text}:")


def verify_request(
    *,
    method: str,
    target_uri: str,
    headers: Headers,
    body: bytes | None,
    find_key: KeyFinder,
    now: float,
    roots: KnownRoots | None = None,
) -> VerifiedSignature:
    """Check signature, times and digest of a request. Replay is the caller's to notice, by keyid and nonce.

    Args:
        method: upper-case method.
        target_uri: absolute URL as we know ourselves, never out of the Host header.
        headers: every header of the request.
        body: its whole body; None when it follows as a stream (:mod:`terpadu_wire.streams`), which is for the caller
            to verify: then the content type must say so, and the digest is the whole content's or "".
        find_key: finds the key of a thumbprint.
        now: Unix seconds.
        roots: remembers verified batches.

    Raises:
        SignatureError: ``signature.missing``, ``.malformed``, ``.header``, ``.unknown_key``, ``.time``, ``.nonce``,
            ``.invalid`` or ``.digest``.
    """
    params, found, signature = _read_headers(_REQUEST_LIST, headers)
    base = _request_base(method, target_uri, headers, params)
    return _verify(
        found, signature, base, headers=headers, body=body, find_key=find_key, now=now, roots=roots
    )


def verify_response(
    *,
    status: int,
    headers: Headers,
    body: bytes | None,
    request_signature: str,
    find_key: KeyFinder,
    now: float,
    roots: KnownRoots | None = None,
) -> VerifiedSignature:
    """Check signature, times and digest of an answer, and that it answers this request.

    Args:
        status: status code of the answer.
        headers: every header of the answer.
        body: its whole body; None when it follows as a stream (:mod:`terpadu_wire.streams`), which is for the caller
            to verify: then the content type must say so and there is no digest.
        request_signature: the ``Signature`` header that we sent.
        find_key: finds the key of a thumbprint among the provider's keys.
        now: Unix seconds.
        roots: remembers verified batches.

    Raises:
        SignatureError: as :func:`verify_request`.
    """
    if body is None and headers.get("content-digest"):
        raise SignatureError("signature.digest", "the digest of a streamed answer comes at its end")
    params, found, signature = _read_headers(_RESPONSE_LIST, headers)
    base = _response_base(status, headers, request_signature, params)
    return _verify(
        found, signature, base, headers=headers, body=body, find_key=find_key, now=now, roots=roots
    )


def _verify(
    found: VerifiedSignature,
    signature: bytes,
    base: bytes,
    *,
    headers: Headers,
    body: bytes | None,
    find_key: KeyFinder,
    now: float,
    roots: KnownRoots | None,
) -> VerifiedSignature:
    if found.nonce != headers["fsc-transaction-id"]:
        raise SignatureError("signature.nonce", "the nonce is not the transaction id")
    _check_times(found, now)
    key = find_key(found.keyid)
    if key is None:
        raise SignatureError("signature.unknown_key", "the message is signed by an unknown key")
    if body is not None:
        verify_content_digest(headers["content-digest"], body)
    elif headers["content-type"] != STREAM or not is_digest_or_empty(headers["content-digest"]):
        raise SignatureError("signature.digest", "the message does not say that its body is a stream")
    if not holds(signature, base, key=key, roots=roots):
        raise SignatureError("signature.invalid", "the signature does not fit the message")
    return found


def kept_request_holds(*, method: str, target_uri: str, headers: Headers, key: PublicKey) -> bool:
    """Say whether the signature of a request that is long over holds, out of what a record keeps of it.

    Args:
        method, target_uri: as they were signed.
        headers: the covered headers and both signature headers.
        key: public key of the signer.
    """
    params, _, signature = _read_headers(_REQUEST_LIST, headers)
    return holds(signature, _request_base(method, target_uri, headers, params), key=key)


def kept_response_holds(*, status: int, headers: Headers, request_signature: str, key: PublicKey) -> bool:
    """Say whether the signature of an answer that was given long ago holds; see :func:`kept_request_holds`."""
    params, _, signature = _read_headers(_RESPONSE_LIST, headers)
    return holds(signature, _response_base(status, headers, request_signature, params), key=key)


def signer_of(signature_input: str) -> str:
    """Return the thumbprint that a ``Signature-Input`` header of our profile names, not verified; "" when none."""
    found = _KEYID.search(signature_input)
    return found[1] if found else ""


def _check_times(found: VerifiedSignature, now: float) -> None:
    if not 0 < found.expires - found.created <= MAX_LIFE:
        raise SignatureError("signature.time", f"a signature lives at most {MAX_LIFE} seconds")
    if not found.created - CLOCK_SKEW <= now < found.expires + CLOCK_SKEW:
        raise SignatureError(
            "signature.time", "the signature is not valid now; compare the clocks of both sides"
        )


def _read_headers(components: str, headers: Headers) -> tuple[str, VerifiedSignature, bytes]:
    """Return (the signature's parameters as written, what they say, the signature), nothing of it verified yet."""
    if "signature-input" not in headers or "signature" not in headers:
        raise SignatureError("signature.missing", "the message is not signed")
    params = headers["signature-input"].removeprefix(f"{LABEL}=")
    value = _SIGNATURE.fullmatch(headers["signature"])
    if params == headers["signature-input"] or not params.startswith(components) or value is None:
        raise SignatureError("signature.malformed", "the signature is not of the profile terpadu-exchange-1")
    return params, _read_parameters(params[len(components) :]), _read_base64(value[1])


def _read_base64(text: str) -> bytes:
    """Return the bytes of base64 in the one way to write them: spare bits of the last character are zero."""
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise SignatureError("signature.malformed", "the signature is not base64") from error
    if binascii.b2a_base64(raw, newline=False) != text.encode("ascii"):
        raise SignatureError("signature.malformed", "the signature is not base64 as it is written")
    return raw


def _read_parameters(text: str) -> VerifiedSignature:
    usual = _USUAL_ORDER.fullmatch(text)
    if usual is not None:
        return VerifiedSignature(usual[4], int(usual[1]), int(usual[2]), usual[3])
    return _read_any_order(text)


def _read_any_order(text: str) -> VerifiedSignature:
    groups = [match.groups() for match in _PARAMETER.finditer(text)]
    pairs = [tuple(part for part in group if part is not None) for group in groups]
    found = {name: value for name, value in pairs}
    whole = sum(len(match[0]) for match in _PARAMETER.finditer(text)) == len(text)
    if not whole or len(pairs) != 5 or len(found) != 5 or found["tag"] != TAG:
        raise SignatureError("signature.malformed", "the signature is not of the profile terpadu-exchange-1")
    return VerifiedSignature(found["keyid"], int(found["created"]), int(found["expires"]), found["nonce"])


def _request_base(method: str, target_uri: str, headers: Headers, params: str) -> bytes:
    try:
        base = _REQUEST_BASE % (method, target_uri, *_request_values(headers), params)
    except KeyError as error:
        raise _missing(error) from error
    return _encode(base, len(REQUEST_COMPONENTS))


def _response_base(status: int, headers: Headers, request_signature: str, params: str) -> bytes:
    try:
        base = _RESPONSE_BASE % (status, *_response_values(headers), request_signature, params)
    except KeyError as error:
        raise _missing(error) from error
    return _encode(base, len(RESPONSE_COMPONENTS))


def _missing(error: KeyError) -> SignatureError:
    return SignatureError("signature.header", f"the covered header {error.args[0]} is missing")


def _encode(base: str, breaks: int) -> bytes:
    # A value with a line break could pass for two lines of the base.
    if base.count("\n") != breaks or "\r" in base:
        raise SignatureError("signature.header", "a covered header has a line break")
    try:
        return base.encode("ascii")
    except UnicodeEncodeError as error:
        raise SignatureError("signature.header", "a covered header is not plain ASCII") from error
