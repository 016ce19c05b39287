"""Messages to the inway that nobody with a contract would send; nothing may reach the system."""

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from terpadu_wire.canonical import b64url_encode
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import SignatureError
from terpadu_wire.keys import generate_key, jwk_thumbprint, public_key_thumbprint
from terpadu_wire.signing import Signer, verify_response
from terpadu_wire.tokens import mint_token
from tests.gateway.country import NIK, SERVICE, Authority
from tests.gateway.forger import Forger, Message
from tests.gateway.middleman import Change, Middleman
from tests.gateway.processes import wait_until
from tests.gateway.road import Road
from tests.gateway.segments import records_of


@pytest.fixture
def forger(road: Road) -> Iterator[Forger]:
    """An attacker that is a member of the group."""
    made = Forger(road)
    yield made
    made.close()


def code_of(answer: httpx.Response) -> str:
    """Return the stable code of a problem."""
    return str(answer.json()["code"])


def was_asked(road: Road, message: Message) -> bool:
    """Say whether the inway recorded that it passes a message on."""
    records = records_of(road.agency.segments, message.headers["fsc-transaction-id"])
    return any(record.outcome == "asked" for record in records)


def test_inway_correct_message_is_answered_and_signed(road: Road, forger: Forger) -> None:
    message = forger.message()
    signature = forger.sign(message)

    answer = forger.send(message, signature)

    assert answer.status_code == 200
    keys = {road.country.registry.signer.keyid: road.country.registry.key.public_key()}
    headers = dict(answer.headers)
    proof = {"status": 200, "headers": headers, "find_key": keys.get, "now": time.time()}
    verify_response(body=answer.content, request_signature=signature["signature"], **proof)
    with pytest.raises(SignatureError):  # the same answer to another request is no answer
        verify_response(
            body=answer.content, request_signature=forger.sign(message)["signature"][:-6] + "AAA==:", **proof
        )


def test_inway_replayed_request_is_refused(road: Road, forger: Forger) -> None:
    message = forger.message()
    signature = forger.sign(message)

    assert forger.send(message, signature).status_code == 200
    assert code_of(forger.send(message, signature)) == "signature.replayed"


ALTERED: dict[str, Callable[[Message], None]] = {
    "body": lambda one: setattr(one, "body", b'{"nik": "3671010101010001"}'),
    "path": lambda one: setattr(one, "path", "/wilayah/36.71"),
    "method": lambda one: setattr(one, "method", "PUT"),
    "purpose": lambda one: one.headers.update({"terpadu-purpose": "pajak.penagihan"}),
    "evidence": lambda one: one.headers.update({"terpadu-evidence": "KIA-2"}),
    "on behalf of": lambda one: one.headers.update({"terpadu-on-behalf-of": "officer:x"}),
    "content type": lambda one: one.headers.update({"content-type": "text/plain"}),
    "transaction id": lambda one: one.headers.update(
        {"fsc-transaction-id": "01a1ffe6-ae32-7819-a387-3a7095712cb8"}
    ),
}


@pytest.mark.parametrize("part", ALTERED)
def test_inway_altered_covered_part_is_refused(road: Road, forger: Forger, part: str) -> None:
    message = forger.message()
    signature = forger.sign(message)
    ALTERED[part](message)

    answer = forger.send(message, signature)

    assert answer.status_code in (400, 401)
    assert code_of(answer) in ("signature.invalid", "signature.digest", "signature.nonce")
    assert not was_asked(road, message)


def test_inway_altered_body_with_its_own_digest_is_refused(forger: Forger) -> None:
    def change(message: Message) -> None:
        message.body = b'{"nik": "3671010101010001"}'
        message.headers["content-digest"] = content_digest(message.body)

    assert code_of(forger.attack(change)) == "signature.invalid"


def test_inway_missing_covered_header_is_refused(forger: Forger) -> None:
    assert (
        code_of(forger.attack(lambda one: one.headers.pop("terpadu-evidence") and None)) == "signature.header"
    )


def test_inway_unsigned_message_is_refused(forger: Forger) -> None:
    assert code_of(forger.send(forger.message(), {})) == "signature.missing"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"terpadu-evidence" ', ""),
        lambda text: text.replace("terpadu-exchange-1", "terpadu-exchange-2"),
        lambda text: text + ";alg=hmac-sha256",
        lambda text: text + ", other=();created=1",
        lambda text: "other" + text[len("exchange") :],
        lambda text: "x" * 5000,
    ],
)
def test_inway_signature_of_another_profile_is_refused(forger: Forger, change: Callable[[str], str]) -> None:
    message = forger.message()
    signature = forger.sign(message)
    signature["signature-input"] = change(signature["signature-input"])

    assert code_of(forger.send(message, signature)) == "signature.malformed"


