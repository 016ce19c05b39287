"""A birth is recorded; the health insurer and the family learn of it. Real gateways and real systems of the agencies."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import httpx

from demo.population.personas import persona
from terpadu.exchange.models import EventSubscription, HeldEvent, TrailRow
from terpadu.exchange.public import TrailEntry, trail_for_person
from terpadu.exchange.selectors.places import application_key_path
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.outbox import deliver_due
from terpadu.messaging.public import MessageView, inbox_for
from tests.exchange.road import Road
from tests.gateway.processes import wait_until

BY = Actor.system("tests")
SITI = persona("siti")
CHILD = "3671016011260001"
BIRTH = {
    "nik_anak": CHILD,
    "nama_anak": "Kirana Rahmawati",
    "jenis_kelamin": "perempuan",
    "tempat_lahir": "Tangerang",
    "tanggal_lahir": "2026-11-20",
    "nik_ibu": SITI.nik,
    "nama_ibu": SITI.name,
    "nik_ayah": "3671010101900001",
    "nama_ayah": "Andi",
}
_BPJS = "Badan Penyelenggara Jaminan Sosial Kesehatan"
_PORTAL = "Terpadu, Portal Pelayanan Publik Nasional"


def check_birth_story(road: Road, siti: UUID) -> None:
    """Record a birth and see who learns of it. siti: the mother, who has an account."""
    child = person_ensure(nik=CHILD, name="Kirana", birth_on=date(2026, 11, 20), sex="P", by=BY)

    _record_birth(road)

    assert wait_until(lambda: _member(road)) == {
        "nik": CHILD,
        "nama": "Kirana Rahmawati",
        "segmen": "BAYI",
        "penanggung": SITI.nik,
    }
    message = wait_until(lambda: _message(siti))
    assert "Kirana Rahmawati" in message.subject
    assert message.link == "/layanan/?peristiwa=kelahiran"
    _check_trail(wait_until(lambda: _whole_trail(child)))
    _check_pull(road)
    assert not HeldEvent.objects.exists()
    assert all(one.cursor == one.head for one in EventSubscription.objects.all())


def _check_trail(trail: list[TrailEntry]) -> None:
    """Each of the two was told, and then read; the one who was told stands there as the one who learned something."""
    insurer, family = (
        "To register a newborn with the health insurance",
        "To tell parents which services there are for their newborn",
    )
    told = [(_BPJS, insurer), (_BPJS, insurer), (_PORTAL, family), (_PORTAL, family)]
    assert sorted((one.consumer_name, one.purpose_text.en) for one in trail) == told
    words = [[item.en for item in one.data_items] for one in trail]
    assert words.count(["A notice that a birth was recorded"]) == 2
    assert ["The child's NIK", "The child's name", "NIK of mother and father"] in words


def _record_birth(road: Road) -> None:
    secret = (road.folder / "demo" / "akta" / "authorization").read_text()
    url = f"http://127.0.0.1:{road.ports.akta}/api/kelahiran"
    answer = httpx.post(url, json=BIRTH, headers={"authorization": secret})
    assert answer.status_code == 200, answer.text


def _check_pull(road: Road) -> None:
    """The insurer may also pull, one notice at a time, each of them an exchange in the child's trail."""
    headers = {
        "authorization": f"Bearer {application_key_path('bpjs', 'kepesertaan').read_text().strip()}",
        "terpadu-purpose": "jkn.bayi",
    }
    url = f"{road.agencies_outway}/00000002/peristiwa/kelahiran"
    first = httpx.post(url, json={"after": 0, "limit": 50}, headers=headers)
    assert first.status_code == 200, first.text
    [event] = first.json()["events"]
    assert event["type"] == "id.demo.kelahiran.tercatat.v1"
    assert CHILD not in first.text
    rest = httpx.post(url, json={"after": first.json()["next"]}, headers=headers)
    assert rest.json()["events"] == []
    subject = event["subject"]
    pulled = first.headers["fsc-transaction-id"]
    wait_until(lambda: TrailRow.objects.filter(transaction_id=pulled, subject=subject).exists())


def _member(road: Road) -> dict[str, str] | None:
    deliver_due()
    key = (road.folder / "demo" / "bpjs" / "api_key").read_text()
    url = f"http://127.0.0.1:{road.ports.bpjs}/peserta/cari"
    answer = httpx.post(url, json={"nik": CHILD}, headers={"X-Kunci": key})
    found: dict[str, str] | None = answer.json() if answer.status_code == 200 else None
    return found


def _message(person_id: UUID) -> MessageView | None:
    deliver_due()
    return next((one for one in inbox_for(person_id) if "Kirana" in one.subject), None)


def _whole_trail(child: UUID) -> list[TrailEntry] | None:
    found = trail_for_person(child)
    return found if len(found) >= 4 and all(one.is_confirmed for one in found) else None
