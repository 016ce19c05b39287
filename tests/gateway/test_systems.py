"""How a gateway signs in to the systems behind it, and which addresses it never calls."""

import asyncio
import base64
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs

import orjson
import pytest
import structlog
from pydantic import ValidationError

from terpadu.exchange.rules.events import needs_a_person
from terpadu_gateway import targets
from terpadu_gateway.config import InwayConfig, ServiceConfig
from terpadu_gateway.messages import Refusal
from terpadu_gateway.systems import Question, SystemAnswer, Systems
from terpadu_wire.addresses import may_be_called
from tests.gateway.country import Authority

PLACE = ("36710001", "kependudukan")
QUESTION = Question(PLACE, "GET", "/x", {}, b"", 5.0)


class SmallSystem:
    """A system with its own token endpoint; keeps what it was sent, and forgets a token when a test says so."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.headers: list[dict[str, str]] = []
        self.forms: list[dict[str, list[str]]] = []
        self.tokens: list[str] = []
        self.refuses: tuple[int, dict[str, str]] | None = None
        self.accepts: Callable[[dict[str, str]], bool] = lambda headers: True
        self.token_answer: dict[str, object] = {"expires_in": 3600}
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                system.headers.append(headers)
                status, more = system.refuses or (200 if system.accepts(headers) else 401, {})
                self._answer(status, {"baik": True}, more)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                system.forms.append(form | {"authorization": [self.headers.get("authorization", "")]})
                system.tokens.append(f"token-{len(system.tokens) + 1}")
                self._answer(200, {"access_token": system.tokens[-1], **system.token_answer})

            def _answer(self, status: int, value: object, more: Mapping[str, str] | None = None) -> None:
                self.send_response(status)
                for name, text in (more or {}).items():
                    self.send_header(name, text)
                self.send_header("content-type", "application/json")
                body = orjson.dumps(value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.scheme = "https" if context else "http"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def running(context: ssl.SSLContext | None = None) -> Iterator[SmallSystem]:
    system = SmallSystem(context)
    try:
        yield system
    finally:
        system.close()


def service(base_url: str, **members: object) -> InwayConfig:
    """Return an inway with one service, whose system may stand on this machine."""
    one = ServiceConfig.model_validate(
        {"peer_id": PLACE[0], "name": PLACE[1], "base_url": base_url} | members
    )
    return InwayConfig(
        listen="127.0.0.1:8443", services=(one,), private_networks=(ip_network("127.0.0.0/8"),)
    )


def call(config: InwayConfig, *, times: int = 1) -> list[SystemAnswer]:
    """Call the system so many times at once."""

    async def main() -> list[SystemAnswer]:
        systems = Systems(config)
        try:
            return await asyncio.gather(*(systems.call(QUESTION) for _ in range(times)))
        finally:
            await systems.close()

    return asyncio.run(main())


def secret(folder: Path, text: str) -> Path:
    path = folder / "secret"
    path.write_text(text)
    return path


def test_system_with_an_api_key_gets_it_in_its_header(tmp_path: Path) -> None:
    with running() as system:
        key = secret(tmp_path, "kunci\n")
        call(service(system.url, auth="header", header_name="X-Kunci", header_value_file=key))

    assert system.headers[0]["x-kunci"] == "kunci"


def test_system_with_basic_gets_name_and_password(tmp_path: Path) -> None:
    with running() as system:
        call(service(system.url, auth="basic", basic_file=secret(tmp_path, "nama:sandi\n")))

    assert system.headers[0]["authorization"] == "Basic " + base64.b64encode(b"nama:sandi").decode()


@pytest.mark.parametrize(
    ("status", "asked", "code", "wait"),
    [
        (429, "90", "system.busy", 90),
        (429, None, "system.busy", 2),
        (503, "120", "system.failed", 120),
        (503, "99999999", "system.failed", 86_400),
        (500, "soon", "system.failed", 2),
        (503, "-1", "system.failed", 2),
        (410, "90", "system.refused", 0),
    ],
)
def test_system_that_wants_to_be_left_alone_says_for_how_long(
    status: int, asked: str | None, code: str, wait: int
) -> None:
    with running() as system, pytest.raises(Refusal) as refused:
        system.refuses = (status, {"retry-after": asked} if asked else {})
        call(service(system.url))

    assert (refused.value.code, refused.value.retry_after) == (code, wait)
    assert needs_a_person(code, 1) is (status == 410)


@pytest.mark.parametrize("place", ["client_secret_basic", "client_secret_post"])
def test_system_with_oauth2_gets_one_token_for_many_calls(tmp_path: Path, place: str) -> None:
    with running() as system:
        members = {
            "auth": "oauth2",
            "token_url": f"{system.url}/token?x=1",
            "client_id": "a b",
            "client_secret_file": secret(tmp_path, "s:e"),
            "client_auth_method": place,
            "scope": "baca",
        }
        call(service(system.url, **members), times=5)

    assert {one["authorization"] for one in system.headers} == {"Bearer token-1"}
    form = system.forms[0]
    assert len(system.forms) == 1
    assert (form["grant_type"], form["scope"]) == (["client_credentials"], ["baca"])
    if place == "client_secret_post":
        assert (form["client_id"], form["client_secret"]) == (["a b"], ["s:e"])
    else:
        assert form["authorization"] == ["Basic " + base64.b64encode(b"a%20b:s%3Ae").decode()]


def test_system_that_no_longer_takes_a_token_is_asked_again_with_a_new_one(tmp_path: Path) -> None:
    with running() as system:
        system.accepts = lambda headers: headers["authorization"] == "Bearer token-2"
        members = {"auth": "oauth2", "token_url": system.url, "client_id": "a"}
        answers = call(service(system.url, client_secret_file=secret(tmp_path, "s"), **members))

    assert answers[0].status == 200
    assert len(system.tokens) == 2


@pytest.mark.parametrize("token", [{"access_token": ""}, {"access_token": "a\r\nx: y"}, {"access_token": 1}])
def test_system_whose_token_endpoint_gives_nonsense_is_reported(
    tmp_path: Path, token: dict[str, object]
) -> None:
    with running() as system:
        system.token_answer = token
        members = {"auth": "oauth2", "token_url": system.url, "client_id": "a"}
        with pytest.raises(Refusal) as caught:
            call(service(system.url, client_secret_file=secret(tmp_path, "s"), **members))

    assert caught.value.code == "system.sign_in_failed"
    assert system.headers == []


def test_system_with_mtls_sees_the_gateways_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path, name="system-authority")
    server, client = authority.peer("36710001", "Sistem"), authority.peer("36710002", "Gerbang")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate_file, server.key_file)
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    shown = {"client_certificate": client.certificate_file, "client_key": client.key_file}
    with running(context) as system:
        answers = call(service(system.url, auth="mtls", authority=authority.file, **shown))
        with pytest.raises(Refusal, match=r"system\.unreachable"):
            call(service(system.url, authority=authority.file))

    assert answers[0].status == 200


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"auth": "header"}, "needs header_value_file"),
        ({"auth": "basic"}, "needs basic_file"),
        ({"auth": "oauth2", "token_url": "https://a/b"}, "needs client_id"),
        ({"auth": "mtls"}, "needs client_certificate"),
        ({"auth": "none", "client_key": "x"}, "go together"),
        ({"auth": "digest"}, "Input should be"),
    ],
)
def test_service_config_half_said_is_refused(members: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        service("http://127.0.0.1", **members)


def test_service_config_without_auth_follows_the_files_given() -> None:
    assert service("http://127.0.0.1", header_value_file="x").services[0].auth == "header"
    assert service("http://127.0.0.1", basic_file="x").services[0].auth == "basic"
    assert service("http://127.0.0.1").services[0].auth == "none"


ADDRESSES = {
    "127.0.0.1": False,
    "10.1.2.3": False,
    "172.16.0.1": False,
    "192.168.1.1": False,
    "169.254.169.254": False,
    "100.64.0.1": False,
    "0.0.0.0": False,  # noqa: S104 (an address to refuse, not to listen on)
    "224.0.0.1": False,
    "255.255.255.255": False,
    "::1": False,
    "::": False,
    "fe80::1%eth0": False,
    "fd00::1": False,
    "::ffff:127.0.0.1": False,
    "::ffff:169.254.169.254": False,
    "64:ff9b::a9fe:a9fe": False,
    "2002:7f00:1::": False,
    "8.8.8.8": True,
    "2001:4860:4860::8888": True,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_may_be_called_takes_public_addresses_alone(address: str) -> None:
    assert may_be_called(address, allowed=()) is ADDRESSES[address]


def test_may_be_called_takes_a_network_that_the_operator_names() -> None:
    allowed = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))

    assert may_be_called("10.20.3.4", allowed=allowed)
    assert may_be_called("::ffff:10.20.3.4", allowed=allowed)
    assert may_be_called("fd00::1", allowed=allowed)
    assert not may_be_called("10.21.3.4", allowed=allowed)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]"])
def test_system_at_a_private_address_is_never_called(host: str) -> None:
    with running() as system:
        config = service(f"http://{host}:{system.port}").model_copy(update={"private_networks": ()})
        with pytest.raises(Refusal) as caught:
            call(config)

    assert caught.value.code == "system.target_refused"
    assert system.headers == []


def test_system_whose_name_moves_to_a_private_address_is_no_longer_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main(port: int) -> list[str]:
        found = [[(2, 1, 6, "", ("127.0.0.1", port))], [(2, 1, 6, "", ("10.0.0.1", port))]]

        async def resolve(*args: object, **settings: object) -> object:
            return found.pop(0)

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
        systems = Systems(service(f"http://sistem.test:{port}"), clock=lambda: clock[0])
        codes = []
        for _ in range(3):
            try:
                await systems.call(QUESTION)
                codes.append("")
            except Refusal as refusal:
                codes.append(refusal.code)
            clock[0] += targets._KEEP / 2 + 1
        await systems.close()
        return codes

    clock = [0.0]
    with running() as system:
        codes = asyncio.run(main(system.port))

    assert codes == ["", "", "system.target_refused"]
    assert system.headers[0]["host"] == f"sistem.test:{system.port}"


def test_system_whose_key_has_vanished_is_refused_alone_until_the_file_is_there_again(
    tmp_path: Path,
) -> None:
    gone = tmp_path / "secret"
    with running() as system:
        config = service(system.url, auth="header", header_value_file=gone)
        other = config.services[0].model_copy(
            update={"name": "lain", "auth": "none", "header_value_file": None}
        )

        async def main() -> list[str]:
            with structlog.testing.capture_logs() as told:
                systems = Systems(config.model_copy(update={"services": (*config.services, other)}))
            said = [str(one["event"]) for one in told]
            with pytest.raises(Refusal) as caught:
                await systems.call(QUESTION)
            said.append(caught.value.code)
            said.append(str((await systems.call(QUESTION._replace(place=(PLACE[0], "lain")))).status))
            secret(tmp_path, "kunci")
            said.append(str((await systems.call(QUESTION)).status))
            await systems.close()
            return said

        assert asyncio.run(main()) == ["system.not_set_up", "system.not_set_up", "200", "200"]
    assert system.headers[-1]["x-api-key"] == "kunci"


def test_machine_without_authorities_is_told_at_the_start_and_each_call_is_refused_with_a_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    with running() as system:
        with structlog.testing.capture_logs() as told, pytest.raises(Refusal) as caught:
            call(service(system.url))
        authority = Authority(tmp_path, name="system-authority")
        assert call(service(system.url, authority=authority.file))[0].status == 200

    assert "gateway.no_authorities" in [one["event"] for one in told]
    assert caught.value.code == "system.not_set_up"
