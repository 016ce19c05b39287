"""The agency, the officer and the child of these tests, and a way to issue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from terpadu.directory.public import AgencyView, agency_create
from terpadu.documents.public import DocumentView, SignerView, document_issue
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7

SYSTEM = Actor.system("tests")
MOTHER = UUID("01900000-0000-7000-8000-000000000001")
CHILD = UUID("01900000-0000-7000-8000-000000000002")
NIK = "3671011205230001"
FACTS = {
    "nik": NIK,
    "name": "Bagas Mahendra Putra",
    "birth_place": "Tangerang",
    "birth_on": "2023-05-12",
    "sex": "male",
    "religion": "Islam",
    "address": "Jl. Melati No. 12, RT 003/RW 005, Kel. Sukasari, Kec. Tangerang",
    "birth_deed_number": "3671-LU-20052023-0042",
    "family_card_number": "3671010102190007",
    "family_head_name": "Andi Mahendra",
    "mother_name": "Sari Lestari",
}
OFFICE_HEAD = SignerView(name="Rina Wulandari", title="Kepala Dinas", nip="197503122000032001")

Issue = Callable[..., DocumentView]


@pytest.fixture(autouse=True)
def own_store(settings: Settings, tmp_path: Path) -> None:
    """Keep this test's documents apart: workers share a data directory, and tests the keys under which files are kept."""
    settings.DOCUMENTS_DIR = tmp_path / "documents"


@pytest.fixture
def agency(db: None) -> AgencyView:
    """The population office of a city."""
    return agency_create(
        "disdukcapil.36.71",
        peer_id="36710001",
        name="Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang",
        short_name="Disdukcapil Kota Tangerang",
        kind="regional_office",
        region_code="36.71",
        by=SYSTEM,
    )


@pytest.fixture
def issue(agency: AgencyView) -> Issue:
    """Issue a child identity card; keyword arguments change the order."""

    def do(**changes: Any) -> DocumentView:
        order: dict[str, Any] = {
            "template": "kia",
            "kind": "kia",
            "facts": FACTS,
            "holder": MOTHER,
            "about": CHILD,
            "agency": agency,
            "signer": OFFICE_HEAD,
            "number": "36.71-KIA-20261121-0001",
            "case_id": uuid7(),
            "valid_until": date(2028, 5, 11),
            "idempotency_key": "case-1:kia",
            "by": SYSTEM,
        }
        return document_issue(**(order | changes))

    return do
