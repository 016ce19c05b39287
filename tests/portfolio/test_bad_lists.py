"""Each bad input that lists really bring, by name: read as it was meant, or refused with row, column and what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from terpadu.portfolio.errors import ImportNotReady
from terpadu.portfolio.models import AgencyAlias, Application, Cost, ImportRun
from terpadu.portfolio.services.imports import import_ask
from terpadu.portfolio.services.reports import fault_from, plan_lines
from terpadu.portfolio.wording import explain
from tests.portfolio.conftest import (
    CITY,
    HEAD,
    OFFICE,
    SYSTEM,
    Country,
    check_list,
    client_of,
    csv_bytes,
    import_list,
    xlsx_bytes,
)

pytestmark = pytest.mark.django_db

GOOD = [
    "A1",
    "Antrean “Melati”",
    "Nomor antrean – daring",
    "Aktif",
    "RAB.09.06",
    "Rp1,2 M",
    "31 Desember 2020",
]
WIDE = [*HEAD, *(f"Kolom {n}" for n in range(193))]
MERGED = [
    ["Daftar Aplikasi 2024"],
    ["Identitas", None, "Fungsi", "Status", "RAB", "Biaya", "Tahun"],
    ["ID Aplikasi", "Nama Aplikasi", None, None, None, 2024, None],
    GOOD,
]


@pytest.fixture(autouse=True)
def _everything(country: Country) -> Iterator[None]:
    """Every test has the country, in which one agency was renamed and one split, and speaks English."""
    for former, agency, kind in (
        ("Kotamadya Contoh", CITY, "renamed"),
        ("Dinas Lama", OFFICE, "split"),
        ("Dinas Lama", CITY, "split"),
    ):
        owner = country.agencies[agency].id
        AgencyAlias.objects.create(former=former, agency_id=owner, kind=kind, changed_on=date(2023, 1, 1))
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(csv_bytes([GOOD], encoding="utf-8-sig"), "a.csv", id="utf-8-bom"),
        pytest.param(csv_bytes([GOOD], encoding="cp1252"), "a.csv", id="cp1252"),
        pytest.param(csv_bytes([GOOD], separator=";"), "a.csv", id="semicolons"),
        pytest.param(csv_bytes([GOOD], head=WIDE), "a.csv", id="200-columns"),
        pytest.param(
            xlsx_bytes(MERGED, merged=["A1:G1", "A2:B2", "C2:C3", "D2:D3", "E2:E3", "G2:G3"]),
            "a.xlsx",
            id="merged-header-rows",
        ),
    ],
)
def test_odd_list_is_read_as_it_was_meant(content: bytes, name: str) -> None:
    import_list(content, name=name)

    row = Application.objects.get()
    assert (row.local_id, row.name, row.function, row.live_on, Cost.objects.get().rupiah) == (
        "A1",
        GOOD[1],
        GOOD[2],
        date(2020, 12, 31),
        1_200_000_000,
    )


def changed(**cells: str) -> list[str]:
    """Return the good row with other cells, by heading with "_" for a blank."""
    return [cells.get(heading.replace(" ", "_"), cell) for heading, cell in zip(HEAD, GOOD, strict=True)]


OWNED = ["Instansi", "Nama Aplikasi"]
CHAIN = ["ID Aplikasi", "Nama Aplikasi", "Pengganti"]


@pytest.mark.parametrize(
    ("head", "rows", "row", "column", "said"),
    [
        pytest.param(HEAD, [GOOD, changed(ID_Aplikasi="A2", Nama_Aplikasi="B", RAB="RAB.99.99")], 3, "RAB", "RAB.99.99 is not a code of the reference architecture", id="unknown-code"),
        pytest.param(HEAD, [changed(Tahun="kemarin lusa")], 2, "Tahun", "“kemarin lusa” is not a day", id="date-as-text"),
        pytest.param(HEAD, [changed(Tahun="32/13/2020")], 2, "Tahun", "“32/13/2020” is not a day", id="impossible-date"),
        pytest.param(HEAD, [changed(Biaya_2024="Rp banyak")], 2, "Biaya 2024", "“Rp banyak” is not an amount", id="cost-in-words"),
        pytest.param(HEAD, [changed(Status="entah")], 2, "Status", "“entah” is not one of the known words", id="unknown-state"),
        pytest.param(HEAD, [changed(Nama_Aplikasi="")], 2, "Name", "The application has no name", id="no-name"),
        pytest.param(HEAD, [GOOD, changed(Nama_Aplikasi="Lain")], 3, "", "“A1” stands in row 2 already", id="duplicate-ids"),
        pytest.param(CHAIN, [["1", "Lama", "2"], ["2", "Baru", "1"]], 2, "Successor", "“2” would lead back to this application", id="cycle-of-successors"),
        pytest.param(CHAIN, [["1", "Lama", "99"]], 2, "Successor", "No application of the agency is called “99”", id="unknown-successor"),
        pytest.param(OWNED, [["Dinas Lama", "Parkir"]], 2, "Instansi", "“Dinas Lama” was split into:", id="agency-split"),
        pytest.param(OWNED, [["Dinas Entah", "Parkir"]], 2, "Instansi", "No agency is called “Dinas Entah”", id="agency-unknown"),
    ],
)  # fmt: skip
def test_bad_row_names_row_column_and_remedy_and_nothing_is_half_imported(
    head: list[str], rows: list[list[str]], row: int, column: str, said: str
) -> None:
    run = check_list(csv_bytes(rows, head=head), agency_code="" if head is OWNED else CITY)

    words = explain(fault_from(plan_lines(run.id, outcome="rejected")[0]["faults"][0]))
    assert (words.row, words.column) == (row, column)
    assert said in words.message and words.remedy
    with pytest.raises(ImportNotReady):
        import_ask(run.id, skip_rejected=False, by=SYSTEM)
    assert not Application.objects.exists()


def test_renamed_agency_is_understood_and_said() -> None:
    run = check_list(csv_bytes([["Kotamadya Contoh", "Parkir"]], head=OWNED), agency_code="")

    line = plan_lines(run.id)[0]
    words = explain(fault_from(line["notices"][0]))
    assert (line["outcome"], words.row, words.column) == ("created", 2, "Instansi")
    assert words.message == "“Kotamadya Contoh” is called Pemerintah Kota Contoh now."


def bomb() -> bytes:
    """Return a workbook that unpacks to far more than it holds."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 1024 * 1024))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        pytest.param(bomb, "a.xlsx", "This workbook unpacks to far more than it holds.", id="zip-bomb"),
        pytest.param(lambda: b",".join(b"k%d" % n for n in range(400)), "a.csv", "Row 1 has more than", id="400-columns"),
        pytest.param(lambda: b"Nama\nA\nB\x81\x8d\n", "a.csv", " has letters that cannot be read", id="no-encoding"),
        pytest.param(lambda: b"PK\x03\x04rusak", "a.xlsx", "This workbook is damaged", id="broken-workbook"),
        pytest.param(lambda: b"", "a.csv", "The file is empty.", id="empty"),
    ],
)  # fmt: skip
def test_file_that_cannot_be_read_is_refused_on_the_page(
    country: Country, actor_from_header: None, content: Callable[[], bytes], name: str, said: str
) -> None:
    given = SimpleUploadedFile(name, content())
    answer = client_of(country.manager).post(
        "/portofolio/impor/", {"agency": CITY, "file": given}, follow=True
    )

    page = answer.content.decode()
    assert said in page and "send" in page.lower()
    assert not ImportRun.objects.filter(state="done").exists() and not Application.objects.exists()
