"""Message signatures: the round trip, an independent library as oracle, and every altered byte found."""

import base64
import hashlib
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire.digest import content_digest, verify_content_digest
from terpadu_wire.errors import SignatureError
from terpadu_wire.keys import PrivateKey, PublicKey, generate_key, public_key_thumbprint
from terpadu_wire.signing import (
    REQUEST_COMPONENTS,
    REQUEST_HEADERS,
    TAG,
    MessageSignature,
    Signer,
    verify_request,
    verify_response,
)

KEY = generate_key()
SIGNER = Signer(KEY, public_key_thumbprint(KEY.public_key()))
URL = "https://gateway.example:8443/penduduk/cari?halaman=2"
BODY = b'{"nik":"3671014506900001"}'
NOW = 1_800_000_000
BEARER_SHA256 = hashlib.sha256(b"a.b.c").hexdigest()
TRANSACTION = "01a1ffe6-ae32-7819-a387-3a7095712cb8"

printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60)


def headers_of(body: bytes = BODY, **changes: str) -> dict[str, str]:
    """Return covered headers of a request."""
    headers = {
        "content-digest": content_digest(body),
        "content-type": "application/json",
        "terpadu-token-digest": BEARER_SHA256,
        "fsc-transaction-id": TRANSACTION,
        "terpadu-purpose": "kia.penerbitan",
        "terpadu-evidence": "",
        "terpadu-on-behalf-of": "person:self",
        "terpadu-consent": "",
    }
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}


def find_key(keyid: str) -> PublicKey | None:
    """Return our only key."""
    return KEY.public_key() if keyid == SIGNER.keyid else None


def verify(
    headers: dict[str, str], *, body: bytes = BODY, url: str = URL, now: float = NOW, method: str = "POST"
) -> None:
    """Verify a request at a moment."""
    verify_request(method=method, target_uri=url, headers=headers, body=body, find_key=find_key, now=now)


def signed(headers: dict[str, str]) -> dict[str, str]:
    """Return headers with their signature."""
    return headers | SIGNER.sign_request(method="POST", target_uri=URL, headers=headers, now=NOW).headers()


class Resolver(HTTPSignatureKeyResolver):
    """Gives the library our key."""

    def resolve_private_key(self, key_id: str) -> PrivateKey:
        return KEY

    def resolve_public_key(self, key_id: str) -> PublicKey:
        return KEY.public_key()


def test_sign_request_is_accepted_by_the_independent_library() -> None:
    headers = {"Signature-Input": "", "Signature": "", **signed(headers_of())}
    message = SimpleNamespace(
        method="POST",
        url=URL,
        headers={name: value for name, value in headers.items() if value or name in REQUEST_HEADERS},
    )
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=Resolver())
    verifier.validate_created_and_expires = lambda *_, **__: None  # the moment of this test is fixed

    results = verifier.verify(message, expect_tag=TAG, body=BODY)

    assert len(results) == 1


def test_verify_request_accepts_what_the_independent_library_signed() -> None:
    message = SimpleNamespace(method="POST", url=URL, headers=headers_of())
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=Resolver()).sign(
        message,
        key_id=SIGNER.keyid,
        created=datetime.fromtimestamp(NOW, UTC),
        expires=datetime.fromtimestamp(NOW + 60, UTC),
        nonce=TRANSACTION,
        label="exchange",
        tag=TAG,
        include_alg=False,
        covered_component_ids=[component.strip('"') for component in REQUEST_COMPONENTS],
        use_existing_digest=True,
    )
    verify({name.lower(): value for name, value in message.headers.items()})


