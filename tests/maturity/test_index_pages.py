"""The public pages of the index, on a small made-up country."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from decimal import Decimal

import jsonschema_rs
import pytest
import schemathesis
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from demo.population.personas import personas
from terpadu.directory import demo as directory_demo
from terpadu.identity import demo as identity_demo
from terpadu.identity.public import person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.maturity import demo
from terpadu.maturity.enums import AgencyGroup, Consent
from terpadu.maturity.models import Locus, Round
from terpadu.maturity.policies import can_answer
from terpadu.maturity.selectors import published
from terpadu.maturity.selectors.published import history, published_round
from terpadu.maturity.selectors.work import work_of
from terpadu.maturity.web.api_description import description
from terpadu.maturity.web.charts import TILES
from tests.generated import check_generated, schema_at

pytestmark = [pytest.mark.django_db]
KEMENKO = "kemenko-perekonomian"


@pytest.fixture
def country(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish four years of 60 agencies, one of which never agreed, and the worked example."""
    monkeypatch.setattr(
        demo,
        "COUNTS",
        {AgencyGroup.MINISTRY: 4, AgencyGroup.PROVINCE: 10, AgencyGroup.REGENCY: 36, AgencyGroup.CITY: 10},
    )
    published._round.cache_clear()
    demo.seed()
    Locus.objects.filter(agency_code="city.contoh.001").update(consent=Consent.REFUSED)


def page(client: Client, address: str, *, lang: str = "en", status: int = 200) -> str:
    response = client.get(address, headers={"Accept-Language": lang})
    assert response.status_code == status
    return response.content.decode()


def test_overview_before_anything_is_published_says_so(client: Client) -> None:
    assert "Nothing has been published yet" in page(client, "/indeks/")


@pytest.mark.usefixtures("country")
def test_overview_shows_the_latest_year_with_average_chart_map_and_tables(client: Client) -> None:
    text = page(client, "/indeks/")
    average = published_round(2025).national.index

    assert f'<p class="index-big">{average}</p>' in text
    assert text.count('<svg class="chart ') == 3  # the distribution, and the map in two parts
    assert "The same as a table" in text
    assert "style=" not in text
    drawn = [TILES[code][2] for code in published_round(2025).provinces if code in TILES]
    assert sorted(re.findall(r'class="on" [^>]*>([A-Z]{3})<', text)) == sorted(drawn)


