"""Tokens given by the provider's gateway itself, and tokens whose algorithm was played with."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from terpadu_wire.canonical import b64url_encode
from terpadu_wire.digest import content_digest
from terpadu_wire.keys import PublicKey, generate_key, public_key_pem, public_key_thumbprint
from terpadu_wire.signing import REQUEST_HEADERS, Signer
from terpadu_wire.transactions import new_transaction_id
from tests.gateway.country import PORTAL, REGISTRY
from tests.gateway.forger import Forger, Message
from tests.gateway.road import Road

PATH = f"/fsc/v1/{REGISTRY}/token"


@pytest.fixture
def forger(road: Road) -> Iterator[Forger]:
    made = Forger(road)
    yield made
    made.close()


def ask(
    forger: Forger, *, scope: str = "", client: str = PORTAL, signer: Signer | None = None, path: str = PATH
) -> tuple[httpx.Response, dict[str, str], bytes]:
    """Ask the inway for a token; return the answer and what was sent."""
    scope = scope or forger.road.scope
    body = f"grant_type=client_credentials&scope={scope}&client_id={client}".encode()
    now = time.time()
    headers = dict.fromkeys(REQUEST_HEADERS, "") | {
        "content-type": "application/x-www-form-urlencoded",
        "content-digest": content_digest(body),
        "fsc-transaction-id": new_transaction_id(now=now),
    }
    url = forger.road.inway_url + path
    signature = (signer or forger.peer.signer).sign_request(
        method="POST", target_uri=url, headers=headers, now=now
    )
    headers |= signature.headers()
    return forger._client.post(path, headers=headers, content=body), headers, body


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


def test_token_of_the_gateway_opens_the_same_door(road: Road, forger: Forger) -> None:
    answer, _, _ = ask(forger)
    assert answer.status_code == 200
    assert 0 < answer.json()["expires_in"] <= 600

    message = Message(answer.json()["access_token"])
    assert forger.send(message, forger.sign(message)).status_code == 200


def test_token_of_the_gateway_is_asked_for_once_with_the_right_key_grant_and_name(
    road: Road, forger: Forger
) -> None:
    first, headers, body = ask(forger)
    assert first.status_code == 200
    assert code_of(forger._client.post(PATH, headers=headers, content=body)) == "signature.replayed"
    stranger = generate_key()
    signer = Signer(stranger, public_key_thumbprint(stranger.public_key()))
    assert code_of(ask(forger, signer=signer)[0]) == "signature.unknown_key"
    assert code_of(ask(forger, signer=road.country.registry.signer)[0]) == "signature.unknown_key"
    assert code_of(ask(forger, scope="$1$3$x")[0]) == "contract.none"
    assert code_of(ask(forger, client=REGISTRY)[0]) == "token.invalid"
    altered = forger._client.post(PATH, headers=ask(forger)[1], content=b"grant_type=client_credentials")
    assert altered.status_code >= 400


def test_token_endpoint_of_another_agency_is_not_here(forger: Forger) -> None:
    answer, _, _ = ask(forger, path=f"/fsc/v1/{PORTAL}/token")
    assert answer.status_code == 401


SECRETS: dict[str, Callable[[PublicKey], bytes]] = {
    "raw": lambda key: key.public_bytes_raw(),
    "pem": public_key_pem,
    "der": lambda key: key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
}


@pytest.mark.parametrize("form", SECRETS)
@pytest.mark.parametrize("algorithm", ["HS256", "hs256", "Ed25519"])
def test_inway_token_signed_with_the_public_key_as_a_secret_is_refused(
    road: Road, forger: Forger, form: str, algorithm: str
) -> None:
    kid = road.country.registry.signer.keyid
    head = b64url_encode(f'{{"alg":"{algorithm}","typ":"fsc-access-token","kid":"{kid}"}}'.encode())
    payload = forger.token().split(".")[1]
    secret = SECRETS[form](road.country.registry.key.public_key())
    mac = hmac.digest(secret, f"{head}.{payload}".encode(), hashlib.sha256)
    message = Message(f"{head}.{payload}.{b64url_encode(mac)}")

    assert code_of(forger.send(message, forger.sign(message))) == "token.invalid"
