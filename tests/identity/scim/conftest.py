"""Two agencies with a directory each."""

from __future__ import annotations

import pytest

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import AgencyView, agency_create
from tests.identity.conftest import SETUP
from tests.identity.scim.directory import Directory, connect


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
