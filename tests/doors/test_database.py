"""The database door: chosen rows and columns, and nothing else whatever is sent."""

import hashlib
import math
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from demo.population.cast import story_households
from demo.population.personas import persona
from demo.sim.intake import build
from terpadu_doors.config import Column, DatabaseDoor, Resource, RowRule
from terpadu_doors.database import DatabaseProgram
from terpadu_doors.desk import Question
from terpadu_doors.engines import make_engine, read_url, reading
from terpadu_doors.problems import DescribeError, DoorProblem
from terpadu_doors.rows import _ASKED, row_condition
from tests.doors.fakes import LOOPBACK, ask

SITI = persona("siti")
COLUMNS = (
    Column(column="NO_SIM", name="nomor_sim", type="string", nullable=False),
    Column(column="NIK_PMLK", name="nik", type="string"),
    Column(column="GOL_SIM", name="golongan", type="string"),
    Column(column="TGL_HBS_LAKU", name="berlaku_sampai", type="date"),
    Column(column="JML_PLGRN", name="pelanggaran", type="integer"),
)
ACTIVE = RowRule(column="STS_REC", op="eq", value="A")
LICENCES = Resource(
    name="sim",
    table="TBL_SIM_MST",
    key=("nomor_sim",),
    lookup=("nik",),
    listable=True,
    columns=COLUMNS,
    rows=(ACTIVE,),
)
INJECTIONS = (
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE TBL_SIM_MST; --",
    "' UNION SELECT USR, PWD, 1, 1, 1 FROM TBL_USER --",
    "x'); ATTACH DATABASE '/tmp/x' AS x; --",
    '" OR ""="',
    "%",
    "_" * 16,
    "0x27",
    "\\' OR 1=1#",
    "{{7*7}}",
)


@pytest.fixture(scope="module")
def licences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The licence application's database with the people of the story."""
    path = tmp_path_factory.mktemp("sim") / "SIMDB.sqlite3"
    build(path, story_households())
    return path


@pytest.fixture(scope="module")
def standing(licences: Path) -> DatabaseProgram:
    """One door for many tries."""
    url_file = licences.with_name("url")
    url_file.write_text(f"sqlite:///{licences}")
    config = DatabaseDoor(
        name="sim", peer_id="00000004", key_file=url_file, url_file=url_file, resources=(LICENCES,)
    )
    return DatabaseProgram(config, allowed=())


Make = Callable[..., DatabaseProgram]


@pytest.fixture
def make(tmp_path: Path, key_file: Path, licences: Path) -> Iterator[Make]:
    """Make a door to a database."""
    made: list[DatabaseProgram] = []

    def door(*resources: Resource, url: str = "", **settings: float) -> DatabaseProgram:
        url_file = tmp_path / "url"
        url_file.write_text(url or f"sqlite:///{licences}")
        config = DatabaseDoor(
            name="sim",
            peer_id="00000004",
            key_file=key_file,
            url_file=url_file,
            resources=resources or (LICENCES,),
            **settings,
        )
        made.append(DatabaseProgram(config, allowed=LOOPBACK))
        return made[-1]

    yield door
    for program in made:
        program.close()


def test_lookup_of_a_person_gives_chosen_columns_of_allowed_rows(make: Make) -> None:
    items = ask(make(), "/sim/lookup", {"nik": SITI.nik})["items"]

    assert [item["golongan"] for item in items] == ["C"]
    assert items[0].keys() == {"nomor_sim", "nik", "golongan", "berlaku_sampai", "pelanggaran"}
    assert items[0]["nik"] == SITI.nik
    assert items[0]["berlaku_sampai"] > "2026"


def test_lookup_of_a_hidden_row_finds_nothing(make: Make, licences: Path) -> None:
    hidden = LICENCES.model_copy(update={"rows": (RowRule(column="STS_REC", op="ne", value="A"),)})

    with pytest.raises(DoorProblem, match=r"door\.not_found"):
        ask(make(hidden), "/sim/lookup", {"nik": SITI.nik})


@pytest.mark.parametrize("attack", INJECTIONS)
def test_sql_in_a_lookup_is_only_a_value(make: Make, licences: Path, attack: str) -> None:
    before = hashlib.sha256(licences.read_bytes()).digest()

    with pytest.raises(DoorProblem) as refused:
        ask(make(), "/sim/lookup", {"nik": attack})

    assert refused.value.code == "door.not_found"
    assert hashlib.sha256(licences.read_bytes()).digest() == before


@pytest.mark.parametrize("attack", INJECTIONS)
def test_sql_in_a_cursor_or_limit_is_refused(make: Make, attack: str) -> None:
    for body in ({"after": attack}, {"limit": attack}, {attack: 1}, {"nik": attack}):
        with pytest.raises(DoorProblem) as refused:
            ask(make(), "/sim/page", body)
        assert refused.value.code in ("door.body_invalid", "door.cursor_invalid")


