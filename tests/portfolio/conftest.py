"""A small country: three agencies, their application managers, the national team, and somebody else."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import openpyxl
import pytest

from terpadu.directory.public import AgencyView, agency_create, position_create
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.kernel.actors import Actor
from terpadu.portfolio.models import ImportRun
from terpadu.portfolio.policies import MANAGER, NATIONAL_TEAM
from terpadu.portfolio.selectors.imports import run_get
from terpadu.portfolio.services import overlap_asking
from terpadu.portfolio.services.imports import (
    import_apply,
    import_ask,
    import_check,
    import_confirm,
    import_reading,
    import_start,
)
from terpadu.portfolio.services.overlap_engine_desk import BESIDE
from tests.actors import actor_from_header, client_of

__all__ = ["actor_from_header", "client_of"]

SYSTEM = Actor.system("tests")
IN_OFFICE = date(2024, 1, 1)
CITY = "kota.99.01"
OFFICE = "dinkes.99.01"
MINISTRY = "kemencontoh"
AGENCIES = (
    (CITY, "99010000", "Pemerintah Kota Contoh", "Kota Contoh", "regional_office"),
    (OFFICE, "99010002", "Dinas Kesehatan Kota Contoh", "Dinkes Kota Contoh", "regional_office"),
    (MINISTRY, "99000001", "Kementerian Contoh", "Kemencontoh", "ministry"),
)
HEAD = ["ID Aplikasi", "Nama Aplikasi", "Fungsi", "Status", "RAB", "Biaya 2024", "Tahun"]


def make_person(nik: str, name: str, *, kind: str = "", agency: str = "") -> Actor:
    """Make a person, in a position when one is named."""
    person_id = person_ensure(nik=nik, name=name, birth_on=date(1990, 5, 17), sex="P", by=SYSTEM)
    if kind:
        position = position_create(agency_code=agency, kind=kind, title=kind, by=SYSTEM)
        assignment_create(person_id=person_id, position_id=position.id, valid_from=IN_OFFICE, by=SYSTEM)
    return Actor.person(person_id)


@dataclass(frozen=True)
class Country:
    """The agencies by code, and the people."""

    agencies: dict[str, AgencyView]
    manager: Actor
    national: Actor
    stranger: Actor


@pytest.fixture
def country(db: None) -> Country:
    """Make the agencies and the people."""
    agencies = {
        code: agency_create(code, peer_id=peer, name=name, short_name=short, kind=kind, by=SYSTEM)
        for code, peer, name, short, kind in AGENCIES
    }
    return Country(
        agencies,
        manager=make_person("3671015705900001", "Maya Sari", kind=MANAGER, agency=CITY),
        national=make_person("3671015705900002", "Nadia Putri", kind=NATIONAL_TEAM, agency=MINISTRY),
        stranger=make_person("3671015705900003", "Sinta Dewi"),
    )


def csv_bytes(
    rows: Sequence[Sequence[str]],
    *,
    head: Sequence[str] = HEAD,
    separator: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """Write rows as a CSV file."""
    lines = [
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in (head, *rows)
    ]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def xlsx_bytes(rows: Sequence[Sequence[object]], *, merged: Sequence[str] = ()) -> bytes:
    """Write rows as a workbook, with merged ranges such as "A1:C1"."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def check_list(
    content: bytes, *, name: str = "daftar.csv", agency_code: str = CITY, by: Actor = SYSTEM
) -> ImportRun:
    """Upload a list, confirm what was guessed, and make the dry run."""
    run = import_start(io.BytesIO(content), name=name, agency_code=agency_code, by=by)
    import_confirm(run.id, columns=import_reading(run).columns, by=by)
    return import_check(run.id, by=by)


def import_list(
    content: bytes,
    *,
    name: str = "daftar.csv",
    agency_code: str = CITY,
    skip_rejected: bool = False,
    by: Actor = SYSTEM,
) -> ImportRun:
    """Take a list all the way into the inventory."""
    run = check_list(content, name=name, agency_code=agency_code, by=by)
    import_ask(run.id, skip_rejected=skip_rejected, by=by)
    return import_apply(run.id, by=by)


def fresh(run_id: UUID) -> ImportRun:
    """Read an import again."""
    return run_get(run_id)


@pytest.fixture(autouse=True)
def _no_report_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no program beside the tests when the clock passes the hour in which a report is due."""
    monkeypatch.setattr(overlap_asking, "_run_program", lambda *_options: None)


@pytest.fixture(scope="session", autouse=True)
def _no_index_under_way(django_db_setup: None) -> Iterator[None]:
    """Wait at the end for what still reads the database beside the tests, which can then be dropped."""
    yield
    for thread in threading.enumerate():
        if thread.name == BESIDE:
            thread.join(timeout=60)
