"""The doors' program as a real process: keys, paths, a new configuration while it runs, and generated requests."""

import os
import signal
import socket
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event

import httpx
import pytest
import schemathesis

from demo.population.cast import story_households
from demo.population.personas import persona
from demo.sim.intake import build
from terpadu.exchange.rules.toml import toml_lines
from terpadu_wire.transactions import new_transaction_id
from tests.demo.ministries import Ministries
from tests.doors.fakes import Asked, FakeSystem
from tests.gateway.processes import ROOT, Program, free_port, wait_until
from tests.generated import REFUSALS_ARE_FINE, check_generated

SITI = persona("siti")
KEY = "the-doors-key"
PEER = "00000004"


class Doors(Program):
    """A running program of doors, its configuration and how to call it."""

    def __init__(self, folder: Path, doors: list[dict[str, object]]) -> None:
        self.port = free_port()
        self.config = folder / "doors.toml"
        self.folder = folder
        (folder / "key").write_text(KEY)
        self.write(doors)
        super().__init__(
            ["-m", "terpadu_doors", "serve", "--config", str(self.config)], log=folder / "doors.log"
        )

    def write(self, doors: list[dict[str, object]]) -> None:
        """Write a configuration in one step."""
        head: dict[str, object] = {
            "name": "pintu",
            "listen": f"127.0.0.1:{self.port}",
            "data_dir": self.folder,
            "allow_targets": ["127.0.0.0/8"],
        }
        lines = toml_lines(head)
        for door in doors:
            lines += ["[[doors]]", *toml_lines({"peer_id": PEER, "key_file": self.folder / "key", **door})]
        draft = self.config.with_suffix(".draft")
        draft.write_text("\n".join(lines))
        draft.replace(self.config)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, body: object, *, key: str = KEY) -> httpx.Response:
        """Return the answer to a POST."""
        return httpx.post(f"{self.url}{path}", json=body, headers={"X-Door-Key": key}, timeout=60)

    def answers(self) -> bool:
        """Say whether it answers; fail when it has ended instead."""
        assert self.exit_code() is None, self.log()
        try:
            return httpx.get(f"{self.url}/health").status_code == 200
        except httpx.TransportError:
            return False


def _database(folder: Path, name: str = "sim") -> dict[str, object]:
    columns = [
        {"column": "NO_SIM", "name": "nomor_sim", "type": "string", "nullable": False},
        {"column": "NIK_PMLK", "name": "nik", "type": "string"},
        {"column": "TGL_HBS_LAKU", "name": "berlaku_sampai", "type": "date"},
        {"column": "JML_PLGRN", "name": "pelanggaran", "type": "integer"},
    ]
    resource = {
        "name": "sim",
        "table": "TBL_SIM_MST",
        "key": ["nomor_sim"],
        "lookup": ["nik"],
        "listable": True,
        "columns": columns,
    }
    return {"kind": "database", "name": name, "url_file": folder / "url", "resources": [resource]}


def _table(folder: Path) -> dict[str, object]:
    columns = [
        {"column": "N I K", "name": "nik", "type": "string"},
        {"column": "Jenis", "name": "jenis", "type": "string"},
    ]
    resource = {
        "name": "surat",
        "table": "rows",
        "key": ["nik"],
        "lookup": ["nik"],
        "listable": True,
        "columns": columns,
    }
    return {"kind": "table", "name": "surat", "file": folder / "surat.csv", "resource": resource}


def _soap(ministries: Ministries) -> dict[str, object]:
    return {
        "kind": "soap",
        "name": "dtsen",
        "wsdl_file": ROOT / "demo" / "bansos" / "wsdl.json",
        "service": "DtsenService",
        "port": "DtsenSoap11",
        "operations": ["CekKepesertaan", "DaftarProgram"],
        "not_found": ["DataTidakDitemukan"],
        "address_url": f"{ministries.url('bansos')}/SiksWs/DtsenService",
        "wsse_file": ministries.data / "bansos" / "login",
    }


def _fhir(ministries: Ministries) -> dict[str, object]:
    address = ministries.url("kesehatan")
    return {
        "kind": "fhir",
        "name": "satusehat",
        "base_url": f"{address}/fhir-r4/v1",
        "token_url": f"{address}/oauth2/v1/accesstoken",
        "client_file": ministries.data / "kesehatan" / "client",
        "resources": ["Patient", "Immunization"],
    }


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, ministries: Ministries) -> Iterator[Doors]:
    """Four doors before four existing systems."""
    folder = tmp_path_factory.mktemp("doors")
    build(folder / "SIMDB.sqlite3", story_households())
    (folder / "url").write_text(f"sqlite:///{folder / 'SIMDB.sqlite3'}")
    (folder / "surat.csv").write_text(f"N I K;Jenis\n{SITI.nik};Domisili\n")
    program = Doors(folder, [_database(folder), _table(folder), _soap(ministries), _fhir(ministries)])
    program.start()
    try:
        wait_until(program.answers)
        yield program
    finally:
        program.kill()


