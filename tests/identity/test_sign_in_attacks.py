"""Attacks on the pages of identity: forged posts, guessing by answers, heavy pages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLPattern, reverse

from terpadu.identity.models import Account, Mandate
from terpadu.identity.web import person_urls, urls
from terpadu.identity.web.agency import urls as agency_urls
from terpadu.identity.web.operator import urls as operator_urls
from tests.identity.conftest import NIK, PASSWORD
from tests.identity.people import CHILD_NIK, browser_of, child, person

pytestmark = pytest.mark.django_db

VALUES = {"uuid": UUID(int=7), "slug": "abcdefgh", "int": 1, "str": "abcdefgh"}
BUDGET_BYTES = 50_000


def addresses() -> Iterator[str]:
    own = (urls, person_urls, agency_urls, operator_urls)
    for entry in (entry for module in own for entry in module.urlpatterns):
        if isinstance(entry, URLPattern) and entry.name:
            kinds = re.findall(r"<(\w+):(\w+)>", str(entry.pattern))
            yield reverse(f"identity:{entry.name}", kwargs={name: VALUES[kind] for kind, name in kinds})


def test_forged_post_is_refused_on_every_page(account: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(account, backend="terpadu.identity.web.backend.AccountBackend")

    statuses = {address: client.post(address, {"number": "10"}).status_code for address in addresses()}

    assert {address: status for address, status in statuses.items() if status != 403} == {}


def test_pages_cannot_be_framed_or_cached_and_never_break(account: Account) -> None:
    client = browser_of(NIK)

    answers = {address: client.get(address) for address in addresses()}

    for address, answer in answers.items():
        assert answer.status_code < 500, address
        assert answer.headers["X-Frame-Options"] == "DENY", address
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
        assert "no-store" in answer.headers["Cache-Control"], address


def test_guardian_page_tells_nobody_whether_a_nik_is_known(account: Account) -> None:
    client, answers = browser_of(NIK), []
    person(CHILD_NIK, "Raka Pratama", child().birth_on, has_account=False)
    for nik in (CHILD_NIK, "3671010101190007"):
        typed = {"nik": nik, "name": "Raka", "birth_on_day": 4, "birth_on_month": 3, "birth_on_year": 2022}
        answer = client.post(
            "/akun/wakil/perwalian/", {**typed, "evidence": "court", "number": "1/Pdt.P/2026"}
        )
        answers.append((answer.status_code, answer.headers.get("Location")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 302
    assert Mandate.objects.count() == 2


@pytest.mark.parametrize("begun", ["/masuk/ponsel/", "/masuk/"])
def test_session_fixed_by_a_cheat_is_worth_nothing(account: Account, begun: str) -> None:
    client = Client()
    session = client.session
    session["planted"] = "x"
    session.save()
    fixed = session.session_key
    client.cookies["session"] = str(fixed)

    client.post("/masuk/", {"nik": NIK, "password": PASSWORD, "next": begun})

    assert client.session.session_key != fixed
    assert "planted" not in client.session


def test_sign_in_page_weighs_at_most_50_kb_with_all_it_loads(client: Client) -> None:
    page = client.get("/masuk/").content
    names = re.findall(rb'(?:src|href)="/static/([^"]+)"', page)
    weight = len(gzip.compress(page))
    for name in names:
        plain = re.sub(r"\.[0-9a-f]{12}\.", ".", name.decode())
        path = finders.find(plain)
        assert isinstance(path, str), plain
        with open(path, "rb") as file:
            weight += len(gzip.compress(file.read()))

    assert names
    assert weight <= BUDGET_BYTES
