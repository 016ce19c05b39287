"""The database door on real servers: PostgreSQL and MariaDB read only, and end what takes too long."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from django.conf import settings as django_settings

from terpadu_doors.config import Column, DatabaseDoor, Resource
from terpadu_doors.database import DatabaseProgram
from terpadu_doors.describe.asked import AskedDatabase, ChosenColumn, ChosenTable
from terpadu_doors.describe.database import describe_database
from terpadu_doors.engines import make_engine, read_url, reading
from terpadu_doors.problems import DoorProblem
from terpadu_wire.openapi import OpenApiChecker
from tests.doors.fakes import LOOPBACK, ask
from tests.gateway.processes import wait_until

COLUMNS = (
    Column(column="NO_SIM", name="nomor", type="string", nullable=False),
    Column(column="NIK", name="nik", type="string"),
    Column(column="TGL", name="berlaku", type="date"),
    Column(column="NILAI", name="nilai", type="number"),
    Column(column="AKTIF", name="aktif", type="boolean"),
    Column(column="WAKTU", name="waktu", type="date-time"),
)
ROW = {
    "nomor": "A1",
    "nik": "1234",
    "berlaku": "2030-01-31",
    "nilai": 12.5,
    "aktif": True,
    "waktu": "2026-11-21T08:30:00",
}
WRITES = (
    "DELETE FROM door_sim",
    "INSERT INTO door_sim VALUES ('B', 'B', '2030-01-31', 1, true, '2026-11-21')",
    "UPDATE door_sim SET {q}NIK{q} = 'x'",
    "DROP TABLE door_sim",
    "CREATE TABLE door_other (x INTEGER)",
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A table in a database of this worker on the PostgreSQL of this test run; its address."""
    settings = django_settings.DATABASES["default"]
    server = sa.URL.create(
        "postgresql+psycopg",
        username=settings["USER"],
        password=settings["PASSWORD"] or None,
        port=int(settings["PORT"] or 5432),
        database="postgres",
        query={"host": settings["HOST"]},
    )
    name = f"door_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    url = server.set(database=name)
    maintenance = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    _fill_postgres(url)
    yield url.set(drivername="postgresql").render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    maintenance.dispose()


def _fill_postgres(url: sa.URL) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            'CREATE TABLE door_sim ("NO_SIM" char(6) PRIMARY KEY, "NIK" char(16), "TGL" date, "NILAI" numeric(8,2),'
            ' "AKTIF" boolean, "WAKTU" timestamp)'
        )
        connection.exec_driver_sql(
            "INSERT INTO door_sim VALUES ('A1', '1234', '2030-01-31', 12.50, true, '2026-11-21 08:30:00')"
        )
        connection.exec_driver_sql("CREATE DOMAIN tahun AS integer")
        connection.exec_driver_sql(
            'CREATE TABLE "Data Pegawai" ("No. Urut" int PRIMARY KEY, "TAHUN" tahun, "TETAP" boolean, "JAM" time,'
            ' "LAHIR" date, "DIUBAH" timestamp)'
        )
        connection.exec_driver_sql(
            """INSERT INTO "Data Pegawai" VALUES (1, 2015, true, '09:05:00', '1990-05-31', '2026-11-21 08:30:00'),
            (2, NULL, NULL, NULL, NULL, NULL)"""
        )
    engine.dispose()


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MariaDB server of our own with a table; its address."""
    server = shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if server is None:
        pytest.skip("MariaDB is not installed here; Debian's mariadb-server-core brings it")
    folder = tmp_path_factory.mktemp("mariadb")
    data, socket = folder / "data", folder / "s"
    (data / "mysql").mkdir(parents=True)
    # Without grant tables nothing has to be installed; the door's own limits are what is tried here.
    arguments = [
        f"--datadir={data}",
        f"--socket={socket}",
        f"--pid-file={folder / 'pid'}",
        "--skip-grant-tables",
    ]
    arguments += ["--skip-networking", *(["--user=root"] if os.geteuid() == 0 else [])]
    process = subprocess.Popen([server, "--no-defaults", *arguments], stderr=subprocess.DEVNULL)
    try:
        wait_until(socket.exists, seconds=60)
        _fill_mariadb(socket)
        yield f"mariadb://root@/test?unix_socket={socket}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _fill_mariadb(socket: Path) -> None:
    engine = sa.create_engine(f"mariadb+pymysql://root@/?unix_socket={socket}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE DATABASE IF NOT EXISTS test")
        connection.exec_driver_sql(
            "CREATE TABLE test.door_sim (NO_SIM CHAR(6) PRIMARY KEY, NIK CHAR(16), TGL DATE, NILAI DECIMAL(8,2),"
            " AKTIF TINYINT(1), WAKTU DATETIME)"
        )
        connection.exec_driver_sql(
            "INSERT INTO test.door_sim VALUES ('A1', '1234', '2030-01-31', 12.50, 1, '2026-11-21 08:30:00')"
        )
        connection.exec_driver_sql(
            "CREATE TABLE test.`Data Pegawai` (`No. Urut` INT PRIMARY KEY, TAHUN YEAR, TETAP BIT(1), JAM TIME,"
            " LAHIR DATE NOT NULL, DIUBAH DATETIME NOT NULL)"
        )
        connection.exec_driver_sql("SET SESSION sql_mode = ''")
        connection.exec_driver_sql(
            "INSERT INTO test.`Data Pegawai` VALUES (1, 2015, b'1', '09:05:00', '1990-05-31', '2026-11-21 08:30:00'),"
            " (2, NULL, NULL, NULL, '0000-00-00', '0000-00-00 00:00:00')"
        )
        connection.exec_driver_sql(
            "CREATE VIEW test.slow AS SELECT 1 AS ID, COUNT(*) AS N FROM information_schema.columns a,"
            " information_schema.columns b, information_schema.columns c, information_schema.columns d"
        )
    engine.dispose()


@pytest.fixture(params=["postgres", "mariadb"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of each server in turn."""
    address: str = request.getfixturevalue(request.param)
    return address


