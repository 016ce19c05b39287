"""The published test vectors: what the code makes, and what code that shares nothing with it accepts."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from terpadu_wire.keys import load_public_key
from terpadu_wire.signing import verify_request, verify_response
from tools import vectors

PUBLISHED: dict[str, Any] = json.loads(vectors.FILE.read_text(encoding="utf-8"))


def public(name: str) -> Ed25519PublicKey:
    """Return a public key out of its private bytes, without our own code."""
    seed = bytes.fromhex(PUBLISHED["keys"][name]["private_hex"])
    return Ed25519PrivateKey.from_private_bytes(seed).public_key()


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def opened(jws: str, name: str) -> tuple[Any, Any]:
    """Check a compact JWS by hand; return header and payload."""
    head, payload, signature = jws.split(".")
    public(name).verify(unbase64(signature), f"{head}.{payload}".encode())
    return json.loads(unbase64(head)), json.loads(unbase64(payload))


def test_vectors_file_is_what_the_code_makes() -> None:
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.text()


def test_vectors_keys_are_named_by_hash_of_their_spki() -> None:
    for one in PUBLISHED["keys"].values():
        assert hashlib.sha256(unbase64(one["spki"])).hexdigest() == one["thumbprint"]


def test_vectors_contract_hashes_follow_from_the_canonical_text() -> None:
    contract = PUBLISHED["contract"]
    canonical = contract["canonical"].encode()
    assert json.loads(canonical) == contract["content"]
    digest = base64.urlsafe_b64encode(hashlib.sha3_512(canonical).digest()).rstrip(b"=").decode()
    assert contract["content_hash"] == f"$1$1${digest}"
    grant = json.dumps(contract["content"]["grants"][0]["data"], sort_keys=True, separators=(",", ":"))
    both = contract["content_hash"].encode() + grant.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha3_512(both).digest()).rstrip(b"=").decode()
    assert contract["grant_hash"] == f"$1$3${digest}"
    for peer, name in (("10000001", "consumer"), ("10000002", "provider")):
        header, payload = opened(contract["accept"][peer], name)
        assert header["alg"] == "Ed25519"
        assert payload["contract_content_hash"] == contract["content_hash"]


@pytest.mark.parametrize(
    ("path", "signer", "kind"),
    [
        (("token",), "provider", "fsc-access-token"),
        (("purpose", "submitted"), "consumer", "terpadu-purpose-signature"),
        (("purpose", "approved"), "provider", "terpadu-purpose-signature"),
        (("consent", "artefact"), "group", "terpadu-consent"),
        (("consent", "word"), "group", "terpadu-consent-status"),
    ],
)
def test_vectors_signed_objects_open_by_hand(path: tuple[str, ...], signer: str, kind: str) -> None:
    value: Any = PUBLISHED
    for step in path:
        value = value[step]
    header, payload = opened(value, signer)
    assert (header["typ"], header["kid"]) == (kind, PUBLISHED["keys"][signer]["thumbprint"])
    if path[0] == "purpose":
        text = json.dumps(
            PUBLISHED["purpose"]["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert payload["purpose_sha256"] == hashlib.sha256(text.encode()).hexdigest()


def base_of(lines: list[tuple[str, str]], signature_input: str) -> bytes:
    """Return the signature base of RFC 9421, written down by hand."""
    parameters = signature_input.removeprefix("exchange=")
    return "\n".join(
        [f"{name}: {value}" for name, value in lines] + [f'"@signature-params": {parameters}']
    ).encode()


def test_vectors_request_and_response_are_signed_over_the_stated_base() -> None:
    request, response = PUBLISHED["exchange"]["request"], PUBLISHED["exchange"]["response"]
    names = [
        *("content-digest", "content-type", "terpadu-token-digest", "fsc-transaction-id"),
        *("terpadu-purpose", "terpadu-evidence", "terpadu-on-behalf-of", "terpadu-consent"),
    ]
    lines = [('"@method"', "POST"), ('"@target-uri"', request["target_uri"])]
    lines += [(f'"{name}"', request["headers"][name]) for name in names]
    public("consumer").verify(
        base64.b64decode(request["headers"]["signature"][len("exchange=:") : -1]),
        base_of(lines, request["headers"]["signature-input"]),
    )
    lines = [('"@status"', "200")]
    lines += [(f'"{name}"', response["headers"][name]) for name in (names[0], names[1], names[3])]
    lines += [('"signature";req', request["headers"]["signature"])]
    public("provider").verify(
        base64.b64decode(response["headers"]["signature"][len("exchange=:") : -1]),
        base_of(lines, response["headers"]["signature-input"]),
    )
    for message in (request, response):
        digest = base64.b64encode(hashlib.sha256(message["body"].encode()).digest()).decode()
        assert message["headers"]["content-digest"] == f"sha-256=:{digest}:"


def test_vectors_exchange_is_accepted_by_our_own_gateways() -> None:
    request, response = PUBLISHED["exchange"]["request"], PUBLISHED["exchange"]["response"]
    keys = {one["thumbprint"]: load_public_key(one["spki"]) for one in PUBLISHED["keys"].values()}
    verify_request(
        method=request["method"],
        target_uri=request["target_uri"],
        headers=request["headers"],
        body=request["body"].encode(),
        find_key=keys.get,
        now=vectors.NOW,
    )
    verify_response(
        status=response["status"],
        headers=response["headers"],
        body=response["body"].encode(),
        request_signature=request["headers"]["signature"],
        find_key=keys.get,
        now=vectors.NOW,
    )


def test_vectors_pseudonym_and_field_hash_are_plain_hmacs() -> None:
    subject, fields = PUBLISHED["subject"], PUBLISHED["fields"]
    key = bytes.fromhex(subject["key_hex"])
    found = hmac.digest(key, subject["identifier"].encode(), "sha256")
    assert unbase64(subject["pseudonym"]) == found
    secret = hmac.digest(key, b"terpadu-field-hash\x0010000002\x0010000001", "sha256")
    assert fields["hash_key_hex"] == secret.hex()
    hashed = hmac.digest(secret, json.dumps(fields["answer"]["no_kk"]).encode(), "sha256")
    assert unbase64(fields["passes"]["no_kk"]) == hashed
    assert fields["passes"]["nik"] == "************0001"
    assert fields["passes"]["nama"] == {"lengkap": "SITI"}
    assert "x" not in fields["passes"]


def test_vectors_upload_frames_are_bound_to_their_head_and_signed() -> None:
    upload = PUBLISHED["upload"]
    key = public("consumer")
    binding, content = hashlib.sha256(upload["headers"]["signature"].encode()).digest(), b""
    for number, text in enumerate(upload["frames"]):
        frame = bytes.fromhex(text)
        kind, length = frame[:1], int.from_bytes(frame[1:5], "big")
        payload, signature = frame[5 : 5 + length], frame[5 + length :]
        counted = number.to_bytes(8, "big") + kind
        content += payload if kind == b"D" else b""
        hashed = hashlib.sha256(content if kind == b"D" else payload).digest()
        key.verify(signature, b"terpadu-chunk-2\n" + binding + counted + hashed)
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert content == upload["content"].encode()
    assert upload["headers"]["content-digest"] == f"sha-256=:{digest}:"
    assert json.loads(payload) == {"content-digest": f"sha-256=:{digest}:", "size": len(content)}
    assert upload["request_end"] == base64.b64encode(payload + signature).decode()


def test_vectors_event_leaves_with_the_pseudonym_that_orders_it() -> None:
    event, subject = PUBLISHED["event"], PUBLISHED["subject"]
    assert event["given"]["subject"] == subject["identifier"]
    assert event["left"] == event["given"] | {"subject": subject["pseudonym"]}
    assert event["key"] == subject["pseudonym"]
