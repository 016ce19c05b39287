"""The ministries' systems over the demo country's road, each through its door; and one that joins while all runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from django.conf import settings as django_settings
from pydantic import JsonValue
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from zeep import Client as SoapClient
from zeep import Settings as SoapSettings
from zeep.exceptions import Fault

from demo.bansos.app import HERE
from demo.population.personas import persona
from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_create, agency_get
from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.demo.systems import SOAP_APPLICATION, XROAD_CODE
from terpadu.exchange.errors import NothingFound
from terpadu.exchange.public import ExchangeRequest, exchange_call, trail_for_person
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.services.calls import APPLICATION
from terpadu.exchange.services.connecting import DoorRequest, Place, connect_door
from terpadu.exchange.services.doors import xroad_local_key_path
from terpadu.exchange.services.trials import Trial, first_call, trial_contract
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from tests.exchange.road import Ports, Road, running_road
from tests.gateway.processes import wait_until

BY = Actor.system("tests")
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SITI, ALYA, RAKA, BUDI, DEWI = (persona(key) for key in ("siti", "alya", "raka", "budi", "dewi"))
RULES = {"chosen": {"name": "surat", "key": ["nomor"], "lookup": ["nik"], "columns": [{"column": "N I K", "name": "nik"}, {"column": "Nomor Surat", "name": "nomor"}]}}  # fmt: skip


@pytest.fixture
def road(live_server: LiveServer, exchange_dir: Path, settings: Settings) -> Iterator[Road]:
    """The demo country's road with its ministries."""
    ports = Ports.free()
    settings.CONTROL_URL, settings.DEMO = live_server.url, True
    settings.DEMO_PORTS = ports.as_settings()
    settings.OUTWAY_URL = f"http://127.0.0.1:{ports.outway}"
    directory_demo.seed()
    exchange_demo.seed()
    with running_road(exchange_dir.parent, ports=ports, with_ministries=True) as road:
        yield road


def _read(
    service: str,
    operation: str,
    purpose: str,
    body: dict[str, JsonValue],
    *,
    agency: str = "portal",
    evidence: str = "",
) -> JsonValue:
    request = ExchangeRequest(
        consumer_agency=agency,
        service=service,
        operation=operation,
        body=body,
        subject_person_id=None,
        purpose=purpose,
        evidence=evidence,
        on_behalf_of="person:self",
    )
    return exchange_call(request, by=BY).body


def test_seven_agencies_answer_through_their_doors(road: Road) -> None:
    """One road for all doors: starting it costs more than each step of it."""
    siti = person_ensure(nik=SITI.nik, name=SITI.name, birth_on=SITI.birth_on, sex=SITI.sex, by=BY)

    _check_rest()
    _check_soap()
    _check_soap_client(road)
    _check_fhir()
    _check_database(siti)
    _check_table_over_xroad(road)
    _check_new_system_joins_while_all_runs(road)
    for log in road.folder.glob("*.log"):
        assert SITI.nik not in log.read_text()


def _check_rest() -> None:
    pupil = _read("dikdasmen/peserta-didik", "cariPesertaDidik", "keluarga.sekolah", {"nik": ALYA.nik})
    employee = _read("bkn/pegawai", "profilPegawai", "asn.profil", {"nik": BUDI.nik})  # mTLS
    bill = _read("kemenkeu/penerimaan", "buatTagihan", "pnbp.tagihan", _bill("satu"))  # OAuth2
    again = _read("kemenkeu/penerimaan", "buatTagihan", "pnbp.tagihan", _bill("satu"))

    assert isinstance(pupil, dict)
    assert pupil["pip"] == {"layak": False} or pupil["pip"] == {"layak": True}
    assert isinstance(employee, dict)
    assert employee["nip"] == "198805172012031001"
    assert isinstance(bill, dict)
    assert bill == again
    assert len(str(bill["kodeBilling"])) == 15


def _bill(key: str) -> dict[str, JsonValue]:
    return {
        "nikWajibBayar": SITI.nik,
        "namaWajibBayar": SITI.name,
        "kodeAkun": "425411",
        "kodeSatker": "660001",
        "jumlah": 75_000,
        "kunciPermintaan": key,
    }


def _check_soap_client(road: Road) -> None:
    """A program that speaks SOAP goes on speaking it, through both gateways and the door, under a contract of its own."""
    key = application_key_path(directory_demo.KECAMATAN, SOAP_APPLICATION).read_text().strip()
    dewi = person_ensure(nik=DEWI.nik, name=DEWI.name, birth_on=DEWI.birth_on, sex=DEWI.sex, by=BY)
    road_headers = {
        "Authorization": f"Bearer {key}",
        "Terpadu-Purpose": "dtsen.pemadanan",
        "Terpadu-Evidence": "PADAN-2026-000001",
    }
    program = SoapClient(
        (HERE / "service.wsdl").as_uri(), settings=SoapSettings(extra_http_headers=road_headers)
    )
    provider = agency_get(directory_demo.KEMENSOS).peer_id
    address = f"http://127.0.0.1:{road.ports.outway}/{provider}/dtsen/soap"
    service = program.create_service("{http://siks.contoh.go.id/ws/dtsen}DtsenSoap11", address)

    answer = service.CekKepesertaan(nik=DEWI.nik)
    assert (answer.nik, answer.desil) == (DEWI.nik, 2)
    with pytest.raises(Fault, match="Data tidak ditemukan"):  # the system's own word
        service.CekKepesertaan(nik="3671015406920999")
    with pytest.raises(Fault, match="does not open this operation"):  # the gateway's
        service.DaftarProgram()
    assert wait_until(lambda: "Kepesertaan bantuan sosial" in str(trail_for_person(dewi)))