Make = Callable[..., DatabaseProgram]


@pytest.fixture
def make(tmp_path: Path, key_file: Path) -> Iterator[Make]:
    """Make a door to a database."""
    made: list[DatabaseProgram] = []

    def door(url: str, resource: Resource, **settings: float) -> DatabaseProgram:
        (tmp_path / "url").write_text(url)
        config = DatabaseDoor(
            name="sim",
            peer_id="4",
            key_file=key_file,
            url_file=tmp_path / "url",
            resources=(resource,),
            **settings,
        )
        made.append(DatabaseProgram(config, allowed=LOOPBACK))
        return made[-1]

    yield door
    for program in made:
        program.close()


LICENCES = Resource(
    name="sim", table="door_sim", key=("nomor",), lookup=("nik",), listable=True, columns=COLUMNS
)


def test_lookup_and_page_give_values_of_the_promised_types(make: Make, url: str) -> None:
    program = make(url, LICENCES)

    assert ask(program, "/sim/lookup", {"nik": "1234"})["items"] == [ROW]
    assert ask(program, "/sim/page", {})["items"] == [ROW]


def test_types_of_old_applications_are_described_and_keep_to_the_description(
    make: Make, url: str, tmp_path: Path, key_file: Path
) -> None:
    """Names with spaces, years, bits, times, and MySQL's "no day" in columns that are NOT NULL."""
    (tmp_path / "address").write_text(url)
    names = {
        "No. Urut": "no",
        "TAHUN": "tahun",
        "TETAP": "tetap",
        "JAM": "jam",
        "LAHIR": "lahir",
        "DIUBAH": "diubah",
    }
    columns = tuple(ChosenColumn(column=column, name=name) for column, name in names.items())
    chosen = ChosenTable(table="Data Pegawai", columns=columns, lookup=("lahir",), listable=True)
    asked = AskedDatabase(
        kind="database", name="sim", peer_id="4", key_file=key_file, allow_targets=LOOPBACK,
        url_file=tmp_path / "address", tables=(chosen,),
    )  # fmt: skip

    door, document, _ = describe_database(asked)

    program = make(url, door.resources[0])
    found = ask(program, "/data_pegawai/lookup", {"lahir": "1990-05-31"})
    assert found["items"] == [
        {
            "no": 1,
            "tahun": 2015,
            "tetap": True,
            "jam": "09:05:00",
            "lahir": "1990-05-31",
            "diubah": "2026-11-21T08:30:00",
        }
    ]
    page = ask(program, "/data_pegawai/page", {})
    assert page["items"][1] == dict.fromkeys(names.values()) | {"no": 2}
    checker = OpenApiChecker(document)
    assert checker.answer_break("page_data_pegawai", status=200, body=page, has_body=True) is None


@pytest.mark.parametrize(
    "attack", ["' OR '1'='1", "x'; DROP TABLE door_sim; --", "\\' OR 1=1#", "1234' AND SLEEP(5) #"]
)
def test_sql_in_a_lookup_is_only_a_value(make: Make, url: str, attack: str) -> None:
    program = make(url, LICENCES)

    with pytest.raises(DoorProblem, match=r"door\.not_found"):
        ask(program, "/sim/lookup", {"nik": attack})
    assert ask(program, "/sim/lookup", {"nik": "1234"})["items"] == [ROW]


@pytest.mark.parametrize("statement", WRITES)
def test_writes_through_the_doors_own_connection_are_impossible(url: str, statement: str) -> None:
    address = read_url(url)
    engine = make_engine(address, seconds=2, connections=1)
    quote = '"' if address.get_backend_name() == "postgresql" else "`"

    with pytest.raises(DoorProblem), reading(engine, seconds=2) as connection:
        connection.exec_driver_sql(statement.format(q=quote))

    with reading(engine, seconds=2) as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM door_sim").scalar() == 1
    engine.dispose()


def test_a_statement_that_takes_too_long_is_ended_by_postgresql(postgres: str) -> None:
    engine = make_engine(read_url(postgres), seconds=0.3, connections=1)
    began = time.monotonic()

    with pytest.raises(DoorProblem, match=r"door\.slow"), reading(engine, seconds=0.3) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")

    assert time.monotonic() - began < 60
    engine.dispose()


def test_a_statement_that_takes_too_long_is_ended_by_mariadb(make: Make, mariadb: str) -> None:
    columns = (Column(column="ID", name="id", type="integer"), Column(column="N", name="n", type="integer"))
    slow = Resource(name="slow", table="slow", key=("id",), listable=True, columns=columns)

    with pytest.raises(DoorProblem, match=r"door\.slow"):
        ask(make(mariadb, slow, statement_seconds=0.5), "/slow/page", {})


def test_a_server_that_is_down_is_unavailable(make: Make) -> None:
    for url in ("postgresql://u@127.0.0.1:9/d", "mariadb://u@127.0.0.1:9/d"):
        with pytest.raises(DoorProblem, match=r"door\.unavailable"):
            ask(make(url, LICENCES), "/sim/lookup", {"nik": "1"})
