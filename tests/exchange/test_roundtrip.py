"""The toll road end to end: this control plane, two real gateways, the real demo systems."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography import x509
from django.conf import settings
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from demo.population.personas import persona
from terpadu.directory import demo as directory_demo
from terpadu.directory.public import authority_path
from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.errors import (
    ExchangeGarbled,
    ExchangeUnavailable,
    NoContract,
    NothingFound,
    SubjectMismatch,
)
from terpadu.exchange.models import DeliveredRecord, Grant
from terpadu.exchange.public import (
    ContractView,
    ExchangeAnswer,
    ExchangeRequest,
    TrailEntry,
    contract_list,
    contract_revoke,
    exchange_call,
    trail_for_person,
)
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.selectors.proofs import certificates_for
from terpadu.exchange.services.calls import APPLICATION
from terpadu.identity.errors import PopulationUnavailable
from terpadu.identity.public import person_ensure
from terpadu.identity.services.population import family_check, population_check
from terpadu.kernel.actors import Actor
from terpadu_wire.kept_signatures import Signers, read_certificates, signers_of
from terpadu_wire.properties import parse_properties
from terpadu_wire.records import record_from_json
from tests.exchange.birth_story import check_birth_story
from tests.exchange.fsc_story import foreign_party_story, trust_foreign_anchor
from tests.exchange.road import Ports, Road, running_road
from tests.gateway.processes import wait_until

BY = Actor.system("tests")
SITI = persona("siti")
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def road(live_server: LiveServer, exchange_dir: Path, settings: Settings) -> Iterator[Road]:
    ports = Ports.free()
    settings.CONTROL_URL = live_server.url
    settings.DEMO_PORTS = ports.as_settings()
    settings.OUTWAY_URL = f"http://127.0.0.1:{ports.outway}"
    directory_demo.seed()
    exchange_demo.seed()
    settings.FSC_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    trust_foreign_anchor()
    with running_road(exchange_dir.parent, ports=ports, with_events=True) as road:
        yield road


def test_exchange_call_round_trip(road: Road) -> None:
    """One road for the whole story: starting it costs more than each step of it."""
    siti = person_ensure(nik=SITI.nik, name=SITI.name, birth_on=SITI.birth_on, sex=SITI.sex, by=BY)

    answer = _family(siti)

    _check_filtered(answer)
    entry = _trail_entry(siti, answer)
    _check_entry(entry, answer)
    _check_message_signatures(answer)
    _check_registration()
    _check_family(siti)
    _check_other_person(siti)
    check_birth_story(road, siti)
    _check_nothing_found()
    _check_faults(road, siti)
    _check_foreign_party(road)
    _check_revoked(road)
    _check_gateway_stopped(road)
    for log in road.folder.glob("*.log"):
        assert SITI.nik not in log.read_text()


def _check_message_signatures(answer: ExchangeAnswer) -> None:
    """What the records keep is enough to check both gateways' message signatures again, with certificates alone."""
    rows = DeliveredRecord.objects.filter(transaction_id=answer.transaction_id)
    records = [record_from_json(row.line.encode()) for row in rows]
    authority = x509.load_pem_x509_certificate(authority_path().read_bytes())
    certified = read_certificates(certificates_for(records), authorities=[authority])
    found = {(one.side, one.phase): signers_of(one, certified=certified) for one in records}
    consumer, provider = records[0].consumer, records[0].provider
    assert found["in", "request"] == found["out", "request"] == Signers(consumer, "")
    assert found["in", "response"] == found["out", "response"] == Signers(consumer, provider)


def _check_foreign_party(road: Road) -> None:
    """A party with code, keys and a trust anchor of its own announces itself, contracts, calls and reads the log."""
    foreign_party_story(road, nik=SITI.nik)


def _family(person_id: UUID | None, *, nik: str = SITI.nik) -> ExchangeAnswer:
    request = ExchangeRequest(
        consumer_agency=directory_demo.DISDUKCAPIL,
        service="dukcapil/kependudukan",
        operation="cariKeluarga",
        body={"nik": nik},
        subject_person_id=person_id,
        purpose="kia.verifikasi",
        evidence="KIA-2026-000001",
        on_behalf_of="person:self",
    )
    return exchange_call(request, by=BY)


def _check_filtered(answer: ExchangeAnswer) -> None:
    body = answer.body
    assert isinstance(body, dict)
    family = body["data"]
    assert isinstance(family, dict)
    members = family["anggota"]
    assert isinstance(members, list)
    assert "RAKA PRATAMA" in [member["nama_lengkap"] for member in members if isinstance(member, dict)]
    dropped = {"agama", "pendidikan", "jenis_pekerjaan", "golongan_darah", "telepon"}
    assert all(isinstance(member, dict) and not dropped & member.keys() for member in members)
    assert body.keys() == {"data"}
    assert answer.provider.code == directory_demo.DUKCAPIL