def test_each_door_answers_whoever_has_its_key(doors: Doors) -> None:
    assert doors.ask(f"/{PEER}.sim/sim/lookup", {"nik": SITI.nik}).json()["items"][0]["nik"] == SITI.nik
    assert (
        doors.ask(f"/{PEER}.surat/surat/lookup", {"nik": SITI.nik}).json()["items"][0]["jenis"] == "Domisili"
    )
    assert doors.ask(f"/{PEER}.dtsen/CekKepesertaan", {"nik": SITI.nik}).json()["nik"] == SITI.nik
    assert doors.ask(f"/{PEER}.satusehat/Patient/search", {"nik": SITI.nik}).json()["total"] == 1
    assert SITI.nik not in doors.log()


@pytest.mark.parametrize("key", ["", "wrong", KEY.upper()])
def test_strangers_are_refused_before_anything_is_read(doors: Doors, key: str) -> None:
    answer = doors.ask(f"/{PEER}.sim/sim/lookup", {"nik": SITI.nik}, key=key)

    assert (answer.status_code, answer.json()["code"]) == (401, "door.key_unknown")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sim/sim/lookup",
        f"/{PEER}.sim",
        f"/{PEER}.sim/../{PEER}.sim/sim/lookup",
        "/r1/x",
    ],
)
def test_other_paths_lead_to_no_door(doors: Doors, path: str) -> None:
    with socket.create_connection(("127.0.0.1", doors.port)) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Door-Key: {KEY}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = connection.recv(4096)

    # Not 404: to a gateway that would say that the system knows nobody by this number.
    assert answer.split()[1] in (b"503", b"501", b"401")


def test_log_names_the_door_and_the_exchange_of_a_refusal(doors: Doors) -> None:
    exchange = new_transaction_id(now=time.time())
    headers = {"X-Door-Key": KEY, "Fsc-Transaction-Id": exchange}

    httpx.post(f"{doors.url}/{PEER}.sim/sim/lookup", json={"nik": 1}, headers=headers)

    [line] = [one for one in doors.log().splitlines() if exchange in one]
    assert f'"door": "{PEER}.sim"' in line


def test_body_over_a_megabyte_is_refused(doors: Doors) -> None:
    answer = doors.ask(f"/{PEER}.sim/sim/lookup", {"nik": "x" * (1 << 20)})

    assert (answer.status_code, answer.json()["code"]) == (413, "door.body_too_large")


@pytest.mark.parametrize("name", ["sim", "surat", "dtsen", "satusehat"])
def test_generated_requests_find_nothing_wrong_with_a_door(doors: Doors, name: str) -> None:
    address = f"{doors.url}/{PEER}.{name}"
    headers = {"X-Door-Key": KEY}
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", headers=headers)

    # A WSDL says less than its service demands (that a NIK has 16 digits), so what fits it may still be refused.
    excluded = REFUSALS_ARE_FINE if name == "dtsen" else []
    check_generated(schema, base_url=address, headers=headers, excluded=excluded)


XROAD = ("ID/GOV/1/x", "ID/GOV/2/y/z")


@contextmanager
def facade_of(folder: Path, *, outway_url: str) -> Iterator[Doors]:
    """Run a table door and a facade in one program that takes two calls at once."""
    client, service = XROAD
    (folder / "app").write_text("application-key")
    (folder / "surat.csv").write_text(f"N I K;Jenis\n{SITI.nik};Domisili\n")
    program = Doors(folder, [_table(folder)])
    facade: dict[str, object] = {
        "outway_url": outway_url,
        "instance": "ID",
        "clients": [{"id": client, "key_file": folder / "app", "local_key_file": folder / "key"}],
        "routes": [{"id": service, "client": client, "provider": "2", "service": "z", "purpose": "p"}],
    }
    lines = ["in_flight = 2", "[xroad]", *toml_lines(facade)]
    program.config.write_text(
        program.config.read_text().replace("[[doors]]", "\n".join([*lines, "[[doors]]"]))
    )
    program.start()
    try:
        wait_until(program.answers)
        yield program
    finally:
        program.kill()


def test_calls_of_x_road_clients_leave_room_for_the_doors_that_they_lead_to(
    tmp_path: Path, fake: FakeSystem
) -> None:
    """All gateways play no part here: what the facade sends out comes back to a door of the same program."""
    both = Barrier(2, timeout=30)
    with facade_of(tmp_path, outway_url=fake.url) as program:

        def lead_back(asked: Asked) -> tuple[int, dict[str, str], bytes]:
            both.wait()
            answer = program.ask(f"/{PEER}.surat/surat/lookup", {"nik": SITI.nik})
            return answer.status_code, {"Content-Type": "application/json"}, answer.content

        fake.answer = lead_back
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: _call(program, b'{"nik": "1"}'), range(2)))

        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text


