"""Pages and downloads: what everyone sees, what only the owner and the national team see, and that it stays so."""

from __future__ import annotations

import io
import json

import jsonschema_rs
import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.models import Application
from terpadu.portfolio.selectors.applications import INTERNAL_FIELDS
from terpadu.portfolio.services.applications import application_update
from terpadu.portfolio.services.summaries import summaries_refresh
from tests.generated import REFUSALS_ARE_FINE, check_generated, schema_at
from tests.portfolio.conftest import (
    CITY,
    OFFICE,
    SYSTEM,
    Country,
    check_list,
    client_of,
    csv_bytes,
    import_list,
)

TEXT_SECRETS = {
    name: f"Rahasia {name}"
    for name in ("server", "developer_unit", "operator_unit", "contract_number", "contract_vendor")
}
LIST_SECRETS = {name: (f"Rahasia {name}",) for name in ("languages", "frameworks", "databases", "clients")}
OTHER_SECRETS = {
    "contract_value": 987_654_321,
    "hosting": "vendor",
    "security_category": "strategic",
    "criticality": "vital",
    "funding": "grant",
}
SECRET_WORDS = (
    "Rahasia",
    "987654321",
    "987.654.321",
    "987,654,321",
    "supplier’s",
    "supplier&#x27;s",
    "Strategic",
    "Vital",
    "876543",
    "876.543",
    "876,543",
)
PUBLIC_PAGES = (
    "/portofolio/",
    "/portofolio/cari/",
    "/portofolio/cari/?q=pegawai",
    "/portofolio/fungsi/?kode=RAB.09",
    "/portofolio/metode/",
    "/portofolio/instansi/",
    f"/portofolio/instansi/{CITY}/",
    "/portofolio/aplikasi/{code}/",
    "/portofolio/aplikasi/{code}/publiccode.yml",
    "/portofolio/data/",
    f"/portofolio/data/angka.csv?instansi={CITY}",
    "/portofolio/data/aplikasi.csv",
    "/portofolio/data/aplikasi.json",
    "/portofolio/api/v1/applications",
    "/portofolio/api/v1/applications/{code}",
)


@pytest.fixture
def record(country: Country, actor_from_header: None) -> Application:
    """One record whose every confidential field says something that stands nowhere else."""
    rows = [
        ["A1", "Sistem Informasi Kepegawaian", "Mengelola data pegawai", "Aktif", "RAB.09.06", "", "2019"]
    ]
    import_list(csv_bytes(rows))
    row = Application.objects.get()
    values = {**TEXT_SECRETS, **LIST_SECRETS, **OTHER_SECRETS}
    application_update(row.id, values=values, costs={(2025, "build"): 876_543}, by=SYSTEM)
    summaries_refresh()
    return Application.objects.get()


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_public_page_shows_no_confidential_value(record: Application, country: Country, path: str) -> None:
    for actor in (None, country.stranger):
        answer = client_of(actor).get(path.format(code=record.code))

        text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        assert answer.status_code == 200
        shown = [word for word in SECRET_WORDS if word in text]
        # The cost of the whole country is public; with one record it is that record's.
        assert [word for word in shown if path != "/portofolio/" or "876" not in word] == []


def test_dashboard_without_any_day_says_so_instead_of_an_empty_picture(country: Country) -> None:
    import_list(csv_bytes([["A1", "Antrean", "Nomor antrean", "Aktif", "", "", ""]]))
    summaries_refresh()

    page = (
        client_of(country.manager)
        .get(f"/portofolio/instansi/{CITY}/", HTTP_ACCEPT_LANGUAGE="en")
        .content.decode()
    )

    assert "No record says a day in these years" in page and "One record does not say when" not in page
    assert "New and ended applications by year" not in page


def test_every_internal_field_is_held_back_from_the_public_answer(record: Application) -> None:
    answer = client_of(None).get(f"/portofolio/api/v1/applications/{record.code}").json()

    assert not set(answer) & {*INTERNAL_FIELDS, "costs"}
    assert all(Application.PRIVACY[name] is Privacy.INTERNAL for name in INTERNAL_FIELDS)


