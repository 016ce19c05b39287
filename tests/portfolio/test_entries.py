"""Records written by hand: registered once, with what exists already beside the form; mended without losing anybody's words."""

from __future__ import annotations

from typing import Any

import pytest

from terpadu.portfolio.models import Application, Cost
from terpadu.portfolio.services.applications import application_update
from terpadu.portfolio.web.forms import cost_years
from tests.portfolio.clearance import make_application
from tests.portfolio.conftest import CITY, OFFICE, SYSTEM, Country, client_of

pytestmark = pytest.mark.django_db

NEW = "/portofolio/aplikasi/baru/"
TYPED = {
    "agency": CITY,
    "name": "Pajak Daring",
    "function": "Memungut pajak daerah",
    "state": "live",
    "rab_codes": "RAB.09.02",
    "platforms": ["web", "mobile"],
    "live_on": "Maret 2021",
}


@pytest.fixture(autouse=True)
def _pages(country: Country, actor_from_header: None) -> None:
    """Every test has the country and its pages."""


def test_enter_makes_a_record_with_costs_completeness_and_history(country: Country) -> None:
    year = cost_years()[0]
    answer = client_of(country.manager).post(NEW, {**TYPED, f"cost_{year}_operation": "Rp1,2 M"}, follow=True)

    row = Application.objects.get()
    change = row.changes.get()
    assert f"The application is registered as {row.code}." in answer.content.decode()
    assert (row.name, row.agency.code, row.platforms, row.rab_codes) == (
        "Pajak Daring",
        CITY,
        ["web", "mobile"],
        ["RAB.09.02"],
    )
    assert (Cost.objects.get().rupiah, row.completeness > 30) == (1_200_000_000, True)
    assert (change.source, change.by_person) == ("page", country.manager.person_id)


def test_enter_says_that_new_money_needs_clearance_and_offers_no_planned_state(country: Country) -> None:
    page = client_of(country.manager).get(NEW).content.decode()

    assert "New money needs clearance first" in page and 'value="planned"' not in page
    assert client_of(country.manager).post(NEW, {**TYPED, "state": "planned"}).status_code == 422


@pytest.mark.parametrize("known", [{"name": "PAJAK  daring"}, {"name": "Lain", "local_id": "A1"}])
def test_enter_what_the_agency_has_already_leads_to_its_record(
    country: Country, known: dict[str, str]
) -> None:
    row = make_application(agency=CITY, **known)

    answer = client_of(country.manager).post(NEW, {**TYPED, "local_id": known.get("local_id", "")})

    page = answer.content.decode()
    assert (answer.status_code, Application.objects.count()) == (422, 1)
    assert f"/portofolio/aplikasi/{row.code}/" in page and "Memungut pajak daerah" in page


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("rab_codes", "RAB.99", "RAB.99 is not a code of the reference architecture"),
        ("live_on", "kemarin", "“kemarin” is not a day"),
        ("users_actual", "banyak", "“banyak” is not a whole number"),
        ("contract_value", "murah", "“murah” is not an amount"),
        ("ended_on", "2020", "lies before"),
        ("name", " ", "This field is required"),
        ("successor", "APL-999999", "We do not know this application"),
        (f"cost_{cost_years()[0]}_build", "murah", "Write an amount such as"),
        ("agency", OFFICE, "Select a valid choice"),
    ],
)
def test_enter_names_the_field_that_is_wrong_and_keeps_the_rest(
    country: Country, field: str, text: str, said: str
) -> None:
    answer = client_of(country.manager).post(NEW, {**TYPED, field: text})

    page = answer.content.decode()
    assert (answer.status_code, Application.objects.count()) == (422, 0)
    assert said in page and "Memungut pajak daerah" in page


def test_look_while_typing_names_doubles_and_completeness(country: Country) -> None:
    known = make_application("Pajak Daerah Daring", agency=OFFICE, function=TYPED["function"])

    part = client_of(country.manager).post(f"{NEW}lihat/", TYPED).content.decode()
    page = client_of(country.manager).post(NEW, {**TYPED, "state": "", "look": "1"})

    assert known.code in part and "complete" in part and "<html" not in part
    assert (page.status_code, known.code in page.content.decode()) == (200, True)
    assert Application.objects.count() == 1


def test_pages_of_entries_are_not_a_strangers(country: Country) -> None:
    for path in (NEW, f"{NEW}lihat/"):
        assert client_of(country.stranger).post(path, TYPED).status_code == 404
    assert client_of(None).get(NEW).status_code == 302


def shown(page: Any) -> dict[str, Any]:
    """Return what a browser would send back of a form that nobody touched, with what stood there."""
    data: dict[str, Any] = {}
    form = page.context["form"]
    for bound in form:
        value = bound.value()
        data[bound.html_name] = list(value) if isinstance(value, tuple) else "" if value is None else value
        if bound.field.show_hidden_initial:
            stood = form.data.getlist(bound.html_initial_name) if form.is_bound else data[bound.html_name]
            data[bound.html_initial_name] = stood
    return data


def test_edit_writes_only_what_was_changed(country: Country) -> None:
    row = make_application("Pajak", agency=CITY, platforms=("web",))
    path = f"/portofolio/aplikasi/{row.code}/ubah/"
    client = client_of(country.manager)

    answer = client.post(path, {**shown(client.get(path)), "function": "Memungut pajak", "short_name": "PJK"})

    assert answer.status_code == 302
    fields = set(row.changes.exclude(field="").values_list("field", flat=True))
    assert fields == {"function", "short_name"}


def test_edit_after_somebody_elses_keeps_both_and_says_what_changed(country: Country) -> None:
    row = make_application("Pajak", agency=CITY)
    path = f"/portofolio/aplikasi/{row.code}/ubah/"
    client = client_of(country.manager)
    typed = {**shown(client.get(path)), "function": "Fungsi dari saya"}
    application_update(row.id, values={"function": "Fungsi mereka", "server": "Rak 9"}, by=SYSTEM)

    answer = client.post(path, typed)
    again = client.post(path, shown(answer))

    page = answer.content.decode()
    assert (answer.status_code, again.status_code) == (422, 302)
    assert all(
        words in page for words in ("Somebody else has saved", "Fungsi mereka", "Fungsi dari saya", "Rak 9")
    )
    row.refresh_from_db()
    assert (row.function, row.server) == ("Fungsi dari saya", "Rak 9")


def test_edit_to_anothers_identifier_is_refused(country: Country) -> None:
    make_application("Parkir", agency=CITY, local_id="A1")
    row = make_application("Pajak", agency=CITY)
    path = f"/portofolio/aplikasi/{row.code}/ubah/"
    client = client_of(country.manager)

    answer = client.post(path, {**shown(client.get(path)), "local_id": "A1"})

    assert "belongs to another application" in answer.content.decode()
    assert Application.objects.get(pk=row.pk).local_id == ""