@settings(max_examples=60)
@given(text=st.text(min_size=1, max_size=60))
def test_any_text_in_a_lookup_gives_nothing_or_a_refusal(standing: DatabaseProgram, text: str) -> None:
    with pytest.raises(DoorProblem) as refused:
        ask(standing, "/sim/lookup", {"nik": text})

    assert refused.value.code in ("door.not_found", "door.body_invalid")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM TBL_SIM_MST",
        "UPDATE TBL_SIM_MST SET GOL_SIM = 'A'",
        "INSERT INTO TBL_SATPAS VALUES ('9999', 'X')",
        "CREATE TABLE X (Y INTEGER)",
        "DROP TABLE TBL_USER",
        "PRAGMA user_version = 5",
    ],
)
def test_writes_through_the_doors_own_connection_are_impossible(licences: Path, statement: str) -> None:
    before = hashlib.sha256(licences.read_bytes()).digest()
    engine = make_engine(read_url(f"sqlite:///{licences}"), seconds=1, connections=1)

    with pytest.raises(DoorProblem), reading(engine, seconds=1) as connection:
        connection.exec_driver_sql(statement)

    engine.dispose()
    assert hashlib.sha256(licences.read_bytes()).digest() == before


def test_a_statement_that_takes_too_long_is_ended(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "slow.sqlite3"
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS ID, i AS N FROM n WHERE i < 0"
    with sqlite3.connect(path) as file:
        file.execute(f"CREATE VIEW SLOW AS {endless}")
    file.close()
    slow = Resource(
        name="slow",
        table="SLOW",
        key=("id",),
        listable=True,
        columns=(Column(column="ID", name="id", type="integer"),),
    )
    program = make(slow, url=f"sqlite:///{path}", statement_seconds=0.3)

    with pytest.raises(DoorProblem) as refused:
        ask(program, "/slow/page", {})

    assert refused.value.code == "door.slow"


def test_pages_by_keyset_give_every_row_once_even_while_rows_are_added(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "letters.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE L (RT TEXT NOT NULL, NO INTEGER NOT NULL, PRIMARY KEY (RT, NO))")
        file.executemany(
            "INSERT INTO L VALUES (?, ?)", [(f"{number % 3:03}", number) for number in range(20)]
        )
    file.close()
    columns = (Column(column="RT", name="rt", type="string"), Column(column="NO", name="no", type="integer"))
    program = make(
        Resource(name="l", table="L", key=("rt", "no"), listable=True, columns=columns),
        url=f"sqlite:///{path}",
    )
    seen: list[tuple[str, int]] = []
    after = None
    while True:
        page = ask(program, "/l/page", {"limit": 6} | ({"after": after} if after else {}))
        seen += [(item["rt"], item["no"]) for item in page["items"]]
        after = page["next"]
        if len(seen) == 6:
            with sqlite3.connect(path) as file:
                file.execute("INSERT INTO L VALUES ('000', 1)")  # before the cursor: must not shift the rest
            file.close()
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 20
    assert seen == sorted(seen)


def test_more_rows_than_the_limit_are_refused_rather_than_cut(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "many.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE M (ID INTEGER PRIMARY KEY, G TEXT)")
        file.executemany("INSERT INTO M VALUES (?, 'x')", [(number,) for number in range(12)])
    file.close()
    columns = (Column(column="ID", name="id", type="integer"), Column(column="G", name="g", type="string"))
    program = make(
        Resource(name="m", table="M", key=("id",), lookup=("g",), columns=columns),
        url=f"sqlite:///{path}",
        row_limit=10,
    )

    with pytest.raises(DoorProblem, match=r"door\.answer_too_large"):
        ask(program, "/m/lookup", {"g": "x"})


def test_a_value_of_another_type_than_promised_is_not_passed_on(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "odd.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE O (ID INTEGER PRIMARY KEY, TGL)")
        file.execute("INSERT INTO O VALUES (1, '31/02/2026')")
    file.close()
    columns = (Column(column="ID", name="id", type="integer"), Column(column="TGL", name="tgl", type="date"))
    program = make(
        Resource(name="o", table="O", key=("id",), lookup=("id",), columns=columns), url=f"sqlite:///{path}"
    )

    with pytest.raises(DoorProblem) as refused:
        ask(program, "/o/lookup", {"id": 1})

    assert refused.value.code == "door.answer_garbled"
    assert "31/02" not in refused.value.detail


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "door.body_invalid"),
        ({}, "door.body_invalid"),
        ({"nik": 3671015406920003}, "door.body_invalid"),
        ({"nik": SITI.nik, "extra": 1}, "door.body_invalid"),
        ({"nik": ""}, "door.body_invalid"),
        ({"nik": "a\u0000b"}, "door.body_invalid"),
        ({"nik": "x" * 201}, "door.body_invalid"),
    ],
)
def test_a_body_that_breaks_the_document_is_refused(make: Make, body: object, code: str) -> None:
    with pytest.raises(DoorProblem) as refused:
        ask(make(), "/sim/lookup", body)

    assert refused.value.code == code
    assert SITI.nik not in refused.value.detail


