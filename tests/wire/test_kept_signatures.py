"""What a record keeps of two signed messages is enough to check both signatures again, and nothing of it can be changed."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from terpadu_wire.certificates import certified_peer
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import KeyFileError, LogError
from terpadu_wire.kept_signatures import Signers, read_certificates, signers_of
from terpadu_wire.records import Record
from terpadu_wire.signing import BEARER_DIGEST
from tests.gateway.country import Authority, Peer

TRANSACTION = "01a1ffe6-ae32-7819-a387-3a7095712cb8"
URL = "https://gateway.example:8443/penduduk/cari"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def peers(authority: Authority) -> tuple[Peer, Peer]:
    return authority.peer("36710000", "Portal"), authority.peer("36710001", "Disdukcapil")


@pytest.fixture(scope="module")
def record(peers: tuple[Peer, Peer]) -> Record:
    """The record of a whole exchange, with real signatures."""
    consumer, provider = peers
    at = x509.load_pem_x509_certificate(consumer.certificate_pem).not_valid_before_utc.timestamp() + 60
    asked = {
        "content-digest": content_digest(b"{}"),
        "content-type": "application/json",
        BEARER_DIGEST: "ab" * 32,
        "fsc-transaction-id": TRANSACTION,
        "terpadu-purpose": "kia.penerbitan",
        "terpadu-evidence": "KIA-1",
        "terpadu-on-behalf-of": "person:self",
        "terpadu-consent": "",
    }
    request = consumer.signer.sign_request(method="POST", target_uri=URL, headers=asked, now=at)
    given = {
        "content-digest": content_digest(b"[]"),
        "content-type": "a/b",
        "fsc-transaction-id": TRANSACTION,
    }
    response = provider.signer.sign_response(
        status=200, headers=given, request_signature=request.signature, now=at
    )
    return Record(
        transaction_id=TRANSACTION,
        side="in",
        phase="response",
        at=int(at * 1000),
        consumer=consumer.peer_id,
        provider=provider.peer_id,
        service="kependudukan",
        operation="cari",
        grant_hash="$1$3$x",
        purpose="kia.penerbitan",
        evidence="KIA-1",
        on_behalf_of="person:self",
        outcome="answered",
        salt="x",
        status=200,
        method="POST",
        target_uri=URL,
        token_sha256="ab" * 32,
        request_content_type="application/json",
        request_digest=asked["content-digest"],
        request_signature_input=request.signature_input,
        request_signature=request.signature,
        response_content_type="a/b",
        response_digest=given["content-digest"],
        response_signature_input=response.signature_input,
        response_signature=response.signature,
    )


def pems(peers: tuple[Peer, Peer]) -> list[str]:
    return [peer.certificate_pem.decode() for peer in peers]


def test_signers_of_a_true_record_are_consumer_and_provider(
    record: Record, peers: tuple[Peer, Peer], authority: Authority
) -> None:
    certified = read_certificates(
        pems(peers), authorities=x509.load_pem_x509_certificates(authority.file.read_bytes())
    )

    assert signers_of(record, certified=certified) == Signers("36710000", "36710001")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("purpose", "lain"),
        ("evidence", "KIA-2"),
        ("on_behalf_of", ""),
        ("consent", "x"),
        ("method", "PUT"),
        ("target_uri", "https://other.example/penduduk/cari"),
        ("token_sha256", "cd" * 32),
        ("request_digest", content_digest(b"other")),
        ("request_content_type", "text/plain"),
        ("response_digest", content_digest(b"other")),
        ("response_content_type", "text/plain"),
        ("status", 404),
        ("transaction_id", "01a1ffe6-ae32-7819-a387-3a7095712cb9"),
        ("consumer", "36710009"),
        ("provider", "36710009"),
        ("at", 1_000),
    ],
)
def test_signers_of_a_changed_record_are_refused(
    record: Record, peers: tuple[Peer, Peer], member: str, value: str | int
) -> None:
    certified = read_certificates(pems(peers), authorities=())

    with pytest.raises(LogError, match=r"log\.message_signature"):
        signers_of(replace(record, **{member: value}), certified=certified)  # type: ignore[arg-type]  # one member of its type


def test_signers_of_a_request_with_a_query_are_not_claimed(record: Record, peers: tuple[Peer, Peer]) -> None:
    certified = read_certificates(pems(peers), authorities=())
    withheld = replace(record, target_uri=f"{URL}?")

    assert signers_of(withheld, certified=certified) == Signers("", "36710001")


def test_signers_without_a_certificate_or_signature_are_not_claimed(record: Record) -> None:
    assert signers_of(record, certified={}) == Signers()
    assert signers_of(replace(record, request_signature="", response_signature=""), certified={}) == Signers()


def test_read_certificates_of_another_authority_are_refused(peers: tuple[Peer, Peer], tmp_path: Path) -> None:
    other = Authority(tmp_path, name="other")

    with pytest.raises(LogError, match=r"log\.certificate"):
        read_certificates(pems(peers), authorities=x509.load_pem_x509_certificates(other.file.read_bytes()))


@pytest.mark.parametrize(
    ("good", "odd"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x52"),  # a version that there is not
        (b"\x06\x03\x2b\x65\x70\x03\x21", b"\x06\x03\x2b\x65\x7f\x03\x21"),  # a kind of key that nobody knows
    ],
)
def test_certificate_that_cannot_be_read_is_refused(
    peers: tuple[Peer, Peer], good: bytes, odd: bytes
) -> None:
    der = x509.load_pem_x509_certificate(peers[0].certificate_pem).public_bytes(Encoding.DER)
    assert good in der
    changed = der.replace(good, odd)
    text = f"-----BEGIN CERTIFICATE-----\n{b64encode(changed).decode()}\n-----END CERTIFICATE-----\n"

    with pytest.raises(LogError, match=r"log\.certificate"):
        read_certificates([text], authorities=())
    with pytest.raises(KeyFileError, match=r"certificate\.unreadable"):
        certified_peer([changed], anchors=(), now=datetime.now(UTC))