def test_system_that_hangs_holds_up_no_other_door(tmp_path: Path, fake: FakeSystem) -> None:
    asked, done = Event(), Event()

    def hang(request: Asked) -> tuple[int, dict[str, str], bytes]:
        asked.set()
        done.wait(30)
        return 200, {"Content-Type": "application/json"}, b"{}"

    fake.answer = hang
    slow = {"kind": "xroad-service", "name": "slow", "base_url": fake.url, "instance": "ID", "subsystem": "x"}
    claims = b64encode(b'{"sub": "1"}').decode()
    headers = {"X-Door-Key": KEY, "Fsc-Authorization": f"Bearer x.{claims}.y"}
    (tmp_path / "surat.csv").write_text(f"N I K;Jenis\n{SITI.nik};Domisili\n")
    program = Doors(tmp_path, [slow, _table(tmp_path)])
    program.config.write_text(f"in_flight = 1\n{program.config.read_text()}")
    program.start()
    try:
        wait_until(program.answers)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(httpx.get, f"{program.url}/{PEER}.slow/x", headers=headers, timeout=60)
            assert asked.wait(30)
            other = program.ask(f"/{PEER}.surat/surat/lookup", {"nik": SITI.nik})
            same = httpx.get(f"{program.url}/{PEER}.slow/x", headers=headers)
            done.set()
        assert (other.status_code, same.status_code, waiting.result().status_code) == (200, 503, 200)
    finally:
        done.set()
        program.kill()


def test_x_road_client_is_told_everything_in_x_roads_form(tmp_path: Path) -> None:
    with facade_of(tmp_path, outway_url="http://127.0.0.1:9") as program:
        large = _call(program, b"x" * (1 << 20) + b"x")
        escaped = _call(program, b"{}", path="/r1/ID/GOV/2/y/%257a/surat/lookup")
        down = _call(program, b"{}")
        (tmp_path / "key").write_text("")
        keyless = _call(program, b"{}", authorization="")

        told = [one.headers["x-road-error"] for one in (large, escaped, down, keyless)]
        assert told == [
            "Client.DoorBodyTooLarge",
            "Client.UnknownService",
            "Server.ClientProxy.DoorUnavailable",
            "Server.ClientProxy.DoorUnavailable",
        ]
        assert all(one.json()["type"] == one.headers["x-road-error"] for one in (large, down))
        assert down.headers["retry-after"] == "1"
        assert down.json()["detail"] in program.log()


def _call(
    program: Doors,
    body: bytes,
    *,
    authorization: str = f"Bearer {KEY}",
    path: str = f"/r1/{XROAD[1]}/surat/lookup",
) -> httpx.Response:
    headers = {"X-Road-Client": XROAD[0], "Authorization": authorization}
    return httpx.post(f"{program.url}{path}", content=body, headers=headers, timeout=60)


def test_new_configuration_is_taken_without_a_failed_call(
    doors: Doors, tmp_path: Path, ministries: Ministries
) -> None:
    before = doors.config.read_text()
    standing = [_database(doors.folder), _table(doors.folder), _soap(ministries), _fhir(ministries)]
    doors.write([*standing, _database(doors.folder, "baru")])
    statuses = set()
    deadline = time.monotonic() + 10
    while doors.ask(f"/{PEER}.baru/sim/lookup", {"nik": SITI.nik}).status_code != 200:
        statuses.add(doors.ask(f"/{PEER}.sim/sim/lookup", {"nik": SITI.nik}).status_code)
        assert time.monotonic() < deadline

    assert statuses <= {200}
    doors.config.write_text("this is no configuration")
    wait_until(lambda: "doors.config_refused" in doors.log())
    assert doors.ask(f"/{PEER}.baru/sim/lookup", {"nik": SITI.nik}).status_code == 200
    doors.config.write_text(before)
    wait_until(lambda: doors.ask(f"/{PEER}.baru/sim/lookup", {"nik": SITI.nik}).status_code == 503)


def test_a_stopped_program_finishes_the_call_in_hand(tmp_path: Path) -> None:
    path = tmp_path / "slow.sqlite3"
    with sqlite3.connect(path) as file:
        count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT 1 AS ID, max(i) AS N FROM n"
        file.execute(f"CREATE VIEW SLOW AS {count}")
    file.close()
    (tmp_path / "url").write_text(f"sqlite:///{path}")
    columns = [
        {"column": "ID", "name": "id", "type": "integer"},
        {"column": "N", "name": "n", "type": "integer"},
    ]
    resource = {"name": "slow", "table": "SLOW", "key": ["id"], "listable": True, "columns": columns}
    door = {
        "kind": "database",
        "name": "slow",
        "url_file": tmp_path / "url",
        "resources": [resource],
        "statement_seconds": 20,
    }
    program = Doors(tmp_path, [door])
    program.start()
    try:
        wait_until(program.answers)
        with (
            httpx.Client() as client,
            client.stream(
                "POST",
                f"{program.url}/{PEER}.slow/slow/page",
                json={},
                headers={"X-Door-Key": KEY},
                timeout=30,
            ) as answer,
        ):
            os.kill(program.pid, signal.SIGTERM)
            answer.read()
            assert answer.json()["items"] == [{"id": 1, "n": 3_000_000}]
        assert wait_until(lambda: program.exit_code() is not None)
        assert program.exit_code() == 0
    finally:
        program.kill()