def test_filter_by_confidential_field_finds_nothing_for_the_public(
    record: Application, country: Country
) -> None:
    def hits(query: str, who: object) -> int:
        answer = client_of(who).get(f"/portofolio/cari/?{query}")  # type: ignore[arg-type]  # an actor or None
        return int(answer.context["count"])

    for query in ("teknologi=Rahasia languages", "biaya_dari=Rp1", "biaya_sampai=1 M"):
        assert (hits(query, None), hits(query, country.manager), hits(query, country.national)) == (0, 1, 1)


def test_search_by_an_amount_that_is_none_says_so_and_keeps_it(record: Application, country: Country) -> None:
    client = client_of(country.manager)

    answer = client.get("/portofolio/cari/?biaya_dari=Rp+banyak&biaya_sampai=1+M")

    page = answer.content.decode()
    assert "“Rp banyak” is not an amount." in page and 'value="Rp banyak"' in page and 'value="1 M"' in page
    assert answer.context["count"] == 1


def test_owner_sees_confidential_fields_history_and_costs(record: Application, country: Country) -> None:
    for actor in (country.manager, country.national):
        text = client_of(actor).get(f"/portofolio/aplikasi/{record.code}/").content.decode()

        assert all(
            word in text
            for word in ("Rahasia server", "Rp987.654.321", "Rp876.543", "daftar.csv", "Record made")
        )


