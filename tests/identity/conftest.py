"""The people of these tests, and a population registry that answers as told."""

from __future__ import annotations

import base64
import hmac
import logging
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest
import structlog
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from terpadu.directory.enums import PLATFORM, AgencyKind
from terpadu.directory.public import AgencyView, PositionView, agency_create, position_create
from terpadu.identity.errors import FamilyUnavailable, PopulationUnavailable
from terpadu.identity.models import Account
from terpadu.identity.public import FamilyMember, PopulationAnswer, names_match, person_ensure
from terpadu.identity.rules.accounts import network_of
from terpadu.identity.services import accounts, catalogue, population
from terpadu.identity.services.agency_logins import oidc
from terpadu.identity.services.provider import client_keys, keys
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now

SETUP = Actor.system("tests")
NIK = "3671015406920003"
NAME = "Siti Rahmawati"
BIRTH_ON = date(1992, 6, 14)
OTHER_NIK = "3671061705880001"
PASSWORD = "empat kata acak dan murah"
SHORT_PASSWORD = "kopi7tubruk"


@pytest.fixture(autouse=True)
def nothing_in_memory() -> Iterator[None]:
    """Begin and end without clients and keys in memory: each test has a database of its own."""
    kept = (client_keys._known, keys._rings, oidc._keys)
    for one in kept:
        one.clear()
    yield
    for one in kept:
        one.clear()


@dataclass
class FakeRegistry:
    """Stands where the exchange would be: knows the persons it is given and can be switched off."""

    persons: dict[str, tuple[str, date, bool]] = field(default_factory=dict)
    is_down: bool = False
    asked: int = 0

    def __call__(self, nik: str, name: str, birth_on: date, *, by: Actor) -> PopulationAnswer:
        self.asked += 1
        if self.is_down:
            raise PopulationUnavailable(reason="switched off")
        if nik not in self.persons:
            return PopulationAnswer(False, False, False, False, "")
        known_name, known_birth, alive = self.persons[nik]
        sex = "P" if int(nik[6:8]) > 40 else "L"
        return PopulationAnswer(
            True, alive, names_match(name, known_name), birth_on == known_birth, sex, known_name
        )


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> FakeRegistry:
    """Register a population check that knows Siti."""
    fake = FakeRegistry({NIK: (NAME, BIRTH_ON, True)})
    monkeypatch.setattr(population, "_registered", [fake])
    return fake


@pytest.fixture
def visit() -> Visit:
    """Somebody's phone."""
    return Visit(network=network_of("203.0.113.7"), device="Chrome, Android")


@pytest.fixture
def siti(db: None) -> UUID:
    """A person without an account."""
    return person_ensure(nik=NIK, name=NAME, birth_on=BIRTH_ON, sex="P", by=SETUP)


@pytest.fixture
def account(siti: UUID) -> Account:
    """Siti's account with a long password alone."""
    accounts.account_create(siti, password=PASSWORD, by=SETUP)
    return Account.objects.select_related("person").get(person_id=siti)


@pytest.fixture
def agency(db: None) -> AgencyView:
    """The population office of the city."""
    return agency_create(
        "disdukcapil.36.71",
        peer_id="36710001",
        name="Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang",
        short_name="Disdukcapil Kota Tangerang",
        kind=AgencyKind.REGIONAL_OFFICE,
        region_code="36.71",
        by=SETUP,
    )


def make_platform() -> AgencyView:
    """Make the agency that operates the platform."""
    return agency_create(
        PLATFORM, peer_id="00000001", name="Terpadu", short_name="Terpadu", kind=AgencyKind.PLATFORM, by=SETUP
    )


@pytest.fixture
def platform(db: None) -> AgencyView:
    """The agency that operates the platform."""
    return make_platform()


@pytest.fixture
def operator(agency: AgencyView) -> PositionView:
    """A position of an operator."""
    return position_create(agency_code=agency.code, kind="operator_siak", title="Operator SIAK", by=SETUP)


@pytest.fixture
def head(agency: AgencyView) -> PositionView:
    """The position of the head of office."""
    return position_create(agency_code=agency.code, kind="kepala_dinas", title="Kepala Dinas", by=SETUP)


@pytest.fixture
def address(live_server: LiveServer, settings: Settings) -> Iterator[str]:
    """Where the platform runs; no thread of it is left afterwards, whatever its clients keep open."""
    settings.PUBLIC_URL = live_server.url
    yield live_server.url
    live_server.thread.httpd.hang_up()


SECRET = re.compile(r"(?<!\d)\d{16}(?!\d)|eyJ[\w-]{10,}\.[\w-]{10,}|_token['\"]?: ")
"""What no log line may hold: a NIK, a signed token, an answer with tokens."""


@pytest.fixture(autouse=True)
def no_secret_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which a NIK or a token was logged at any level, by the standard logging or by structlog."""
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as structured:
        yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    said = [record.getMessage() for record in records if not record.name.startswith("django.db")]
    said += [str(entry) for entry in structured]
    assert not [line for line in said if SECRET.search(line)]


def app_code(secret: str, *, steps: int = 0) -> str:
    """Return what an authenticator app shows for a secret, `steps` half minutes from now (RFC 6238)."""
    counter = int(now().timestamp()) // 30 + steps
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class FakeFamilies:
    """Stands where the family registry would be: tells the members it is given and can be switched off."""

    members: tuple[FamilyMember, ...] = ()
    is_down: bool = False
    asked: int = 0

    def __call__(self, person_id: UUID, *, by: Actor) -> tuple[FamilyMember, ...]:
        self.asked += 1
        if self.is_down:
            raise FamilyUnavailable(reason="switched off")
        return self.members


@pytest.fixture
def families(monkeypatch: pytest.MonkeyPatch) -> FakeFamilies:
    """Register a family registry that knows nobody yet."""
    fake = FakeFamilies()
    monkeypatch.setattr(population, "_families", [fake])
    return fake


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """Register two services to act in."""
    names = {
        "dukcapil.kia.baru": {"id": "Kartu Identitas Anak", "en": "Child identity card"},
        "kecamatan.domisili": {"id": "Surat domisili", "en": "Letter of domicile"},
    }
    monkeypatch.setattr(catalogue, "_registered", [lambda: names])
    return names