@pytest.mark.parametrize(
    "path", ["/TBL_USER/lookup", "/sim/../sim/lookup", "/sim/lookup/", "/sim/lookup?x=1", "//sim/lookup"]
)
def test_other_paths_lead_nowhere(make: Make, path: str) -> None:
    with pytest.raises(DoorProblem, match=r"door\.operation_unknown"):
        ask(make(), path, {"nik": SITI.nik})


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused(make: Make, method: str) -> None:
    with pytest.raises(DoorProblem, match=r"door\.method_refused"):
        make().answer(Question(method, "/sim/lookup", {}, b""))


def test_a_missing_database_is_unavailable_until_it_is_there(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "later.sqlite3"
    program = make(url=f"sqlite:///{path}")
    with pytest.raises(DoorProblem, match=r"door\.unavailable"):
        ask(program, "/sim/lookup", {"nik": SITI.nik})
    build(path, story_households())

    assert ask(program, "/sim/lookup", {"nik": SITI.nik})["items"]


@given(days=st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_may_be_asked_for(days: date) -> None:
    assert re.fullmatch(str(_ASKED["date"]["pattern"]), days.isoformat())


@pytest.mark.parametrize(
    "text", ["1990-02-30", "1990-04-31", "1990-13-01", "1990-00-10", "1990-01-00", "1990-01-32"]
)
def test_what_is_no_day_is_not_asked_for(text: str) -> None:
    assert not re.fullmatch(str(_ASKED["date"]["pattern"]), text)


@pytest.mark.parametrize("name", ['X"; DROP TABLE Y; --', "A`B", "A]B", "A\nB", ""])
def test_identifiers_that_could_leave_their_quotes_are_no_configuration(name: str) -> None:
    with pytest.raises(ValidationError):
        Column(column=name, name="x", type="string")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:p@h/d?local_infile=1",
        "postgresql://u:p@h/d?options=-c%20default_transaction_read_only=off",
        "sqlite:///x?mode=rw",
        "file:///etc/passwd",
        "duckdb:///x",
        "not an address",
        "mysql://u:p@h/d?init_command=DROP",
    ],
)
def test_addresses_with_settings_of_their_own_are_refused(url: str) -> None:
    with pytest.raises(DescribeError) as refused:
        read_url(url)

    assert ":p@" not in refused.value.text


@pytest.mark.parametrize("url", ["mysql://u:p@169.254.169.254/d", "postgresql://u:p@10.0.0.1/d"])
def test_databases_on_private_addresses_are_not_called(make: Make, url: str) -> None:
    with pytest.raises(DoorProblem, match=r"door\.target_refused"):
        ask(make(url=url), "/sim/lookup", {"nik": SITI.nik})


def test_every_chosen_identifier_is_quoted(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "ugly.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute('CREATE TABLE "Tabel; DROP (1)" ("select" INTEGER PRIMARY KEY, "Nama % Lengkap" TEXT)')
        file.execute("""INSERT INTO "Tabel; DROP (1)" VALUES (1, 'Siti')""")
    file.close()
    columns = (
        Column(column="select", name="id", type="integer"),
        Column(column="Nama % Lengkap", name="nama", type="string"),
    )
    program = make(
        Resource(name="ugly", table="Tabel; DROP (1)", key=("id",), lookup=("nama",), columns=columns),
        url=f"sqlite:///{path}",
    )

    assert ask(program, "/ugly/lookup", {"nama": "Siti"})["items"] == [{"id": 1, "nama": "Siti"}]


def test_row_rules_bind_their_values() -> None:
    rule = RowRule(column="STS", op="in", value=("A'; DROP TABLE X; --", "B"))

    text = str(sa.select(sa.literal(1)).where(row_condition(rule)))

    assert "DROP" not in text


@pytest.mark.parametrize("value", [math.inf, math.nan, ("A", -math.inf)])
def test_row_rule_with_a_number_without_end_is_refused(value: float | tuple[str, float]) -> None:
    op = "in" if isinstance(value, tuple) else "lt"

    with pytest.raises(ValidationError, match="finite"):
        RowRule(column="UMUR", op=op, value=value)