def test_xlsx_and_csv_of_the_manager_neutralise_formulas(record: Application, country: Country) -> None:
    evil = '=HYPERLINK("http://contoh.example","klik")'
    application_update(
        record.id, values={"function": evil, "description": "+62", "server": "@SUM(A1)"}, by=SYSTEM
    )

    answer = client_of(country.manager).get("/portofolio/data/aplikasi.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    cells = dict(zip(head, row, strict=True))
    assert cells["function"] == f"'{evil}"
    assert (cells["server"], cells["description"], cells["cost:2025:build"]) == (
        "'@SUM(A1)",
        "'+62",
        "876543",
    )
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    text = b"".join(client_of(None).get("/portofolio/data/aplikasi.csv").streaming_content).decode(
        "utf-8-sig"
    )
    assert "\"'=HYPERLINK" in text


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_export_comes_in_again_without_a_change(record: Application, country: Country, form: str) -> None:
    answer = client_of(country.national).get(f"/portofolio/data/aplikasi.{form}")
    content = b"".join(answer.streaming_content)

    run = import_list(content, name=f"lagi.{form}", agency_code="")

    assert {key: run.counts[key] for key in ("created", "changed", "same", "rejected")} == {
        "created": 0,
        "changed": 0,
        "same": 1,
        "rejected": 0,
    }


def test_publiccode_comes_in_as_a_record(record: Application) -> None:
    text = client_of(None).get(f"/portofolio/aplikasi/{record.code}/publiccode.yml").content
    Application.objects.all().delete()

    fresh = text.replace(f"identifier: {record.code}\n".encode(), b"")
    run = import_list(fresh, name="publiccode.yml", agency_code="")

    row = Application.objects.get()
    assert (run.counts["created"], row.name, row.state) == (1, record.name, "live")


def test_edit_keeps_history_and_refuses_what_changed_meanwhile(record: Application, country: Country) -> None:
    client = client_of(country.manager)
    path = f"/portofolio/aplikasi/{record.code}/ubah/"
    data = {
        name: value for name, value in client.get(path).context["form"].initial.items() if value is not None
    }
    answer = client.post(path, {**data, "function": "Mengelola mutasi pegawai", "live_on": "kemarin"})
    assert "is not a day" in answer.content.decode()

    answer = client.post(path, {**data, "function": "Mengelola mutasi pegawai"})

    assert answer.status_code == 302
    assert Application.objects.get().function == "Mengelola mutasi pegawai"
    again = client.post(path, {**data, "function": "Lain"})
    assert "Somebody else has saved" in again.content.decode()
    assert client_of(country.stranger).get(path).status_code == 404


def test_list_walks_from_upload_to_done_on_the_pages(country: Country, actor_from_header: None) -> None:
    client = client_of(country.manager)
    rows = [["A1", "Pajak Daring", "", "Aktif", "", "", ""], ["A2", "Rusak", "", "entah", "", "", ""]]
    given = SimpleUploadedFile("daftar.csv", csv_bytes(rows))
    start = client.post("/portofolio/impor/", {"agency": CITY, "file": given})
    assert start.status_code == 302, start.context["form"].errors
    run = start["Location"]
    columns = {field.html_name: field.initial for field in client.get(run).context["form"]}

    client.post(run, columns)
    page = client.get(run).content.decode()
    assert "What the list would do" in page and "entah" in page
    assert client.post(f"{run}tulis/").status_code == 409
    assert client.post(f"{run}tulis/", {"tanpa_tolakan": "ya"}).status_code == 302

    assert "The list is taken in" in client.get(run).content.decode()
    assert Application.objects.get().name == "Pajak Daring"
    rejects = client.get(f"{run}tolakan.csv").content.decode("utf-8-sig")
    assert rejects.splitlines()[1].startswith("3,Status,")
    for path in (run, f"{run}tolakan.csv"):
        assert client_of(country.stranger).get(path).status_code == 404


def test_dry_run_and_history_say_states_days_and_amounts_in_the_words_of_their_reader(
    country: Country, actor_from_header: None
) -> None:
    client = client_of(country.manager)
    client.cookies["language"] = "id"
    import_list(csv_bytes([["A1", "Antrean", "", "Dipakai", "", "", "2019"]]))
    rows = [["A1", "Antrean", "", "Being ended", "", "Rp1,2 M", ""], ["A2", "Rusak", "", "entah", "", "", ""]]
    run = check_list(csv_bytes(rows))

    page = client.get(f"/portofolio/impor/{run.id}/").content.decode()
    assert "Dipakai → Sedang diakhiri" in page and "Rp1.200.000.000" in page
    assert "Direncanakan, Sedang dibangun, Dipakai, Sedang diakhiri, Berakhir" in page
    assert "retiring" not in page and "1200000000" not in page

    import_list(csv_bytes(rows[:1]))
    code = Application.objects.get().code
    history = client.get(f"/portofolio/aplikasi/{code}/").content.decode()
    assert "Sedang diakhiri" in history and "retiring" not in history and "1200000000" not in history


def test_upload_for_a_foreign_agency_is_not_offered(country: Country, actor_from_header: None) -> None:
    given = SimpleUploadedFile("daftar.csv", csv_bytes([]))
    answer = client_of(country.manager).post("/portofolio/impor/", {"agency": OFFICE, "file": given})

    assert "agency" in answer.context["form"].errors


def test_api_pages_by_cursor_and_refuses_bad_parameters(country: Country, actor_from_header: None) -> None:
    import_list(csv_bytes([[f"A{n}", f"Aplikasi {n}", "", "", "", "", ""] for n in range(5)]))
    client = client_of(None)

    first = client.get("/portofolio/api/v1/applications?limit=3").json()
    second = client.get(f"/portofolio/api/v1/applications?limit=3&after={first['after']}").json()

    assert (len(first["applications"]), len(second["applications"]), second["after"]) == (3, 2, None)
    for query in ("limit=0", "limit=x", "state=lost", "code=RAB.99", f"q={'a' * 121}"):
        answer = client.get(
            f"/portofolio/api/v1/applications?{query}", headers={"Accept": "application/json"}
        )
        assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "kernel.bad_input")


def test_answers_of_the_api_fit_their_description(record: Application, country: Country) -> None:
    described = client_of(None).get("/portofolio/api/v1/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Application", "components": described["components"]}
    check = jsonschema_rs.validator_for(schema)

    for actor in (None, country.national):
        page = client_of(actor).get("/portofolio/api/v1/applications").json()
        one = client_of(actor).get(f"/portofolio/api/v1/applications/{record.code}").json()
        for body in (one, *page["applications"]):
            assert [error.message for error in check.iter_errors(body)] == []


def test_api_under_generated_requests_answers_as_described(record: Application, country: Country) -> None:
    schema = schema_at("/portofolio/api/v1/openapi.json")

    names = check_generated(schema, excluded=REFUSALS_ARE_FINE)

    assert names == ["listApplications", "getApplication"]
    check_generated(schema, path_parameters={"code": record.code}, excluded=REFUSALS_ARE_FINE)


def test_api_refuses_in_json_whatever_a_program_says_that_it_accepts(country: Country) -> None:
    for accept in ("*/*", "text/html", ""):
        answer = client_of(None).get("/portofolio/api/v1/applications?limit=0", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