def test_inway_signature_for_another_gateway_is_refused(forger: Forger) -> None:
    message = forger.message()
    signature = forger.sign(message, target_uri="https://elsewhere:8443" + message.path)

    assert code_of(forger.send(message, signature)) == "signature.invalid"


@pytest.mark.parametrize("offset", [-600, -70, 30, 600])
def test_inway_signature_of_another_time_is_refused(forger: Forger, offset: int) -> None:
    message = forger.message()
    message.signed_at = time.time() + offset

    assert code_of(forger.send(message, forger.sign(message))) == "signature.time"


def test_inway_unknown_key_is_refused(forger: Forger) -> None:
    stranger = generate_key()
    message = forger.message()
    signer = Signer(stranger, public_key_thumbprint(stranger.public_key()))

    assert code_of(forger.send(message, forger.sign(message, signer=signer))) == "signature.unknown_key"


def test_inway_key_id_of_another_is_refused(forger: Forger) -> None:
    message = forger.message()
    signer = Signer(generate_key(), forger.peer.signer.keyid)

    assert code_of(forger.send(message, forger.sign(message, signer=signer))) == "signature.invalid"


def test_inway_stolen_token_with_the_key_of_another_member_is_refused(road: Road) -> None:
    thief = Forger(road, peer=road.country.registry)
    try:
        message = thief.message()
        answer = thief.send(message, thief.sign(message))
    finally:
        thief.close()

    assert (
        code_of(answer) == "signature.unknown_key"
    )  # the token is the portal's, so only the portal's keys count


TIMES = {"nbf", "exp"}  # in the table as seconds from the moment of the test


def moment_of(seconds: object) -> int:
    assert isinstance(seconds, int)
    return int(time.time()) + seconds


TOKENS: dict[str, tuple[dict[str, object], str]] = {
    "expired": ({"nbf": -700, "exp": -100}, "token.expired"),
    "not yet": ({"nbf": +100, "exp": +400}, "token.not_yet"),
    "bound to another key": ({"jkt": jwk_thumbprint(generate_key().public_key())}, "token.other_key"),
    "other audience": ({"aud": "https://elsewhere:8443"}, "token.wrong_audience"),
    "other group": ({"gid": "other.group"}, "token.wrong_group"),
    "other issuer": ({"iss": "36710000"}, "token.wrong_audience"),
    "other service": ({"svc": "pajak"}, "service.unknown"),
    "other grant": ({"gth": "$1$3$AAAA"}, "contract.none"),
    "of another consumer": ({"sub": "99999999"}, "signature.unknown_key"),
}


@pytest.mark.parametrize("case", TOKENS)
def test_inway_wrong_token_is_refused(road: Road, forger: Forger, case: str) -> None:
    changes, code = TOKENS[case]
    road.plane.token_changes = {
        name: moment_of(value) if name in TIMES else value for name, value in changes.items()
    }
    try:
        message = forger.message()
    finally:
        road.plane.token_changes = {}

    answer = forger.send(message, forger.sign(message))

    assert code_of(answer) == code
    assert not was_asked(road, message)


def test_inway_token_signed_by_the_caller_itself_is_refused(road: Road, forger: Forger) -> None:
    claims = road.plane.claims(road.scope, road.country.portal.key.public_key())
    message = Message(mint_token(claims, key=road.country.portal.key))

    assert code_of(forger.send(message, forger.sign(message))) == "token.invalid"


@pytest.mark.parametrize("header", ['{"alg":"none"}', '{"alg":"HS256","typ":"fsc-access-token"}'])
def test_inway_token_of_another_algorithm_is_refused(road: Road, forger: Forger, header: str) -> None:
    kid = road.country.registry.signer.keyid
    forged = header[:-1] + f',"kid":"{kid}"}}'
    payload = forger.token().split(".")[1]
    message = Message(f"{b64url_encode(forged.encode())}.{payload}.{b64url_encode(b'x' * 64)}")

    assert code_of(forger.send(message, forger.sign(message))) == "token.invalid"


