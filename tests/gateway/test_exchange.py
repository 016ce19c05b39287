"""An exchange that is allowed, and calls that the consumer's gateway refuses; all over real processes."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from terpadu_wire.digest import content_digest
from terpadu_wire.subjects import pseudonym
from tests.gateway.country import NIK, PORTAL, PURPOSE, REGISTRY, SERVICE, SUBJECT_KEY
from tests.gateway.processes import wait_until
from tests.gateway.registry import person
from tests.gateway.road import Road, call_headers
from tests.gateway.segments import records_in, records_of


def test_exchange_allowed_returns_only_the_fields_of_the_contract(road: Road) -> None:
    answer = road.call()

    assert answer.status_code == 200
    known = person(NIK)
    assert answer.json() == {
        "nik": NIK,
        "nama": known["nama"],
        "tanggal_lahir": known["tanggal_lahir"],
        "anggota": [{"nik": one["nik"], "nama": one["nama"]} for one in known["anggota"]],
        "keterangan": known["keterangan"],
    }
    assert answer.headers["terpadu-read-at"].endswith("Z")


def test_exchange_allowed_leaves_two_records_on_each_side(road: Road) -> None:
    answer = road.call()
    transaction = answer.headers["fsc-transaction-id"]
    out = records_of(road.portal.segments, transaction)
    into = records_of(road.agency.segments, transaction)

    assert [(one.side, one.phase, one.outcome) for one in out + into] == [
        ("out", "request", "asked"),
        ("out", "response", "answered"),
        ("in", "request", "asked"),
        ("in", "response", "answered"),
    ]
    for record in out + into:
        assert (record.consumer, record.provider, record.service) == (PORTAL, REGISTRY, SERVICE)
        assert (record.purpose, record.evidence, record.on_behalf_of) == (PURPOSE, "KIA-2026", "person:self")
        assert record.subject == pseudonym(SUBJECT_KEY, NIK)
        assert record.request_digest == content_digest(b'{"nik": "%s"}' % NIK.encode())
    assert out[1].response_digest == into[1].response_digest == content_digest(answer.content)
    assert out[1].response_signature == into[1].response_signature != ""
    assert len({record.salt for record in out + into}) == 4
    assert into[1].fields == (
        "/anggota/*/nama",
        "/anggota/*/nik",
        "/keterangan",
        "/nama",
        "/nik",
        "/tanggal_lahir",
    )


def test_exchange_allowed_writes_no_identifier_and_no_name_to_disk_or_log(road: Road) -> None:
    road.call()
    written = b"".join(
        path.read_bytes() for path in road.country.folder.glob("*-side/**/*") if path.is_file()
    )

    assert NIK.encode() not in written
    assert b"SITI" not in written


def test_exchange_records_reach_the_control_plane_signed_and_complete(road: Road) -> None:
    transaction = road.call().headers["fsc-transaction-id"]

    def arrived() -> bool:
        return len([one for one in road.plane.records if one.transaction_id == transaction]) == 4

    assert wait_until(arrived)
    local = records_of(road.portal.segments, transaction) + records_of(road.agency.segments, transaction)
    shipped = [one for one in road.plane.records if one.transaction_id == transaction]
    assert sorted(shipped, key=lambda one: one.salt) == sorted(local, key=lambda one: one.salt)


def test_exchange_get_with_path_and_listed_query_passes(road: Road) -> None:
    answer = road.call(method="GET", path="/wilayah/36.71?halaman=2", body=b"")

    assert answer.json() == {"nama": "TANGERANG"}
    record = records_of(road.agency.segments, answer.headers["fsc-transaction-id"])[0]
    assert (record.operation, record.subject) == ("wilayah", "")
    assert record.target_uri == f"{road.inway_url}/wilayah/36.71?"


def test_exchange_uses_one_token_for_many_calls(road: Road) -> None:
    road.call()
    before = road.plane.tokens_given
    for _ in range(3):
        assert road.call().status_code == 200
    assert road.plane.tokens_given == before


def test_exchange_with_named_grant_passes(road: Road) -> None:
    assert road.call(fsc_grant_hash=road.scope).status_code == 200


REFUSED_CALLS = {
    "no purpose": ({"terpadu_purpose": ""}, 400, "purpose.missing"),
    "another purpose": ({"terpadu_purpose": "pajak.penagihan"}, 403, "purpose.not_in_contract"),
    "no evidence": ({"terpadu_evidence": ""}, 400, "evidence.required"),
    "malformed evidence": ({"terpadu_evidence": "KIA-X"}, 400, "evidence.malformed"),
    "unknown grant": ({"fsc_grant_hash": "$1$3$AAAA"}, 403, "contract.none"),
    "identifier as on-behalf-of": ({"terpadu_on_behalf_of": "Siti Aminah"}, 400, "gateway.header_refused"),
    "no key": ({"authorization": ""}, 401, "application.unknown"),
    "wrong key": ({"authorization": "Bearer wrong"}, 401, "application.unknown"),
    "basic instead of bearer": ({"authorization": "Basic wrong"}, 401, "application.unknown"),
    "deadline is no number": ({"terpadu_deadline_ms": "soon"}, 400, "gateway.header_refused"),
    "long header": ({"terpadu_evidence": "x" * 17_000}, 400, "gateway.header_refused"),
}


@pytest.mark.parametrize("case", REFUSED_CALLS)
def test_outway_refused_call_names_the_rule_and_records_nothing(road: Road, case: str) -> None:
    changes, status, code = REFUSED_CALLS[case]
    before = len(records_in(road.portal.segments))

    answer = road.call(**changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["fsc-error-code"]
    assert isinstance(answer.json()["retryable"], bool)
    assert len(records_in(road.portal.segments)) == before


HOSTILE_BODIES = {
    "not JSON": (b"<xml/>", 400, "json.invalid"),
    "duplicate key": (b'{"nik": "1", "nik": "2"}', 400, "json.duplicate_key"),
    "NaN": (b'{"nik": NaN}', 400, "json.invalid"),
    "infinite number": (b'{"nik": "1", "n": 1e999}', 400, "json.invalid"),
    "long number": (b'{"nik": "1", "n": ' + b"9" * 30 + b"}", 400, "json.number"),
    "very long number": (b'{"nik": "1", "n": ' + b"9" * 500_000 + b"}", 400, "json.invalid"),
    "deep nesting": (b'{"nik": ' + b"[" * 100 + b"]" * 100 + b"}", 400, "json.too_deep"),
    "very deep nesting": (b"[" * 100_000, 400, "json.invalid"),
    "lone surrogate": (b'{"nik": "\\ud800"}', 400, "json.invalid"),
    "no subject": (b"{}", 400, "subject.missing"),
    "subject is a number": (b'{"nik": 3671014506900001}', 400, "subject.missing"),
    "empty": (b"", 400, "subject.missing"),
    "too large": (b" " * (1 << 20) + b"{}", 413, "gateway.body_too_large"),
}


@pytest.mark.parametrize("case", HOSTILE_BODIES)
def test_outway_hostile_body_is_refused(road: Road, case: str) -> None:
    body, status, code = HOSTILE_BODIES[case]

    answer = road.call(body=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_outway_chunked_body_over_the_limit_is_refused(road: Road) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * (100 << 10)

    url = f"{road.outway_url}/{REGISTRY}/{SERVICE}/penduduk/cari"
    try:
        answer = httpx.post(url, content=pieces(), headers=call_headers())
    except httpx.WriteError:
        return  # the gateway hung up in the middle of it, which is an answer as well
    assert answer.json()["code"] == "gateway.body_too_large"


def test_outway_number_of_100_megabytes_is_refused_before_it_is_read(road: Road) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in call_headers().items())
    began = f"POST /{REGISTRY}/{SERVICE}/penduduk/cari HTTP/1.1\r\nhost: x\r\n{head}content-length: 104857600\r\n\r\n"

    answer = raw_request(road, began + '{"nik": ' + "9" * 1000)

    assert answer.startswith("HTTP/1.1 413")
    assert "gateway.body_too_large" in answer


HOSTILE_PATHS = {
    "/penduduk/../rahasia": "gateway.path_refused",
    "/penduduk/%2e%2e/rahasia": "gateway.path_refused",
    "/penduduk//cari": "gateway.path_refused",
    "/penduduk/%252fcari": "gateway.path_refused",
    "/penduduk/%00": "gateway.path_refused",
    "/penduduk;x=1/cari": "gateway.path_refused",
    "/penduduk/cari%2f..%2frahasia": "gateway.path_refused",
    "/penduduk/cari?x=<script>": "400 Bad Request",
    "/penduduk/cari?x=(script)": "gateway.path_refused",
    "/penduduk/cari?nik=1": "operation.query_not_in_contract",
    "/penduduk/hapus": "operation.not_in_contract",
    "/penduduk%2fhapus": "operation.not_in_contract",
    "/penduduk/cari/": "operation.not_in_contract",
}


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_outway_path_trick_is_refused(road: Road, path: str) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in call_headers().items())
    answer = raw_request(
        road, f"POST /{REGISTRY}/{SERVICE}{path} HTTP/1.1\r\nhost: x\r\n{head}content-length: 0\r\n\r\n"
    )

    assert HOSTILE_PATHS[path] in answer


def test_outway_absolute_target_is_refused(road: Road) -> None:
    answer = raw_request(road, "GET http://127.0.0.1/a/b/c HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")

    assert "gateway.path_refused" in answer


def test_outway_two_lengths_are_refused(road: Road) -> None:
    answer = raw_request(
        road, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd"
    )

    assert answer.startswith("HTTP/1.1 400")


def test_outway_method_that_tunnels_is_refused(road: Road) -> None:
    answer = raw_request(road, "TRACE /a/b/c HTTP/1.1\r\nhost: x\r\n\r\n")

    assert "ERROR_CODE_METHOD_UNSUPPORTED" in answer


def test_outway_unknown_provider_or_service_is_not_found(road: Road) -> None:
    headers = call_headers()
    unknown_peer = httpx.post(f"{road.outway_url}/99999999/{SERVICE}/x", headers=headers)
    unknown_service = httpx.post(f"{road.outway_url}/{REGISTRY}/pajak/x", headers=headers)

    assert unknown_peer.json()["code"] == "peer.unknown"
    assert unknown_service.json()["code"] == "service.unknown"


def raw_request(road: Road, text: str) -> str:
    """Return the raw answer to raw bytes sent to the outway."""
    port = int(road.outway_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        return connection.recv(65_536).decode("latin-1")
