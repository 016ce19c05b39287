"""Two agencies with a directory each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import AgencyView, agency_create
from terpadu.identity.services.provider import client_keys, keys
from tests.identity.conftest import SETUP
from tests.identity.scim.directory import Directory, connect


@pytest.fixture(autouse=True)
def nothing_in_memory(settings: Settings) -> Iterator[None]:
    """Begin and end without clients and keys in memory; passwords are not what these tests are about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    client_keys._known.clear()
    keys._rings.clear()
    yield
    client_keys._known.clear()
    keys._rings.clear()


@pytest.fixture
def directory(agency: AgencyView) -> Directory:
    """The population office's directory."""
    return connect(agency.code)


@pytest.fixture
def other_agency(db: None) -> AgencyView:
    """Another agency."""
    return agency_create(
        "kominfo.36.71",
        peer_id="36710002",
        name="Dinas Kominfo Kota Tangerang",
        short_name="Kominfo",
        kind=AgencyKind.REGIONAL_OFFICE,
        region_code="36.71",
        by=SETUP,
    )
