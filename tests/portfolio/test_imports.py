"""Lists that come in: what becomes of each row, all or nothing, and no doubles the second time."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.errors import ImportNotReady
from terpadu.portfolio.models import AgencyAlias, Application, Change, Cost, ImportRun
from terpadu.portfolio.services import planning
from terpadu.portfolio.services.imports import (
    import_apply,
    import_ask,
    import_reading,
    import_start,
    import_take,
)
from terpadu.portfolio.services.progress import say_progress
from terpadu.portfolio.services.reports import plan_lines, report_path
from tests.portfolio.conftest import (
    CITY,
    MINISTRY,
    OFFICE,
    SYSTEM,
    Country,
    check_list,
    csv_bytes,
    import_list,
)

ROWS = [
    ["A1", "Sistem Informasi Kepegawaian", "Mengelola data pegawai", "Aktif", "RAB.09.06", "Rp1,2 M", "2019"],
    ["A2", "e-Puskesmas", "Mencatat kunjungan pasien", "Tidak aktif", "", "", "31/12/2020"],
]


@pytest.fixture(autouse=True)
def _everything(country: Country) -> None:
    """Every test has the country."""


def test_import_new_rows_makes_records_with_costs_and_history() -> None:
    run = import_list(csv_bytes(ROWS))

    first, second = Application.objects.order_by("local_id")
    assert (run.counts["created"], run.counts["rejected"]) == (2, 0)
    assert (first.name, first.rab_codes, first.live_on) == (ROWS[0][1], ["RAB.09.06"], date(2019, 1, 1))
    assert (second.state, second.code[:4]) == ("ended", "APL-")
    assert Cost.objects.get().rupiah == 1_200_000_000
    assert [(one.field, one.source, one.origin) for one in first.changes.all()] == [
        ("", "import", "daftar.csv")
    ]
    assert first.completeness > second.completeness


def test_import_again_makes_no_doubles_and_keeps_what_is_not_said() -> None:
    import_list(csv_bytes(ROWS))
    Application.objects.filter(local_id="A1").update(server="Rak 3")
    changed = [[*ROWS[0][:3], "Akan dihentikan", "", "Rp1,3 M", ""], ROWS[1]]

    run = import_list(csv_bytes(changed))

    record = Application.objects.get(local_id="A1")
    assert (run.counts["created"], run.counts["changed"], run.counts["same"]) == (0, 1, 1)
    assert (record.state, record.server, record.rab_codes, record.version) == (
        "retiring",
        "Rak 3",
        ["RAB.09.06"],
        2,
    )
    history = Change.objects.filter(application=record).exclude(field="")
    assert sorted((one.field, one.before, one.after) for one in history) == [
        ("cost:2024:other", "1200000000", "1300000000"),
        ("state", "live", "retiring"),
    ]


def test_import_drops_marks_that_nobody_sees_and_finds_the_record_again_without_them() -> None:
    head = ["Nama Aplikasi", "Fungsi"]
    import_list(csv_bytes([["Pa\u200bjak Da\u202ering", "Me\u00adlayani"]], head=head))

    run = import_list(csv_bytes([["Pajak Daring", "Melayani"]], head=head))

    record = Application.objects.get()
    assert (record.name, record.function, run.counts["same"]) == ("Pajak Daring", "Melayani", 1)


def test_dry_run_writes_nothing_and_tells_each_row() -> None:
    import_list(csv_bytes(ROWS[:1]))
    run = check_list(csv_bytes([[*ROWS[0][:3], "Mati", "", "", ""], ROWS[1], ["A3", "", "", "", "", "", ""]]))

    lines = plan_lines(run.id)
    assert [(one["row"], one["outcome"]) for one in lines] == [
        (2, "changed"),
        (3, "created"),
        (4, "rejected"),
    ]
    assert lines[0]["changes"] == [["state", "live", "ended"]]
    assert lines[2]["faults"][0]["code"] == "name_missing"
    assert Application.objects.count() == 1


def test_rejected_rows_stop_the_list_unless_left_out_on_purpose() -> None:
    content = csv_bytes([*ROWS, ["A3", "Pajak Daring", "", "entah", "RAB.99.99", "banyak", "32/13/2020"]])
    run = check_list(content)

    with pytest.raises(ImportNotReady):
        import_list(content)
    assert Application.objects.count() == 0
    import_list(content, skip_rejected=True)

    assert Application.objects.count() == 2
    with default_storage.open(report_path(run.id, "rejects")) as file:
        text = file.read().decode("utf-8-sig")
    rows = [line.split(",")[:2] for line in text.splitlines()[1:]]
    assert rows == [["4", "Status"], ["4", "RAB"], ["4", "Biaya 2024"], ["4", "Tahun"]]


def test_saved_reading_is_used_for_the_next_file_alike() -> None:
    check_list(csv_bytes(ROWS))

    run = import_start(io.BytesIO(csv_bytes(ROWS[:1])), name="lagi.csv", agency_code=CITY, by=SYSTEM)

    assert import_reading(run).is_saved


def test_doubles_inside_a_list_are_rejected_with_the_first_row_named() -> None:
    run = check_list(csv_bytes([ROWS[0], ROWS[1], ROWS[0]]))

    fault = plan_lines(run.id, outcome="rejected")[0]["faults"][0]
    assert (fault["code"], fault["row"], fault["values"]["first"]) == ("row_double", 4, "2")


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        ("Kota Contoh", None),
        ("kota.99.01", None),
        ("Kotamadya Contoh", None),
        ("Dinas Lama", "agency_split"),
        ("Dinas Entah", "agency_unknown"),
        ("", "agency_missing"),
    ],
)
def test_owner_by_name_former_name_or_split_is_found_or_explained(
    country: Country, owner: str, code: str | None
) -> None:
    for former, agency, kind in (
        ("Kotamadya Contoh", CITY, "renamed"),
        ("Dinas Lama", OFFICE, "split"),
        ("Dinas Lama", CITY, "split"),
    ):
        AgencyAlias.objects.create(
            former=former, agency_id=country.agencies[agency].id, kind=kind, changed_on=date(2023, 1, 1)
        )
    content = csv_bytes([[owner, "Aplikasi A"]], head=["Instansi", "Nama Aplikasi"])

    run = check_list(content, agency_code="")

    line = plan_lines(run.id)[0]
    assert [one["code"] for one in line["faults"]] == ([code] if code else [])
    notices = ["agency_renamed"] if owner == "Kotamadya Contoh" else []
    assert [one["code"] for one in line["notices"]] == notices


def test_successor_is_linked_and_a_circle_is_refused() -> None:
    head = ["ID Aplikasi", "Nama Aplikasi", "Pengganti"]
    import_list(csv_bytes([["1", "Lama", "2"], ["2", "Baru", ""]], head=head))
    assert Application.objects.get(local_id="1").successor == Application.objects.get(local_id="2")

    run = check_list(csv_bytes([["2", "Baru", "3"], ["3", "Terbaru", "1"]], head=head))

    codes = [one["faults"][0]["code"] for one in plan_lines(run.id)]
    assert codes == ["successor_cycle", "successor_cycle"]
    with pytest.raises(ImportNotReady):
        import_ask(run.id, skip_rejected=False, by=SYSTEM)


def test_manager_imports_own_agency_only(country: Country) -> None:
    import_list(csv_bytes(ROWS), by=country.manager)
    for by, agency in ((country.manager, OFFICE), (country.manager, ""), (country.stranger, CITY)):
        with pytest.raises(NotAllowed):
            import_list(csv_bytes(ROWS), agency_code=agency, by=by)
    content = csv_bytes([["Kementerian Contoh", "X"]], head=["Instansi", "Nama Aplikasi"])
    assert import_list(content, agency_code="", by=country.national).counts["created"] == 1
    assert Application.objects.of_agency(MINISTRY).count() == 1


def test_list_of_several_blocks_tells_its_progress_and_never_waits_for_itself(
    transactional_db: None, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "BLOCK", 2)
    rows = [[f"A{n}", f"Aplikasi {n}", "", "", "", "", ""] for n in range(5)]
    run = import_start(io.BytesIO(csv_bytes(rows)), name="a.csv", agency_code=CITY, by=SYSTEM)

    run = import_take(run.id, columns=import_reading(run).columns, by=SYSTEM)

    assert (run.state, run.counts["created"], ImportRun.objects.get().progress) == ("done", 5, 5)
    with transaction.atomic():
        ImportRun.objects.update(progress=0)
        say_progress(run.id, 3)  # on its own connection, while this transaction holds the row


def test_import_take_leaves_a_list_with_rejects_checked_and_writes_nothing() -> None:
    rows = [*ROWS, ["A3", "", "", "", "", "", ""]]
    run = import_start(io.BytesIO(csv_bytes(rows)), name="a.csv", agency_code=CITY, by=SYSTEM)

    run = import_take(run.id, columns=import_reading(run).columns, by=SYSTEM)

    assert (run.state, run.counts["rejected"], Application.objects.count()) == ("checked", 1, 0)
    import_ask(run.id, skip_rejected=True, by=SYSTEM)
    assert import_apply(run.id, by=SYSTEM).counts["created"] == 2
