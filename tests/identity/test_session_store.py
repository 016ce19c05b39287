"""A session and who is signed in by it, read at once; whatever does not fit together signs nobody in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from terpadu.identity.models import Account, SignIn
from terpadu.identity.web import session
from terpadu.identity.web.session_store import SessionStore
from terpadu.kernel.clock import now
from tests.identity.conftest import NAME, OTHER_NIK
from tests.identity.people import person
from tests.identity.test_pages_sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(client: Client, account: Account) -> str:
    """The session of Siti, who has signed in to `client`."""
    sign_in(client)
    return client.session.session_key or ""


def test_session_is_read_with_account_and_person_in_one_query(
    key: str, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = session.account_stored(SessionStore(key))
        assert found is not None
        assert found.person.name == NAME

    as_django_reads_it = Account.objects.select_related("person").get(pk=account.pk)
    ours, theirs = vars(found).copy(), vars(as_django_reads_it).copy()
    assert ours.pop("_state").adding is theirs.pop("_state").adding is False
    assert ours == theirs
    assert (found.person.nik_sealed, found.person.birth_on) == (
        account.person.nik_sealed,
        account.person.birth_on,
    )


def _new_password(key: str, account: Account) -> None:
    account.set_password("kata lain yang panjang")
    account.save()


def _lock(key: str, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)


def _expire(key: str, account: Account) -> None:
    Session.objects.filter(pk=key).update(expire_date=now() - timedelta(seconds=1))


def _changed(name: str) -> Callable[[str, Account], None]:
    def change(key: str, account: Account) -> None:
        store = SessionStore(key)
        store[name] = "something else"
        store.save()

    return change


def _without_proof(key: str, account: Account) -> None:
    store = SessionStore(key)
    del store[HASH_SESSION_KEY]
    store.save()


@pytest.mark.parametrize(
    "spoil",
    [_new_password, _lock, _expire, _without_proof, *map(_changed, (HASH_SESSION_KEY, BACKEND_SESSION_KEY))],
)
def test_session_that_does_not_fit_its_account_signs_nobody_in(
    client: Client, key: str, account: Account, spoil: Callable[[str, Account], None]
) -> None:
    assert client.get("/akun/").status_code == 200

    spoil(key, account)

    assert session.account_stored(SessionStore(key)) is None
    assert client.get("/akun/").status_code == 302


def test_session_that_names_another_account_is_never_that_of_the_sign_in(key: str, account: Account) -> None:
    other = Account.objects.get(person_id=person(OTHER_NIK, "Budi", date(1988, 5, 17)))
    store = SessionStore(key)
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(other.pk), other.get_session_auth_hash()
    store.save()

    assert session.account_stored(SessionStore(key)) is None


def test_session_whose_sign_in_has_ended_is_looked_up_by_django(
    client: Client, key: str, account: Account
) -> None:
    SignIn.objects.update(ended_at=now())

    assert session.account_stored(SessionStore(key)) is None
    assert client.get("/akun/").wsgi_request.user == account


def test_unknown_session_key_is_given_up(client: Client) -> None:
    store = SessionStore("x" * 32)

    assert store.get(SESSION_KEY) is None
    assert store.session_key is None