def _check_soap() -> None:
    aid = _read(
        "kemensos/dtsen", "CekKepesertaan", "sktm.verifikasi", {"nik": DEWI.nik},
        agency=directory_demo.KECAMATAN, evidence="SKTM-2026-000001",
    )  # fmt: skip

    assert isinstance(aid, dict)
    assert aid["desil"] == 2
    assert "nama" not in aid
    with pytest.raises(NothingFound):
        _read(
            "kemensos/dtsen", "CekKepesertaan", "sktm.verifikasi", {"nik": "3671015406920999"},
            agency=directory_demo.KECAMATAN, evidence="SKTM-2026-000001",
        )  # fmt: skip


def _check_fhir() -> None:
    bundle = _read("kemenkes/satusehat", "search_Immunization", "keluarga.imunisasi", {"nik": RAKA.nik})

    assert isinstance(bundle, dict)
    entries = bundle["entry"]
    assert isinstance(entries, list)
    kinds = [entry["resource"]["resourceType"] for entry in entries]  # type: ignore[call-overload,index]  # JSON of a Bundle
    assert kinds[0] == "Patient"
    assert kinds.count("Immunization") == bundle["total"]


def _check_database(siti: UUID) -> None:
    licence = _read("polri/sim", "lookup_sim", "sim.perpanjangan", {"nik": SITI.nik})

    assert isinstance(licence, dict)
    [item] = licence["items"]  # type: ignore[misc]  # JSON of the door
    assert item["golongan"] == "C"
    assert "nama" not in item
    entries = wait_until(
        lambda: [one for one in trail_for_person(siti) if one.provider_name.startswith("Korps")]
    )
    assert entries[0].purpose_text.en == "To look at a driving licence that is to be renewed"


def _check_table_over_xroad(road: Road) -> None:
    identifier = f"ID/GOV/36710101/{XROAD_CODE}"
    key = xroad_local_key_path(directory_demo.KECAMATAN, XROAD_CODE).read_text()
    headers = {
        "X-Road-Client": identifier,
        "Authorization": f"Bearer {key}",
        "X-Road-Issue": "SRT-2026-0001",
        "X-Road-Id": "m1",
    }
    url = f"http://127.0.0.1:{road.ports.doors}/r1/ID/GOV/36710107/layanan/surat/surat/lookup"

    answer = httpx.post(url, json={"nik": persona("ahmad").nik}, headers=headers, timeout=20)
    refused = httpx.post(url, json={"nik": SITI.nik}, headers=headers | {"X-Road-Issue": ""}, timeout=20)

    assert answer.status_code == 200, answer.text
    assert answer.json()["items"][0]["nik"] == persona("ahmad").nik
    assert answer.headers["x-road-id"] == "m1"
    assert answer.headers["x-road-request-id"]
    assert refused.headers["x-road-error"] == "Client.EvidenceRequired"


def _check_new_system_joins_while_all_runs(road: Road) -> None:
    """An agency that did not exist a moment ago answers its first call; nothing is started again."""
    pids = [road.agencies.pid, road.portal.pid, road.others[0].pid]
    agency_create(
        "dinkes.36.71", peer_id="36710009", name="Dinas Kesehatan", short_name="Dinkes", kind="regional_office",
        region_code="36.71", by=BY,
    )  # fmt: skip
    file = road.folder / "demo" / "kelurahan" / "Register Surat 2026.csv"
    place = Place("dinkes.36.71", "register", gateway="agencies")
    connected = connect_door(
        place, DoorRequest("table", {"file": str(file), "refresh_hours": 1, **RULES}), by=BY
    )
    trial = Trial("portal", subject="/nik", match="/items/*/nik")
    contract = trial_contract(connected.interface.service, trial, by=BY)

    assert contract.state == "valid"
    assert "curl" in first_call(connected.interface.service, trial)
    url = f"{django_settings.OUTWAY_URL}/36710009/register/surat/lookup"
    key = application_key_path("portal", APPLICATION).read_text()
    headers = {"authorization": f"Bearer {key}", "terpadu-purpose": trial.purpose}

    def answered() -> httpx.Response | None:
        answer = httpx.post(url, json={"nik": persona("ahmad").nik}, headers=headers)
        return answer if answer.status_code == 200 else None

    answer = wait_until(answered)
    assert answer.json()["is_stale"] is False
    _check_age(file, url, headers)
    assert pids == [road.agencies.pid, road.portal.pid, road.others[0].pid]
    assert all(program.exit_code() is None for program in (road.agencies, road.portal, *road.others))


def _check_age(file: Path, url: str, headers: dict[str, str]) -> None:
    two_hours_ago = time.time() - 7200
    os.utime(file, (two_hours_ago, two_hours_ago))

    def is_stale() -> bool:
        # The trial contract lets five calls a second pass, and waiting for the first answer has used them.
        answer = httpx.post(url, json={"nik": persona("ahmad").nik}, headers=headers)
        return answer.json().get("is_stale") is True

    wait_until(is_stale)
