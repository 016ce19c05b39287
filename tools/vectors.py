"""Write the test vectors of the wire profile: `docs/wire-vectors.json`, from fixed keys and moments.

Whoever implements the profile feeds the inputs in and compares; Ed25519 is deterministic, so every byte must fit.
Run `python tools/vectors.py` after a change of the profile; a test holds the file against the code.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import JsonValue

from terpadu_wire.canonical import canonical_bytes
from terpadu_wire.cloudevents import event_of, source_of
from terpadu_wire.consents import ConsentArtefact, ConsentStatus, sign_consent, sign_consent_status
from terpadu_wire.contracts import (
    ConnectedService,
    ContractContent,
    GrantItem,
    Outway,
    ServiceConnectionGrant,
    Validity,
    content_hash,
    content_to_json,
    grant_hash,
    sign_contract,
)
from terpadu_wire.digest import content_digest
from terpadu_wire.fields import apply_fields, field_hash_key
from terpadu_wire.hours import Hours, Opening
from terpadu_wire.keys import jwk_thumbprint, public_key_spki, public_key_thumbprint
from terpadu_wire.properties import (
    ConsentRule,
    EvidenceRule,
    FieldRules,
    OpenApiRule,
    Operation,
    Properties,
    Purpose,
    Quota,
    Subject,
    Text,
    properties_to_json,
)
from terpadu_wire.purposes import (
    LegalBasis,
    PurposeContent,
    RiskAnswer,
    purpose_digest,
    purpose_to_json,
    sign_purpose,
)
from terpadu_wire.signing import STREAM, Signer
from terpadu_wire.streams import StreamWriter
from terpadu_wire.subjects import pseudonym
from terpadu_wire.tokens import TokenClaims, mint_token

FILE = Path(__file__).resolve().parent.parent / "docs" / "wire-vectors.json"
NOW = 1_800_000_000
GROUP, CONSUMER, PROVIDER, SERVICE = "terpadu.vectors", "10000001", "10000002", "kependudukan"
INWAY = "https://gateway.example:8443"
TRANSACTION = "01a1ffe6-ae32-7819-a387-3a7095712cb8"
PURPOSE_ID = "0199c0de-0000-7000-8000-000000000001"
CONSENT_ID = "0199c0de-0000-7000-8000-000000000002"
SUBJECT_KEY = bytes(range(32))
IDENTIFIER = "3671014506900001"


def key(first: int) -> Ed25519PrivateKey:
    """Return the private key whose 32 bytes count up from a number."""
    return Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32)))


def vectors() -> dict[str, JsonValue]:
    """Return all vectors, in the order of the profile."""
    purpose = _purpose()
    content = _content(purpose_digest(purpose))
    token = mint_token(_claims(content), key=key(64))
    return {
        "keys": {name: _key(first) for name, first in (("consumer", 32), ("provider", 64), ("group", 96))},
        "purpose": {
            "content": purpose_to_json(purpose),
            "sha256": purpose_digest(purpose),
            "submitted": sign_purpose("submit", purpose, key=key(32), at=NOW),
            "approved": sign_purpose("approve", purpose, key=key(64), at=NOW),
        },
        "contract": {
            "content": content_to_json(content),
            "canonical": canonical_bytes(content_to_json(content)).decode(),
            "content_hash": content_hash(content),
            "grant_hash": grant_hash(content, next(content.connection_grants())),
            "accept": {
                CONSUMER: sign_contract("accept", content, key=key(32), at=NOW),
                PROVIDER: sign_contract("accept", content, key=key(64), at=NOW),
            },
        },
        "token": token,
        "exchange": _exchange(token),
        "subject": {
            "key_hex": SUBJECT_KEY.hex(),
            "identifier": IDENTIFIER,
            "pseudonym": pseudonym(SUBJECT_KEY, IDENTIFIER),
        },
        "consent": _consent(),
        "fields": _fields(),
        "upload": _upload(token),
        "event": _event(),
    }


def _key(first: int) -> JsonValue:
    public = key(first).public_key()
    return {
        "private_hex": bytes(range(first, first + 32)).hex(),
        "spki": public_key_spki(public),
        "thumbprint": public_key_thumbprint(public),
        "jkt": jwk_thumbprint(public),
    }


def _purpose() -> PurposeContent:
    return PurposeContent(
        id=PURPOSE_ID,
        code="kia.penerbitan",
        consumer=CONSUMER,
        provider=PROVIDER,
        services=(SERVICE,),
        text=Text("Penerbitan KIA", "Issue of the child identity card"),
        legal_basis=LegalBasis("public_task", "Permendagri 2/2016 ps. 3"),
        data_items=("NIK", "Nama"),
        retention="P5Y",
        risk=(RiskAnswer("minimal", "Setiap data dipakai"),),
        expected_calls=500,
        not_before=NOW - 86_400,
        not_after=NOW + 31_536_000,
    )


def _content(digest: str) -> ContractContent:
    fields = FieldRules(("/nama",), {"/nik": 4}, ("/no_kk",), ("/nama/gelar",))
    properties = Properties(
        purpose=Purpose(
            "kia.penerbitan",
            Text("Penerbitan KIA", "Issue of the child identity card"),
            "Permendagri 2/2016 ps. 3",
            "P5Y",
            PURPOSE_ID,
            digest,
        ),
        operations=(Operation("cari", "POST", "/penduduk/cari", fields),),
        openapi_sha256="0" * 64,
        subject=Subject("request", "/nik", match_pointer="/nik"),
        evidence=EvidenceRule(required=True, pattern="KIA-[0-9]+"),
        quota=Quota(rps=50, per_day=10_000, per_subject_day=5, burst=100),
        consent=ConsentRule(required=True),
        hours=Hours("Asia/Jakarta", (Opening((1, 2, 3, 4, 5), "08:00", "16:00"),), ("2027-01-01",)),
        openapi=OpenApiRule("sample", percent=20, refuse=True),
    )
    grant = ServiceConnectionGrant(
        Outway(CONSUMER, public_key_thumbprint(key(32).public_key())),
        ConnectedService(PROVIDER, SERVICE),
        properties_to_json(properties),
    )
    iv = "06338364-8305-7b74-8000-de4963503139"
    return ContractContent(iv, GROUP, Validity(NOW - 10, NOW + 1000), (GrantItem(grant),), NOW - 10)


def _claims(content: ContractContent) -> TokenClaims:
    grant = next(content.connection_grants())
    jkt = jwk_thumbprint(key(32).public_key())
    return TokenClaims(
        gth=grant_hash(content, grant),
        gid=GROUP,
        sub=CONSUMER,
        iss=PROVIDER,
        svc=SERVICE,
        aud=INWAY,
        nbf=NOW,
        exp=NOW + 600,
        jkt=jkt,
        prp=grant.properties or {},
    )


def _exchange(token: str) -> JsonValue:
    body, answer = b'{"nik":"3671014506900001"}', b'{"nama":"SITI"}'
    headers = {
        "content-digest": content_digest(body),
        "content-type": "application/json",
        "fsc-authorization": f"Bearer {token}",
        "fsc-transaction-id": TRANSACTION,
        "terpadu-purpose": "kia.penerbitan",
        "terpadu-evidence": "KIA-7",
        "terpadu-on-behalf-of": "person:self",
        "terpadu-consent": CONSENT_ID,
    }
    url = f"{INWAY}/penduduk/cari"
    request = _signer(32).sign_request(method="POST", target_uri=url, headers=headers, now=NOW)
    back = {
        "content-digest": content_digest(answer),
        "content-type": "application/json",
        "fsc-transaction-id": TRANSACTION,
    }
    response = _signer(64).sign_response(
        status=200, headers=back, request_signature=request.signature, now=NOW + 1
    )
    return {
        "request": {
            "method": "POST",
            "target_uri": url,
            "body": body.decode(),
            "headers": {**headers, **request.headers()},
        },
        "response": {"status": 200, "body": answer.decode(), "headers": {**back, **response.headers()}},
    }


def _upload(token: str) -> JsonValue:
    """A request whose body is a stream: its head, and its frames in hexadecimal digits."""
    content = b"isi berkas"
    headers = {
        "content-digest": content_digest(content),
        "content-type": STREAM,
        "fsc-authorization": f"Bearer {token}",
        "fsc-transaction-id": TRANSACTION,
        "terpadu-purpose": "kia.penerbitan",
        "terpadu-evidence": "KIA-7",
        "terpadu-on-behalf-of": "person:self",
        "terpadu-consent": "",
    }
    url = f"{INWAY}/berkas"
    head = _signer(32).sign_request(method="POST", target_uri=url, headers=headers, now=NOW)
    writer = StreamWriter(_signer(32).secret, head.signature)
    described = {"content-type": "application/octet-stream", "content-length": str(len(content))}
    frames = [writer.head(described), writer.data(content[:4]), writer.data(content[4:]), writer.end()]
    return {
        "method": "POST",
        "target_uri": url,
        "headers": {**headers, **head.headers()},
        "content": content.decode(),
        "frames": [frame.hex() for frame in frames],
        "request_end": writer.proof,
    }


def _event() -> JsonValue:
    """A notice as an application gives it to its gateway, and as it leaves."""
    given: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "source": source_of(CONSUMER, "peristiwa"),
        "type": "id.contoh.kelahiran.tercatat.v1",
        "subject": IDENTIFIER,
    }
    left = given | {"subject": pseudonym(SUBJECT_KEY, IDENTIFIER)}
    return {"given": given, "left": left, "key": event_of(left).key, "idempotency_key": given["id"]}


def _signer(first: int) -> Signer:
    return Signer(key(first), public_key_thumbprint(key(first).public_key()))


def _consent() -> JsonValue:
    artefact = ConsentArtefact(
        id=CONSENT_ID,
        subject=pseudonym(SUBJECT_KEY, IDENTIFIER),
        consumer=CONSUMER,
        provider=PROVIDER,
        service=SERVICE,
        purpose="kia.penerbitan",
        fields=("/nama", "/nik", "/no_kk"),
        issued_at=NOW - 60,
        expires_at=NOW + 86_400,
        revocation_url=f"https://control.example/exchange/consents/{CONSENT_ID}",
    )
    word = ConsentStatus(CONSENT_ID, "given", NOW)
    return {
        "artefact": sign_consent(artefact, key=key(96)),
        "word": sign_consent_status(word, key=key(96)),
    }


def _fields() -> JsonValue:
    answer: JsonValue = {
        "nik": IDENTIFIER,
        "nama": {"lengkap": "SITI", "gelar": "S.Kom"},
        "no_kk": "36710",
        "x": 1,
    }
    rules = FieldRules(("/nama",), {"/nik": 4}, ("/no_kk",), ("/nama/gelar",))
    secret = field_hash_key(SUBJECT_KEY, consumer=CONSUMER, provider=PROVIDER)
    kept, used = apply_fields(answer, rules, hash_key=secret)
    return {"answer": answer, "hash_key_hex": secret.hex(), "passes": kept, "pointers": list(used)}


def text() -> str:
    """Return the file's text."""
    return json.dumps(vectors(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