def _trail_entry(person_id: UUID, answer: ExchangeAnswer) -> TrailEntry:
    """Wait until the records of both sides have arrived, the provider's of its answer too."""

    def confirmed() -> TrailEntry | None:
        found = [one for one in trail_for_person(person_id) if one.transaction_id == answer.transaction_id]
        return found[0] if found and found[0].is_confirmed and found[0].data_items else None

    return wait_until(confirmed)


def _check_entry(entry: TrailEntry, answer: ExchangeAnswer) -> None:
    assert entry.consumer_name == "Terpadu, Portal Pelayanan Publik Nasional"
    assert entry.delegator_name == "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang"
    assert entry.provider_name.startswith("Direktorat Jenderal Kependudukan")
    assert entry.evidence == "KIA-2026-000001"
    assert entry.purpose_text.en.startswith("To check an application for a child identity card")
    assert "UU 24/2013" in entry.legal_basis
    items = [item.en for item in entry.data_items]
    assert "Family card number" in items
    assert items.count("Address") == 1
    assert not {"Religion", "Education", "Telephone"} & set(items)
    records = DeliveredRecord.objects.filter(transaction_id=answer.transaction_id)
    wait_until(lambda: records.count() == 4)  # two sides, two phases


def _check_registration() -> None:
    right = population_check(SITI.nik, SITI.name, SITI.birth_on, by=BY)
    wrong = population_check(SITI.nik, "Orang Lain", date(1990, 1, 1), by=BY)
    unknown = population_check("3671015406920999", SITI.name, SITI.birth_on, by=BY)

    assert right.is_confirmed
    assert right.sex == "P"
    assert (wrong.found, wrong.name_matches, wrong.birth_matches) == (True, False, False)
    assert not unknown.found


def _check_family(person_id: UUID) -> None:
    members = {member.nik: member for member in family_check(person_id, by=BY)}

    assert persona("raka").nik in members
    assert members[persona("raka").nik].mother_nik == SITI.nik
    assert not members[persona("raka").nik].is_married
    assert members[SITI.nik].is_married


def _check_other_person(person_id: UUID) -> None:
    with pytest.raises(SubjectMismatch):
        _family(person_id, nik=persona("dewi").nik)


def _check_nothing_found() -> None:
    with pytest.raises(NothingFound):
        _family(None, nik="3671015406920999")


def _check_faults(road: Road, person_id: UUID) -> None:
    road.fail("dukcapil", garbage=True)
    with pytest.raises(ExchangeGarbled):
        _family(person_id)
    road.fail("dukcapil", misshapen=True)
    with pytest.raises(
        SubjectMismatch
    ):  # such an answer names nobody, so the provider's gateway withholds it
        _family(person_id)
    road.fail("dukcapil", wrong_person=True)
    with pytest.raises(SubjectMismatch):
        _family(person_id)
    road.fail("dukcapil", status=503)
    with pytest.raises(ExchangeUnavailable) as failed:
        _family(person_id)
    assert failed.value.reason == "system.failed"
    road.fail("dukcapil", delay_ms=6000)
    with pytest.raises(ExchangeUnavailable):
        _family(person_id)
    road.fail("dukcapil")
    assert _family(person_id).transaction_id


def _check_revoked(road: Road) -> None:
    """A revoked contract is refused by the gateway itself as well; we ask it past our own look."""
    [view] = [
        one for one in contract_list(peer_id="36710001") if "kia.verifikasi" in _purposes(one)
    ]  # without the foreign party's
    grant = Grant.objects.get(contract__content_hash=view.content_hash, service="akta-kelahiran")
    body = {"nik_anak": persona("raka").nik}
    assert _ask_gateway(grant, body).status_code == 200

    contract_revoke(view.content_hash, agency_code=directory_demo.DUKCAPIL, by=BY)

    refused = wait_until(lambda: _refusal(_ask_gateway(grant, body)))
    assert refused == "contract.revoked"
    with pytest.raises(NoContract):
        _family(None)


def _purposes(view: ContractView) -> set[str]:
    return {parse_properties(grant.properties).purpose.code for grant in view.content.connection_grants()}


def _ask_gateway(grant: Grant, body: dict[str, str]) -> httpx.Response:
    key = application_key_path(directory_demo.PORTAL, APPLICATION).read_text()
    headers = {
        "authorization": f"Bearer {key}",
        "fsc-grant-hash": grant.grant_hash,
        "terpadu-purpose": grant.purpose,
        "terpadu-evidence": "KIA-2026-000001",
        "terpadu-on-behalf-of": "person:self",
        "terpadu-consent": "",
    }
    url = f"{settings.OUTWAY_URL}/{grant.provider}/{grant.service}/api/akta-kelahiran"
    return httpx.post(url, headers=headers, json=body)


def _refusal(response: httpx.Response) -> str:
    return "" if response.status_code == 200 else str(response.json()["code"])


def _check_gateway_stopped(road: Road) -> None:
    road.portal.terminate()

    with pytest.raises(PopulationUnavailable):
        population_check(SITI.nik, SITI.name, SITI.birth_on, by=BY)