@pytest.mark.parametrize("value", ["", "Basic x", "Bearer", "Bearer not.a.token", "Bearer " + "x" * 12_000])
def test_inway_malformed_token_is_refused(forger: Forger, value: str) -> None:
    answer = forger.attack(fsc_authorization=value)

    assert answer.status_code == 401
    assert code_of(answer) in ("token.missing", "token.invalid")


def test_inway_repeated_covered_header_is_refused(road: Road, forger: Forger) -> None:
    message = forger.message()
    headers = [*(message.headers | forger.sign(message)).items(), ("terpadu-purpose", "pajak.penagihan")]

    answer = forger._client.post(message.path, content=message.body, headers=headers)

    assert code_of(answer) == "gateway.header_refused"


def test_inway_purpose_of_no_contract_is_refused_signed_and_recorded(road: Road, forger: Forger) -> None:
    message = forger.message(terpadu_purpose="pajak.penagihan")

    answer = forger.send(message, forger.sign(message))

    assert code_of(answer) == "purpose.not_in_contract"
    assert "signature" in answer.headers
    records = records_of(road.agency.segments, message.headers["fsc-transaction-id"])
    assert [(one.phase, one.outcome, one.error_code) for one in records] == [
        ("request", "refused", "purpose.not_in_contract"),
        ("response", "refused", "purpose.not_in_contract"),
    ]


def test_inway_hostile_body_with_a_good_signature_is_refused(road: Road, forger: Forger) -> None:
    message = Message(forger.token(), body=b'{"nik": "1", "nik": "%s"}' % NIK.encode())

    assert code_of(forger.send(message, forger.sign(message))) == "json.duplicate_key"


def test_inway_malformed_transaction_id_is_refused(forger: Forger) -> None:
    assert code_of(forger.attack(fsc_transaction_id="1")) == "transaction.malformed"


def test_inway_without_client_certificate_does_not_talk(road: Road) -> None:
    context = ssl.create_default_context(cafile=str(road.country.authority.file))
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{road.inway_url}/penduduk/cari", verify=context)


def test_inway_with_a_certificate_of_another_authority_does_not_talk(road: Road) -> None:
    other = Authority(road.country.folder, name="other-authority").peer("36710009", "Impostor")
    context = ssl.create_default_context(cafile=str(road.country.authority.file))
    context.load_cert_chain(other.certificate_file, other.key_file)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{road.inway_url}/{SERVICE}", verify=context)


SWAPPED: dict[str, Change] = {
    "the answer to another call": lambda heard: heard[0],
    "another body": lambda heard: replace(heard[-1], body=heard[-1].body.replace(b"SITI", b"BUDI")),
    "another body with its own digest": lambda heard: replace(
        heard[-1].with_header("content-digest", content_digest(b"{}")), body=b"{}"
    ),
    "another status": lambda heard: replace(heard[-1], status=201),
    "another type": lambda heard: heard[-1].with_header("content-type", "text/html"),
    "another transaction": lambda heard: heard[-1].with_header("fsc-transaction-id", "0" * 36),
    "no signature": lambda heard: heard[-1].with_header("signature", ""),
    "the signature of another answer": lambda heard: heard[-1].with_header(
        "signature", heard[0].headers["signature"]
    ),
    "a refusal made of an answer": lambda heard: replace(heard[-1], status=403),
}


def test_outway_takes_no_swapped_or_altered_answer_whoever_stands_between(road: Road) -> None:
    middleman = Middleman(road)
    try:
        wait_until(lambda: road.call().status_code == 200)  # a token of before is for the other address
        for case, change in SWAPPED.items():
            middleman.change = change
            answer = road.call()

            assert (answer.status_code, code_of(answer)) == (502, "provider.unproven"), case
            assert "SITI" not in answer.text, case
            records = records_of(road.portal.segments, answer.json()["transaction_id"])
            assert [one.error_code for one in records] == ["", "provider.unproven"], case
    finally:
        middleman.close()
    wait_until(lambda: road.call().status_code == 200)


@pytest.mark.parametrize(
    "path",
    [
        "/penduduk/../rahasia",
        "/penduduk/%2e%2e/rahasia",
        "/penduduk%2fcari",
        "//penduduk/cari",
        "/penduduk//cari",
    ],
)
def test_inway_path_trick_with_a_good_signature_is_refused(forger: Forger, path: str) -> None:
    message = Message(forger.token(), path=path)

    answer = forger.send(message, forger.sign(message))

    assert answer.status_code in (400, 401, 403, 404), answer.text
    assert "SITI" not in answer.text
