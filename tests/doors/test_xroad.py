"""X-Road's REST protocol on both sides: headers, errors, metaservices, and nothing that slips through."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from terpadu_doors.config import XroadFacade, XroadServiceDoor
from terpadu_doors.desk import Question, Reply
from terpadu_doors.problems import DoorProblem
from terpadu_doors.xroad import XroadFacadeProgram, XroadServiceProgram
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
    program = XroadFacadeProgram(config, allowed=LOOPBACK)
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


def test_error_of_the_service_itself_passes_untouched(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    fake.answer = lambda asked: (422, {"Content-Type": "application/json"}, b'{"own": "error"}')

    reply = _ask(facade)

    assert (reply.status, reply.body) == (422, b'{"own": "error"}')
    assert "x-road-error" not in reply.headers


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


def test_query_with_other_characters_is_refused(facade: XroadFacadeProgram, fake: FakeSystem) -> None:
    assert _ask(facade, query="a=b\r\nX: y").headers["x-road-error"] == "Client.InvalidQuery"
    assert not fake.asked


def test_outway_that_is_down_is_told_as_ours(facade: XroadFacadeProgram, tmp_path: Path) -> None:
    config = facade._facade.model_copy(update={"outway_url": "http://127.0.0.1:9"})
    down = XroadFacadeProgram(config, allowed=LOOPBACK)

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
    }

    reply = program.answer(Question("GET", "/v1/izin", headers, b"", "page=2"))

    assert reply.status == 200
    [sent] = fake.asked
    assert sent.path == "/api/v1/izin?page=2"
    assert sent.headers["x-road-client"] == "ID/GOV/36710101/layanan"
    assert sent.headers["x-road-service"] == "ID/GOV/00000009/layanan/izin"
    assert sent.headers["x-road-request-id"] == "tx-9"
    assert sent.headers["x-road-issue"] == "IZN-1"
    with pytest.raises(DoorProblem, match=r"door\.header_invalid"):
        program.answer(Question("GET", "/v1/izin", {}, b""))
    program.close()