@pytest.mark.usefixtures("country")
def test_overview_reads_the_results_of_no_more_years_than_it_shows(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        page(client, "/indeks/")

    read = [one["sql"] for one in queries if 'FROM "maturity_result"' in one["sql"]]
    assert len(read) == 2  # the year, and the one before it for the changes
    assert Round.objects.filter(state="published").count() > 3


@pytest.mark.usefixtures("country")
def test_ranking_is_by_index_and_can_be_narrowed(client: Client) -> None:
    text = page(client, "/indeks/2025/peringkat/?grup=province&q=contoh")
    names = [one.agency_name for one in published_round(2025).results if one.group == "province"]

    assert "10 agencies" in text
    assert [text.index(name) for name in names] == sorted(text.index(name) for name in names)


@pytest.mark.usefixtures("country")
def test_ranking_that_fits_nothing_offers_all(client: Client) -> None:
    assert "No agency fits" in page(client, "/indeks/2025/peringkat/?q=tidakada")


@pytest.mark.usefixtures("country")
def test_ranking_gives_equal_indices_the_same_rank(client: Client) -> None:
    results = published_round(2025).results

    for first, second in itertools.pairwise(results):
        assert (first.rank == second.rank) == (first.index == second.index)
        assert first.index >= second.index


@pytest.mark.usefixtures("country")
def test_agency_that_did_not_agree_is_in_no_page_and_no_file(client: Client) -> None:
    name = Locus.objects.filter(agency_code="city.contoh.001").values_list("agency_name", flat=True)[0]

    page(client, "/indeks/instansi/city.contoh.001/", status=404)
    page(client, "/indeks/instansi/city.contoh.001/2025/", status=404)
    page(client, "/indeks/instansi/city.contoh.001/2025/laporan.pdf", status=404)
    for address in ("/indeks/2025/peringkat/?q=" + name, "/indeks/data/2025.csv", "/indeks/data/2025.json"):
        assert f">{name}<" not in page(client, address).replace('"', "")
    assert published_round(2025).withheld >= 1


@pytest.mark.usefixtures("country")
def test_result_asked_before_publication_is_refused(client: Client) -> None:
    Round.objects.filter(year=2025).update(state="running", published_at=None)

    text = page(client, "/indeks/instansi/city.contoh.002/2025/", status=404)

    assert "This result has not been published." in text
    page(client, "/indeks/2025/", status=404)
    page(client, "/indeks/data/2025.csv", status=404)


@pytest.mark.usefixtures("country")
def test_agency_page_shows_the_official_report_of_kemenko(client: Client) -> None:
    text = page(client, f"/indeks/instansi/{KEMENKO}/", lang="id")

    assert '<p class="index-big">2,95</p>' in text
    assert "3,61" in text
    assert "3,17" in text


@pytest.mark.usefixtures("country")
def test_agency_page_names_the_fewest_steps_to_the_next_band(client: Client) -> None:
    text = page(client, f"/indeks/instansi/{KEMENKO}/")

    assert "The fewest steps to <b>Very good</b> (3.50)" in text
    assert "42. Public complaint services" in text


@pytest.mark.usefixtures("country")
def test_agency_page_draws_all_comparable_years(client: Client) -> None:
    text = page(client, "/indeks/instansi/city.contoh.002/")

    assert text.count('<circle class="series-0"') == 4
    assert "not comparable" not in text


@pytest.mark.usefixtures("country")
def test_years_of_another_instrument_are_not_comparable(client: Client) -> None:
    Round.objects.filter(year=2022).update(instrument_code="permenpanrb-5-2018")
    published._round.cache_clear()
    past = history("city.contoh.002")

    assert not published.are_comparable(past[0][0], past[-1][0])
    assert published.change(past[1][0], past[0][0], agency_code="city.contoh.002") is None
    assert "not comparable" in page(client, "/indeks/instansi/city.contoh.002/")


@pytest.mark.usefixtures("country")
def test_compare_shows_up_to_five_and_says_when_a_name_is_unknown(client: Client) -> None:
    codes = "&".join(f"i=city.contoh.{number:03}" for number in range(2, 9))
    text = page(client, f"/indeks/2025/bandingkan/?{codes}")

    assert text.count('class="key s') == 5
    assert "Add an agency" not in text
    assert "No published agency" in page(client, "/indeks/2025/bandingkan/?tambah=x")


@pytest.mark.usefixtures("country")
def test_compare_adds_an_agency_by_its_name(client: Client) -> None:
    one = published_round(2025).results[0]

    text = page(client, "/indeks/2025/bandingkan/", lang="id")
    chosen = client.get("/indeks/2025/bandingkan/", {"tambah": one.agency_name}).content.decode()

    assert "<svg" not in text.split("<main")[1].split("</main")[0].replace('<svg class="icon"', "")
    assert f'value="{one.agency_code}"' in chosen


@pytest.mark.usefixtures("country")
def test_open_data_as_csv_and_json_agree_and_recompute(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(page(client, "/indeks/data/2025.csv"))))
    body = json.loads(page(client, "/indeks/data/2025.json"))

    assert [row["index"] for row in rows] == [one["index"] for one in body["agencies"]]
    form = published_round(2025).instrument
    for row in rows[:5]:
        total = sum(one.weight * int(row[f"indicator_{number}"]) for number, one in form.indicators.items())
        assert abs(
            Decimal(row["index"]) - Decimal(total.numerator) / Decimal(total.denominator) / 100
        ) <= Decimal("0.005")


