"""People of the tests about assurance and representation, with accounts, and browsers in which they are signed in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.test import Client

from terpadu.directory.public import PositionView
from terpadu.identity.models import Account
from terpadu.identity.public import FamilyMember, assignment_create, person_ensure
from terpadu.identity.services.accounts import account_create
from terpadu.kernel.actors import Actor
from tests.identity.conftest import NIK, PASSWORD, SETUP

CHILD_NIK, CHILD_BORN = "3671010403220001", date(2022, 3, 4)
BUDI_NIK, RINA_NIK = "3671061705880001", "3671114309950001"
DEWI_NIK = "3671014101850002"
AHMAD_NIK = "3671010203900001"


def person(nik: str, name: str, born: date, sex: str = "L", *, has_account: bool = True) -> UUID:
    """Make a person, with an account unless told otherwise."""
    person_id = person_ensure(nik=nik, name=name, birth_on=born, sex=sex, by=SETUP)
    if has_account and not Account.objects.filter(person_id=person_id).exists():
        account_create(person_id, password=PASSWORD, by=SETUP)
    return person_id


def officer(person_id: UUID, position: PositionView) -> Actor:
    """Appoint a person and return them as the officer."""
    assignment_create(person_id=person_id, position_id=position.id, valid_from=date(2024, 1, 2), by=SETUP)
    return Actor.officer(person_id, agency=position.agency.code, position=str(position.id))


def browser_of(nik: str, *, lang: str = "id") -> Client:
    """Return a browser in which somebody has signed in with their password."""
    client = Client()
    client.cookies["language"] = lang
    response = client.post("/masuk/", {"nik": nik, "password": PASSWORD})
    assert response.status_code == 302, response.content.decode()
    return client


def child(**changes: object) -> FamilyMember:
    """Return Raka as the registry writes him; keyword arguments change it."""
    values: dict[str, object] = {
        "nik": CHILD_NIK,
        "name": "Raka Pratama",
        "birth_on": CHILD_BORN,
        "sex": "L",
        "is_married": False,
        "mother_nik": NIK,
    }
    return FamilyMember(**{**values, **changes})  # type: ignore[arg-type]  # the fields of one member, by name