def test_sign_request_known_answer() -> None:
    """Fix the bytes of the signature base, so that someone else can implement the profile from it."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    signer = Signer(key, public_key_thumbprint(key.public_key()))
    base = (
        '"@method": POST\n'
        '"@target-uri": https://gateway.example:8443/penduduk/cari?halaman=2\n'
        '"content-digest": sha-256=:ZU6aPehiCTxa3locYTTsQyLukpSkJqpMse2/2d1QOEA=:\n'
        '"content-type": application/json\n'
        f'"terpadu-token-digest": {BEARER_SHA256}\n'
        '"fsc-transaction-id": 01a1ffe6-ae32-7819-a387-3a7095712cb8\n'
        '"terpadu-purpose": kia.penerbitan\n'
        '"terpadu-evidence": \n'
        '"terpadu-on-behalf-of": person:self\n'
        '"terpadu-consent": \n'
        '"@signature-params": ("@method" "@target-uri" "content-digest" "content-type" "terpadu-token-digest" '
        '"fsc-transaction-id" "terpadu-purpose" "terpadu-evidence" "terpadu-on-behalf-of" "terpadu-consent");created=1800000000'
        ';expires=1800000060;nonce="01a1ffe6-ae32-7819-a387-3a7095712cb8"'
        f';keyid="{signer.keyid}";tag="terpadu-exchange-1"'
    )
    expected = f"exchange=:{base64.b64encode(key.sign(base.encode())).decode()}:"

    found = signer.sign_request(method="POST", target_uri=URL, headers=headers_of(), now=NOW)

    assert found.signature == expected
    assert found.signature_input == "exchange=" + base.rpartition('"@signature-params": ')[2]


def test_content_digest_known_answer() -> None:
    """RFC 9530, appendix B.1: the digest of {"hello": "world"} and a line feed."""
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


@pytest.mark.parametrize(
    "value",
    ["", "sha-512=:AA==:", "sha-256=AA", content_digest(b"x") + ", md5=:AA==:", "sha-256=:" + "A" * 44 + ":"],
)
def test_content_digest_of_another_shape_or_body_is_refused(value: str) -> None:
    with pytest.raises(SignatureError):
        verify_content_digest(value, BODY)


@given(
    body=st.binary(max_size=200),
    purpose=printable,
    evidence=printable,
    token=printable,
    path=printable,
    status=st.integers(100, 599),
)
def test_sign_and_verify_round_trip(
    body: bytes, purpose: str, evidence: str, token: str, path: str, status: int
) -> None:
    headers = headers_of(body, terpadu_purpose=purpose, terpadu_evidence=evidence, fsc_authorization=token)
    url = f"https://gateway.example/{path}"
    signature = SIGNER.sign_request(method="GET", target_uri=url, headers=headers, now=NOW)
    verify(headers | signature.headers(), body=body, url=url, method="GET")
    answer = {name: headers[name] for name in ("content-digest", "content-type", "fsc-transaction-id")}
    reply = SIGNER.sign_response(
        status=status, headers=answer, request_signature=signature.signature, now=NOW
    )
    verified = verify_response(
        status=status,
        headers=answer | reply.headers(),
        body=body,
        request_signature=signature.signature,
        find_key=find_key,
        now=NOW,
    )
    assert verified.nonce == TRANSACTION


@given(name=st.sampled_from([*REQUEST_HEADERS, "signature", "signature-input"]), data=st.data())
def test_verify_request_with_one_altered_byte_of_a_covered_part_fails(name: str, data: st.DataObject) -> None:
    headers = signed(headers_of(terpadu_evidence="KIA-1", terpadu_consent=TRANSACTION))
    place = data.draw(st.integers(0, len(headers[name]) - 1))
    letter = data.draw(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
    altered = headers[name][:place] + letter + headers[name][place + 1 :]
    if altered == headers[name]:
        return
    with pytest.raises(SignatureError):
        verify(headers | {name: altered})


def test_verify_request_with_spare_bits_in_its_base64_fails() -> None:
    headers = signed(headers_of())
    last = headers["signature"][-4]
    twin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    altered = headers["signature"][:-4] + twin[twin.index(last) + 1] + headers["signature"][-3:]
    with pytest.raises(SignatureError) as caught:
        verify(headers | {"signature": altered})
    assert caught.value.code == "signature.malformed"


@given(place=st.integers(0, len(BODY) - 1), byte=st.integers(0, 255))
def test_verify_request_with_one_altered_byte_of_the_body_fails(place: int, byte: int) -> None:
    body = BODY[:place] + bytes([byte]) + BODY[place + 1 :]
    if body == BODY:
        return
    with pytest.raises(SignatureError):
        verify(signed(headers_of()), body=body)


@pytest.mark.parametrize("name", [*REQUEST_HEADERS, "signature", "signature-input"])
def test_verify_request_without_a_covered_header_fails(name: str) -> None:
    headers = signed(headers_of())
    del headers[name]
    with pytest.raises(SignatureError):
        verify(headers)


@pytest.mark.parametrize("moment", [NOW - 6, NOW + 65, NOW + 600])
def test_verify_request_outside_its_time_fails(moment: float) -> None:
    with pytest.raises(SignatureError) as caught:
        verify(signed(headers_of()), now=moment)
    assert caught.value.code == "signature.time"


@pytest.mark.parametrize("moment", [NOW - 5, NOW, NOW + 64.9])
def test_verify_request_within_its_time_and_skew_passes(moment: float) -> None:
    verify(signed(headers_of()), now=moment)


@pytest.mark.parametrize("value", ["a\nb", "a\r\nx: y", "a\rb", "é"])
def test_sign_request_with_a_header_that_cannot_be_signed_fails(value: str) -> None:
    with pytest.raises(SignatureError) as caught:
        signed(headers_of(terpadu_evidence=value))
    assert caught.value.code == "signature.header"


def test_verify_response_to_another_request_fails() -> None:
    answer = {"content-digest": content_digest(BODY), "content-type": "", "fsc-transaction-id": TRANSACTION}
    reply: MessageSignature = SIGNER.sign_response(
        status=200, headers=answer, request_signature="one", now=NOW
    )
    with pytest.raises(SignatureError) as caught:
        verify_response(
            status=200,
            headers=answer | reply.headers(),
            body=BODY,
            request_signature="another",
            find_key=find_key,
            now=NOW,
        )
    assert caught.value.code == "signature.invalid"


def test_verify_response_with_another_status_fails() -> None:
    answer = {"content-digest": content_digest(BODY), "content-type": "", "fsc-transaction-id": TRANSACTION}
    reply = SIGNER.sign_response(status=200, headers=answer, request_signature="one", now=NOW)
    with pytest.raises(SignatureError):
        verify_response(
            status=404,
            headers=answer | reply.headers(),
            body=BODY,
            request_signature="one",
            find_key=find_key,
            now=NOW,
        )
