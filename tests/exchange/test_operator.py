"""Who runs the exchange holds the position at its operator: one that is called alike elsewhere opens nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from terpadu.directory import demo as directory_demo
from terpadu.directory.demo import DUKCAPIL, PORTAL
from terpadu.directory.models import Agency, Position
from terpadu.directory.public import agency_get, agency_list, position_list
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.policies import check_operates, operates
from terpadu.identity.models import Assignment
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from tests.exchange.test_console import NEW
from tests.exchange.test_pages import officer, person, signed_in

pytestmark = pytest.mark.django_db
ONE = UUID(int=1)
OF_THE_OPERATOR: dict[str, dict[str, str]] = {
    "/pertukaran/peta/": {},
    "/pertukaran/gabung/permintaan/": {},
    f"/pertukaran/gabung/permintaan/{ONE}/setujui/": {},
    "/pertukaran/pengawas/catatan/": {},
    "/pertukaran/gabung/instansi/": NEW,
}
"""Pages of the operator, with what is sent to those that take a form alone."""


@pytest.fixture
def agencies(db: None, exchange_dir: Path) -> None:
    """The agencies of the demo country and their positions."""
    directory_demo.seed()


def called_alike(agency_code: str) -> Actor:
    """Put an operator's position into an agency past the services that refuse it; returns who holds it."""
    agency = Agency.objects.get(code=agency_code)
    row = Position.objects.create(agency=agency, kind=OPERATOR, title="Operator")
    Assignment.objects.create(person_id=person("agus"), position=row, valid_from=date(2024, 1, 1))
    return Actor.officer(person("agus"), agency=agency_code, position=str(row.id))


@pytest.mark.parametrize("path", OF_THE_OPERATOR)
def test_page_of_the_operator_stays_closed_to_a_position_called_alike(agencies: None, path: str) -> None:
    alike = called_alike(DUKCAPIL)
    assert alike.person_id is not None
    client, form = signed_in(alike.person_id), OF_THE_OPERATOR[path]
    before = len(agency_list())

    answer = client.post(path, form) if form else client.get(path)

    assert answer.status_code == 403
    assert len(agency_list()) == before


def test_joining_lets_a_position_called_alike_choose_no_other_agency(agencies: None) -> None:
    alike = called_alike(DUKCAPIL)
    clerk = officer("agus", DUKCAPIL, kind="pengelola_data", lang="en")
    clerk.post("/akun/jabatan/", {"position": alike.position})

    page = clerk.get("/pertukaran/gabung/?instansi=polri").content.decode()

    assert "Which agency joins" not in page
    assert "Korlantas" not in page


@pytest.mark.parametrize(
    ("agency_code", "kind", "expected"),
    [(PORTAL, OPERATOR, True), (PORTAL, "operator_identitas", False), (DUKCAPIL, OPERATOR, False)],
)
def test_operator_is_known_by_position_and_agency(
    agencies: None, agency_code: str, kind: str, expected: bool
) -> None:
    called_alike(DUKCAPIL)
    [position] = position_list(agency_code, kind=kind)
    by = Actor.officer(person("agus"), agency=agency_code, position=str(position.id))

    assert operates(position) is expected
    if expected:
        assert check_operates(by) == by.person_id
    else:
        with pytest.raises(NotAllowed):
            check_operates(by)


@pytest.mark.parametrize(("kind", "expected"), [(OPERATOR, True), ("operator_identitas", False)])
def test_console_leads_to_the_map_only_who_may_see_it(agencies: None, kind: str, expected: bool) -> None:
    client: Client = officer("budi", agency_get(PORTAL).code, kind=kind)

    assert ("/pertukaran/peta/" in client.get("/pertukaran/").content.decode()) is expected
    assert (client.get("/pertukaran/peta/").status_code == 200) is expected
