"""X-Road's REST protocol on both sides: headers, errors, metaservices, and nothing that slips through."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from terpadu_doors.config import XroadFacade, XroadServiceDoor
from terpadu_doors.desk import Question, Reply
from terpadu_doors.problems import DoorProblem
from terpadu_doors.xroad import XroadFacadeProgram
from terpadu_doors.xroad_service import XroadServiceProgram
from tests.doors.fakes import LOOPBACK, FakeSystem

CLIENT = "ID/GOV/36710101/pelayanan"
SERVICE = "ID/GOV/36710107/layanan/surat"
PATH = f"/r1/{SERVICE}/surat/lookup"


@pytest.fixture
def facade(tmp_path: Path, fake: FakeSystem) -> Iterator[XroadFacadeProgram]:
    """The facade before an outway that a test plays."""
    (tmp_path / "app").write_text("application-key")
    (tmp_path / "local").write_text("local-key")
    (tmp_path / "openapi.json").write_text('{"openapi": "3.0.3"}')
    config = XroadFacade.model_validate(
        {
            "outway_url": fake.url,
            "instance": "ID",
            "clients": [{"id": CLIENT, "key_file": tmp_path / "app", "local_key_file": tmp_path / "local"}],
            "routes": [
                {
                    "id": SERVICE,
                    "client": CLIENT,
                    "provider": "36710107",
                    "service": "surat",
                    "purpose": "surat.verifikasi",
                    "grant_hash": "$1$3$x",
                    "openapi_file": tmp_path / "openapi.json",
                    "operations": ["POST /surat/lookup"],
                }
            ],
        }
    )
    program = XroadFacadeProgram(config)
    yield program
    program.close()


def _ask(
    program: XroadFacadeProgram, path: str = PATH, *, method: str = "POST", query: str = "", **headers: str
) -> Reply:
    given = {"x-road-client": CLIENT, "authorization": "Bearer local-key", "content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    body = b'{"nik": "1"}' if method == "POST" else b""
    return program.answer(
        Question(method, path, {name: text for name, text in given.items() if text}, body, query)
    )


def test_call_reaches_the_outway_with_purpose_and_key(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    fake.answer = lambda asked: (
        200,
        {"Content-Type": "application/json", "Fsc-Transaction-Id": "tx-1"},
        b'{"ok": 1}',
    )

    reply = _ask(facade, x_road_id="m-1", x_road_issue="SRT-1", x_road_userid="ID3671")

    assert (reply.status, reply.body) == (200, b'{"ok": 1}')
    assert reply.headers["x-road-id"] == "m-1"
    assert reply.headers["x-road-request-id"] == "tx-1"
    assert reply.headers["x-road-client"] == CLIENT
    assert reply.headers["x-road-service"] == SERVICE
    assert "x-road-error" not in reply.headers
    [sent] = fake.asked
    assert sent.path == "/36710107/surat/surat/lookup"
    assert sent.headers["authorization"] == "Bearer application-key"
    assert sent.headers["terpadu-purpose"] == "surat.verifikasi"
    assert sent.headers["terpadu-evidence"] == "SRT-1"
    assert "ID3671" not in str(sent.headers)


def test_user_is_marked_with_a_key_so_that_numbers_cannot_be_tried_against_the_mark(
    facade: XroadFacadeProgram, fake: FakeSystem, tmp_path: Path
) -> None:
    for key in ("application-key", "another-key", "another-key"):
        (tmp_path / "app").write_text(key)
        _ask(facade, x_road_userid="ID3671015406920003")

    first, second, again = [one.headers["terpadu-on-behalf-of"] for one in fake.asked]
    assert first != second == again
    assert hashlib.sha256(b"ID3671015406920003").hexdigest()[:32] not in (first, second)
    assert re.fullmatch(r"xroaduser:[0-9a-f]{32}", first)


@pytest.mark.parametrize(("method", "query"), [("POST", ""), ("GET", "a=1")])
def test_answer_holds_the_hash_of_its_request(
    facade: XroadFacadeProgram, fake: FakeSystem, method: str, query: str
) -> None:
    fake.answer = lambda asked: (200, {"Fsc-Transaction-Id": "tx-1"}, b"{}")

    reply = _ask(facade, method=method, query=query, x_road_id="m-1", host="door", user_agent="x")

    target = f"{PATH}?{query}" if query else PATH
    head = f"{method}\r\n{target}\r\nx-road-client:{CLIENT}\r\ncontent-type:application/json\r\n"
    head += "x-road-id:m-1\r\nx-road-request-id:tx-1\r\n"
    digest = hashlib.sha512(head.encode()).digest()
    if method == "POST":
        digest = hashlib.sha512(digest + hashlib.sha512(b'{"nik": "1"}').digest()).digest()
    assert base64.b64decode(reply.headers["x-road-request-hash"]) == digest


def test_call_that_the_road_never_took_has_no_request_hash(
    facade: XroadFacadeProgram, fake: FakeSystem
) -> None:
    fake.answer = lambda asked: (503, {"Fsc-Error-Code": "gateway.overloaded"}, b"{}")

    assert "x-road-request-hash" not in _ask(facade).headers


def test_refusal_of_the_road_comes_in_x_roads_form(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    body = orjson.dumps({"code": "contract.revoked", "title": "The contract was revoked"})
    fake.answer = lambda asked: (
        403,
        {"Fsc-Error-Code": "contract.revoked", "Fsc-Transaction-Id": "tx"},
        body,
    )

    reply = _ask(facade)

    value = orjson.loads(reply.body)
    assert reply.status == 403
    assert value["type"] == reply.headers["x-road-error"] == "Client.ContractRevoked"
    assert value["message"] == "The contract was revoked"
    assert reply.headers["x-road-request-id"] == "tx"


@pytest.mark.parametrize(("code", "status"), [("system.not_found", 404), ("system.refused", 422)])
def test_answer_of_the_service_itself_is_no_error_of_x_road(
    facade: XroadFacadeProgram, fake: FakeSystem, code: str, status: int
) -> None:
    body = orjson.dumps({"code": code, "side": "system", "title": "No", "status": status})
    given = {"Content-Type": "application/problem+json", "Fsc-Error-Code": code, "Fsc-Transaction-Id": "tx"}
    fake.answer = lambda asked: (status, given, body)

    reply = _ask(facade)

    assert (reply.status, reply.body) == (status, body)
    assert "x-road-error" not in reply.headers


@pytest.mark.parametrize(
    ("code", "side", "status", "kind"),
    [
        ("quota.second", "contract", 429, "Client.QuotaSecond"),
        ("gateway.method_refused", "consumer-gateway", 405, "Client.GatewayMethodRefused"),
        ("gateway.overloaded", "consumer-gateway", 503, "Server.ClientProxy.GatewayOverloaded"),
        ("provider.unreachable", "provider-gateway", 503, "Server.ServerProxy.ProviderUnreachable"),
        ("system.failed", "system", 502, "Server.ServerProxy.SystemFailed"),
    ],
)
def test_error_says_on_which_side_it_happened_and_when_to_try_again(
    facade: XroadFacadeProgram, fake: FakeSystem, code: str, side: str, status: int, kind: str
) -> None:
    body = orjson.dumps({"code": code, "side": side, "title": "It failed", "detail": "wait a little"})
    fake.answer = lambda asked: (status, {"Fsc-Error-Code": code, "Retry-After": "7"}, body)

    reply = _ask(facade)

    assert (reply.status, reply.headers["x-road-error"]) == (status, kind)
    assert reply.headers["retry-after"] == "7"
    assert orjson.loads(reply.body)["message"] == "It failed: wait a little"
    assert "x-road-request-id" not in reply.headers


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"x_road_client": ""}, "Client.MissingHeader"),
        ({"x_road_client": "ID/GOV/1/x"}, "Client.UnknownClient"),
        ({"authorization": "Bearer wrong"}, "Client.SslAuthenticationFailed"),
        ({"authorization": ""}, "Client.SslAuthenticationFailed"),
    ],
)
def test_strangers_are_refused(
    facade: XroadFacadeProgram, fake: FakeSystem, headers: dict[str, str], kind: str
) -> None:
    reply = _ask(facade, **headers)

    assert (reply.status, reply.headers["x-road-error"]) == (400, kind)
    assert not fake.asked


@pytest.mark.parametrize(
    "path",
    [
        "/r1/ID/GOV/36710107/layanan",
        "/r1/ID/GOV/36710107/layanan/other/x",
        f"/r1/{SERVICE}/../../../36710001/kependudukan/x",
        f"/r1/{SERVICE}/%2e%2e/x",
        f"/r1/{SERVICE}//x",
        f"/r1/{SERVICE}/a%2Fb",
        "/r1/ID/GOV/36710107%2Flayanan/surat/x/y",
        "/r1/ID/GOV/36710107/layanan/%73urat/x",
        "/r1//GOV/36710107/layanan/surat/x",
        f"/r1/{SERVICE}/a?b",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(
    facade: XroadFacadeProgram, fake: FakeSystem, path: str
) -> None:
    reply = _ask(facade, path)

    assert reply.status == 400
    assert reply.headers["x-road-error"].startswith("Client.")
    assert not fake.asked


def test_path_may_end_in_a_slash(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    _ask(facade, f"{PATH}/")

    assert fake.asked[0].path == "/36710107/surat/surat/lookup/"


def test_query_reaches_the_road_in_the_spelling_that_it_takes(
    facade: XroadFacadeProgram, fake: FakeSystem
) -> None:
    _ask(facade, method="GET", query="nama=%c3%a9+a&q=it's(1)/2")

    assert fake.asked[0].path.partition("?")[2] == "nama=%C3%A9+a&q=it%27s%281%29%2F2"


def test_key_of_a_repeated_call_goes_along(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    _ask(facade, idempotency_key="once-1")

    assert fake.asked[0].headers["idempotency-key"] == "once-1"


@pytest.mark.parametrize(
    "headers", [{"x_road_id": "a" * 1001}, {"x_road_issue": "\u00e9"}, {"accept": "a\tb"}]
)
def test_header_that_cannot_be_passed_on_is_told(
    facade: XroadFacadeProgram, fake: FakeSystem, headers: dict[str, str]
) -> None:
    reply = _ask(facade, **headers)

    assert (reply.status, reply.headers["x-road-error"]) == (400, "Client.InvalidHeader")
    assert not fake.asked


def test_of_several_grants_under_one_id_the_newest_that_holds_and_opens_the_call_is_taken(
    facade: XroadFacadeProgram, fake: FakeSystem
) -> None:
    route, now = facade._facade.routes[0], int(time.time())
    later = {"grant_hash": "$later", "not_before": now + 900}
    other = {"grant_hash": "$other", "operations": ("GET /surat/{nomor}",)}
    over = {"grant_hash": "$over", "not_after": now - 900}
    routes = tuple(route.model_copy(update=one) for one in (later, other, {}, over))
    program = XroadFacadeProgram(facade._facade.model_copy(update={"routes": routes}))
    prefix = SERVICE.rpartition("/")[0]

    _ask(program)
    _ask(program, f"/r1/{SERVICE}/surat/7", method="GET")
    listed = orjson.loads(_ask(program, f"/r1/{prefix}/listMethods", method="GET").body)["service"]

    assert [one.headers["fsc-grant-hash"] for one in fake.asked] == [route.grant_hash, "$other"]
    assert [one["service_code"] for one in listed] == ["surat"]
    assert {"method": "GET", "path": "/surat/*"} in listed[0]["endpoint_list"]
    program.close()


def test_query_with_other_characters_is_refused(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    assert _ask(facade, query="a=b\r\nX: y").headers["x-road-error"] == "Client.InvalidQuery"
    assert not fake.asked


def test_outway_that_is_down_is_told_as_ours(facade: XroadFacadeProgram, tmp_path: Path) -> None:
    config = facade._facade.model_copy(update={"outway_url": "http://127.0.0.1:9"})
    down = XroadFacadeProgram(config)

    reply = _ask(down)

    down.close()
    assert reply.headers["x-road-error"] == "Server.ClientProxy.DoorUnavailable"


def test_metaservices_list_what_the_client_may_call(facade: XroadFacadeProgram) -> None:
    prefix = SERVICE.rpartition("/")[0]

    methods = orjson.loads(_ask(facade, f"/r1/{prefix}/listMethods", method="GET").body)
    allowed = orjson.loads(_ask(facade, f"/r1/{prefix}/allowedMethods", method="GET").body)
    clients = orjson.loads(_ask(facade, "/listClients", method="GET").body)
    document = _ask(facade, f"/r1/{prefix}/getOpenAPI", method="GET", query="serviceCode=surat")

    assert [one["service_code"] for one in methods["service"]] == ["surat"]
    assert methods == allowed
    assert methods["service"][0]["endpoint_list"] == [{"method": "POST", "path": "/surat/lookup"}]
    assert clients["member"][0]["id"]["subsystem_code"] == "layanan"
    assert document.body == b'{"openapi": "3.0.3"}'


def test_service_made_for_x_road_gets_its_headers(fake: FakeSystem, key_file: Path) -> None:
    fake.answer = lambda asked: (200, {"Content-Type": "application/json"}, b"{}")
    door = XroadServiceDoor(
        name="izin",
        peer_id="00000009",
        key_file=key_file,
        base_url=f"{fake.url}/api",
        instance="ID",
        subsystem="layanan",
    )
    program = XroadServiceProgram(door, allowed=LOOPBACK)
    claims = base64.urlsafe_b64encode(orjson.dumps({"sub": "36710101"})).decode().rstrip("=")
    headers = {
        "fsc-authorization": f"Bearer x.{claims}.y",
        "fsc-transaction-id": "tx-9",
        "terpadu-evidence": "IZN-1",
        "terpadu-on-behalf-of": "officer:kasi",
    }

    reply = program.answer(Question("GET", "/v1/izin", headers, b"", "page=2"))

    assert reply.status == 200
    [sent] = fake.asked
    assert sent.path == "/api/v1/izin?page=2"
    assert sent.headers["x-road-client"] == "ID/GOV/36710101/layanan"
    assert sent.headers["x-road-service"] == "ID/GOV/00000009/layanan/izin"
    assert sent.headers["x-road-request-id"] == "tx-9"
    assert sent.headers["x-road-issue"] == "IZN-1"
    assert sent.headers["x-road-userid"] == "officer:kasi"
    assert "x-road-represented-party" not in sent.headers
    act = base64.urlsafe_b64encode(orjson.dumps({"sub": "36710101", "act": {"sub": "00000001"}})).decode()
    program.answer(Question("GET", "/v1/izin", {"fsc-authorization": f"Bearer x.{act}.y"}, b""))
    assert fake.asked[1].headers["x-road-client"] == "ID/GOV/00000001/layanan"
    assert fake.asked[1].headers["x-road-represented-party"] == "GOV/36710101"
    with pytest.raises(DoorProblem, match=r"door\.header_invalid"):
        program.answer(Question("GET", "/v1/izin", {}, b""))
    program.close()
