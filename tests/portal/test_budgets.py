"""What a page may cost: bytes over the line, requests, queries. Figures are printed in the failure, to be quoted."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from terpadu.documents.public import document_list_for
from tests.casework.conftest import World, person_of
from tests.portal.conftest import KIA, signed_in
from tests.portal.test_application import answer_child, start

pytestmark = pytest.mark.django_db

KB = 1000
QUERIES = 15
OWN_PAGES = ["/", "/layanan/", f"/layanan/{KIA}/", "/permohonan/", "/pesan/", "/dompet/", "/jejak/"]


def transfer(client: Client, address: str) -> int:
    """Return the compressed size of a page in bytes, as the server sends it to a browser."""
    response = client.get(address, headers={"accept-encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    return len(response.content)


def assets(client: Client, address: str) -> list[bytes]:
    """Return what a browser fetches for a page besides the page itself."""
    page = client.get(address).content.decode()
    names = set(re.findall(r'(?:<link[^>]*href|src)="/static/([^"]+)"', page))
    found = [finders.find(name) for name in sorted(names)]
    assert all(isinstance(path, str) for path in found)
    return [Path(str(path)).read_bytes() for path in found]


def test_first_visit_of_home_costs_at_most_50_kb_and_6_requests(client: Client, world: World) -> None:
    others = assets(client, "/")

    size = transfer(client, "/") + sum(len(gzip.compress(content, 9)) for content in others)

    assert 1 + len(others) <= 6
    assert size <= 50 * KB, size


def test_next_form_page_costs_at_most_15_kb(siti: Client) -> None:
    first = start(siti)
    second = answer_child(siti, first)

    sizes = {address: transfer(siti, address) for address in (first, second)}

    assert max(sizes.values()) <= 15 * KB, sizes


def test_pages_load_no_script(siti: Client) -> None:
    assert [page for page in OWN_PAGES if "<script" in siti.get(page).content.decode()] == []


@pytest.mark.parametrize("page", OWN_PAGES)
def test_own_page_costs_few_queries(
    siti: Client, issued_case: UUID, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    siti.get(page)
    with django_assert_max_num_queries(QUERIES):
        assert siti.get(page).status_code == 200


def test_case_and_document_pages_cost_few_queries(
    siti: Client, issued_case: UUID, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    [document] = document_list_for(person_of(world.siti))
    for page in (
        f"/permohonan/{issued_case}/",
        f"/permohonan/{issued_case}/terkirim/",
        f"/dompet/{document.id}/",
    ):
        with django_assert_max_num_queries(QUERIES):
            assert siti.get(page).status_code == 200


def test_form_pages_cost_few_queries(
    siti: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    second = answer_child(siti, start(siti))
    siti.get(second)
    with django_assert_max_num_queries(QUERIES):
        assert siti.get(second).status_code == 200


def test_home_of_a_stranger_costs_no_more_queries_with_more_services(
    client: Client, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/")
    with django_assert_max_num_queries(4):
        client.get("/")


def test_lists_cost_the_same_with_more_cases(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    siti = signed_in(world.siti)
    for _ in range(12):
        siti.post(f"/layanan/{KIA}/mulai/")
    siti.get("/permohonan/")
    with django_assert_max_num_queries(QUERIES):
        siti.get("/permohonan/")