@pytest.mark.usefixtures("country")
def test_open_data_page_lists_every_year(client: Client) -> None:
    text = page(client, "/indeks/data/")

    assert all(f"/indeks/data/{year}.csv" in text for year in (2021, 2022, 2023, 2024, 2025))


@pytest.mark.parametrize("code", ["permenpanrb-5-2018", "permenpanrb-59-2020", "permenpanrb-8-2026"])
def test_method_page_gives_formulas_weights_and_articles(client: Client, code: str) -> None:
    text = page(client, f"/indeks/metode/{code}/")

    assert "2.945 becomes 2.95" in text
    assert text.count("formula") >= 2


def test_method_page_of_an_unknown_instrument_is_not_there(client: Client) -> None:
    page(client, "/indeks/metode/x/", status=404)


@pytest.mark.usefixtures("country")
@pytest.mark.parametrize("address", ["/indeks/1999/", "/indeks/1999/peringkat/", "/indeks/instansi/x/"])
def test_page_of_something_never_published_is_not_there(client: Client, address: str) -> None:
    page(client, address, status=404)


@pytest.mark.usefixtures("country")
def test_demo_made_twice_changes_nothing() -> None:
    before = Locus.objects.count()

    demo.seed()

    assert Locus.objects.count() == before


@pytest.mark.usefixtures("country")
def test_demo_leaves_a_running_round_whose_officers_have_their_work() -> None:
    directory_demo.seed()
    identity_demo.seed()
    Locus.objects.filter(round__year=2026).delete()
    Round.objects.filter(year=2026).delete()
    demo.running_round()
    person = person_find_by_nik(personas()["rina"].nik)

    assert person is not None
    items = work_of(person)
    assert [item.locus.agency_code for item in items] == ["kota.36.71"]
    assert can_answer(Actor.person(person), locus=items[0].locus, indicator="18")
    assert not can_answer(Actor.person(person), locus=items[0].locus, indicator="19")


@pytest.mark.usefixtures("country")
def test_open_data_answers_are_as_the_api_describes_them(client: Client) -> None:
    described = json.loads(page(client, "/indeks/data/openapi.json"))
    schemas = described["components"]
    answers = {
        "Years": page(client, "/indeks/data/tahun.json"),
        "Round": page(client, "/indeks/data/2025.json"),
        "Error": page(client, "/indeks/data/1999.json", status=404),
    }

    for name, text in answers.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": schemas}
        jsonschema_rs.validate(schema, json.loads(text))
    assert json.loads(answers["Error"])["title"] == "This result has not been published."
    assert json.loads(page(client, "/indeks/data/1999.csv", status=404))["code"] == "maturity.not_published"
    years = json.loads(answers["Years"])["years"]
    assert [one["year"] for one in years] == [2025, 2024, 2023, 2022, 2021]
    for one in years:
        page(client, one["json"])
        page(client, one["csv"])
    api = schema_at("/indeks/data/openapi.json")
    assert check_generated(api) == ["listYears", "getYear", "getYearAsCsv"]
    check_generated(api, path_parameters={"year": "2025"})


def test_open_data_before_anything_is_published_is_an_empty_list(client: Client) -> None:
    assert json.loads(page(client, "/indeks/data/tahun.json")) == {"years": []}


def test_api_description_is_sound_and_names_every_address_of_the_data() -> None:
    schema = schemathesis.openapi.from_dict(description())
    paths = [operation.ok().path for operation in schema.get_all_operations()]

    assert paths == ["/indeks/data/tahun.json", "/indeks/data/{year}.json", "/indeks/data/{year}.csv"]
    assert {path.replace("{year}", "2025") for path in paths} == {
        reverse("maturity:data_years"),
        reverse("maturity:data_json", args=[2025]),
        reverse("maturity:data_csv", args=[2025]),
    }
