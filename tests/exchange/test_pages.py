"""Pages about purposes, consents, explanations and breaks: who sees what, and what a click does."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN
from terpadu.directory.public import position_list
from terpadu.exchange.models import EventSubscription, Grant, HeldEvent
from terpadu.exchange.public import consent_ask, consents_of_person, purpose_get, purpose_list
from terpadu.exchange.services.breaks import breaks_count
from terpadu.exchange.web.words import text_of
from terpadu.identity.models import Account
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.identity.services.accounts import account_create
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.properties import parse_properties
from tests.exchange.test_enforcement import broken

BY = Actor.system("tests")
BACKEND = "terpadu.identity.web.backend.AccountBackend"
pytestmark = pytest.mark.django_db
NIKS = {"siti": "3671015406920003", "budi": "3671061705880001", "agus": "3671020608850001"}


def person(name: str) -> UUID:
    person_id = person_ensure(nik=NIKS[name], name=name.title(), birth_on=date(1990, 1, 1), sex="P", by=BY)
    if not Account.objects.filter(person_id=person_id).exists():
        account_create(person_id, password="kata sandi yang panjang", by=BY)
    return person_id


def signed_in(person_id: UUID, *, lang: str = "id") -> Client:
    client = Client(headers={"accept-language": lang})
    client.cookies["language"] = lang
    client.force_login(Account.objects.get(person_id=person_id), backend=BACKEND)
    return client


def officer(name: str, agency: str, *, kind: str = "", lang: str = "id") -> Client:
    """Return the browser of an officer of an agency, in its first position or that of a kind."""
    person_id = person(name)
    position = next(one for one in position_list(agency) if kind in ("", one.kind))
    assignment_create(person_id=person_id, position_id=position.id, valid_from=date(2024, 1, 1), by=BY)
    return signed_in(person_id, lang=lang)


FILLED = {
    "service": f"{DUKCAPIL}/kependudukan",
    "code": "domisili.uji",
    "text_id": "Menguji tujuan",
    "text_en": "To try a purpose",
    "basis": "public_task",
    "article": "UU 24/2013 ps. 58",
    "data_items": "NIK\nAlamat",
    "retention": "5 tahun",
    "expected_calls": "10",
    "disclosure": "now",
    "risk_special_data": "Tidak",
    "risk_automated_decision": "Tidak",
    "risk_large_scale": "Tidak",
    "risk_minimal": "Perlu",
    "risk_safeguards": "Petugas",
}


def filled(**changes: str) -> dict[str, str]:
    return FILLED | {"until": (now().date() + timedelta(days=90)).isoformat()} | changes


def test_purpose_with_too_many_data_says_so_at_the_field(country: Path) -> None:
    answer = officer("agus", KECAMATAN).post("/pertukaran/tujuan/baru/", filled(data_items="NIK\n" * 201))
    assert answer.status_code == 200
    assert "Paling banyak 200 baris, masing-masing paling banyak 2.000 huruf." in answer.content.decode()


def test_words_for_a_purpose_that_a_colleague_has_moved_on_stay_to_be_copied(country: Path) -> None:
    consumer, provider = officer("agus", KECAMATAN), officer("budi", DUKCAPIL, lang="en")
    address = consumer.post("/pertukaran/tujuan/baru/", filled())["Location"]
    consumer.post(f"{address}ajukan/")

    changed = consumer.post(f"{address}ubah/", filled(article="UU 24/2013 ps. 58 ayat (4)"))
    provider.post(f"{address}setujui/")
    rejected = provider.post(f"{address}tolak/", {"reason": "Dasar hukumnya belum tepat"})

    assert (changed.status_code, rejected.status_code) == (409, 409)
    assert "UU 24/2013 ps. 58 ayat (4)" in changed.content.decode()
    assert "Dasar hukumnya belum tepat</textarea>" in rejected.content.decode()
    assert provider.get(f"{address}tolak/").status_code == 409


def test_purpose_walks_from_the_form_to_approval_by_the_other_agency(country: Path) -> None:
    consumer, provider = officer("agus", KECAMATAN), officer("budi", DUKCAPIL, lang="en")
    form = consumer.get("/pertukaran/tujuan/baru/?dari=service_check")
    assert "UU 24/2013" in form.content.decode()
    answer = consumer.post("/pertukaran/tujuan/baru/", filled())
    assert answer.status_code == 302
    address = answer["Location"]
    purpose = next(one for one in purpose_list(KECAMATAN) if one.content.code == "domisili.uji")
    assert provider.get(address).status_code == 404

    assert consumer.post(f"{address}ajukan/").status_code == 302
    waiting = provider.get("/pertukaran/tujuan/").content.decode()
    assert "Waiting for your answer" in waiting
    assert "To try a purpose" in waiting
    assert "Sign and approve" in provider.get(address).content.decode()
    assert provider.post(f"{address}setujui/").status_code == 302
    assert purpose_get(purpose.id).state == "active"

    short = provider.post(f"{address}tangguhkan/", {"reason": "pendek"})
    assert short.status_code == 200
    provider.post(f"{address}tangguhkan/", {"reason": "Sedang kami periksa ulang"})
    assert purpose_get(purpose.id).state == "suspended"
    assert "Sedang kami periksa ulang" in consumer.get(address).content.decode()
    assert consumer.post(f"{address}lanjutkan/").status_code == 409
    provider.post(f"{address}lanjutkan/")
    consumer.post(f"{address}arsipkan/")
    assert purpose_get(purpose.id).state == "archived"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "Huruf Besar"}, "huruf kecil"),
        ({"until": "2020-01-01"}, "paling lama lima tahun"),
        ({"expected_calls": "0"}, "1"),
        ({"risk_minimal": ""}, "wrong"),
        ({"service": "x/y"}, "wrong"),
    ],
)
def test_purpose_form_says_what_is_wrong(country: Path, changes: dict[str, str], words: str) -> None:
    answer = officer("agus", KECAMATAN).post("/pertukaran/tujuan/baru/", filled(**changes))
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_purpose_pages_are_for_officers_of_the_two_agencies(country: Path) -> None:
    purpose = purpose_list(KECAMATAN)[0]
    citizen, stranger = signed_in(person("siti")), officer("agus", "satpolpp.36.71")
    assert Client().get("/pertukaran/tujuan/").status_code == 302
    assert citizen.get("/pertukaran/tujuan/").status_code == 403
    assert stranger.get(f"/pertukaran/tujuan/{purpose.id}/").status_code == 404
    assert stranger.post(f"/pertukaran/tujuan/{purpose.id}/setujui/").status_code in (403, 404)


def test_consent_page_asks_gives_and_withdraws(country: Path) -> None:
    person_id = person("siti")
    grant = Grant.objects.get(purpose="usaha.surat")
    client = signed_in(person_id)
    assert "Belum ada" in client.get("/persetujuan-data/").content.decode()
    view = consent_ask(person_id, grant_hash=grant.grant_hash, until=now() + timedelta(days=9), by=BY)

    page = client.get("/persetujuan-data/").content.decode()
    assert "Kecamatan Tangerang" in page
    assert "Alamat" in page
    client.post(f"/persetujuan-data/{view.id}/beri/")
    assert consents_of_person(person_id)[0].holds
    assert "satu menit" in client.get(f"/persetujuan-data/{view.id}/tarik/").content.decode()
    client.post(f"/persetujuan-data/{view.id}/tarik/")
    assert consents_of_person(person_id)[0].state == "withdrawn"
    assert client.get(f"/persetujuan-data/{view.id}/tarik/").status_code == 409
    assert signed_in(person("agus")).post(f"/persetujuan-data/{view.id}/beri/").status_code == 404


@pytest.mark.parametrize("lang", ["id", "en"])
def test_explain_page_answers_in_words(country: Path, lang: str) -> None:
    client = officer("agus", KECAMATAN, lang=lang)
    asked = {
        "consumer": KECAMATAN,
        "service": "00000002/kependudukan#cariKeluarga",
        "purpose": "domisili.surat",
    }
    refused = client.get("/pertukaran/periksa/", asked).content.decode()
    assert "evidence.required" in refused
    allowed = client.get("/pertukaran/periksa/", asked | {"evidence": "DOM-2026-1"}).content.decode()
    assert "note ok" in allowed
    grant = Grant.objects.get(service="kependudukan", purpose="domisili.surat")
    words = text_of(parse_properties(grant.properties).purpose.text)
    for answer in (refused, allowed):
        assert f'<a href="/pertukaran/perjanjian/{grant.contract.iv}/">' in answer
        assert words in answer
        assert "$1$" not in answer
    for far in ("0001-01-01", "9999-12-31"):
        far_off = client.get("/pertukaran/periksa/", asked | {"evidence": "DOM-2026-1", "at": far})
        assert (far_off.status_code, far_off.context["found"]) == (200, None)
        assert "at" in far_off.context["form"].errors
    fresh = client.get("/pertukaran/periksa/").content.decode()
    assert f'<option value="{KECAMATAN}" selected>' in fresh


def test_explain_page_names_others_agreement_without_a_link(country: Path) -> None:
    asked = {
        "consumer": KECAMATAN,
        "service": "00000002/kependudukan#cariKeluarga",
        "purpose": "domisili.surat",
    }

    answer = officer("siti", DISDUKCAPIL).get("/pertukaran/periksa/", asked).content.decode()

    assert "Dukcapil" in answer[answer.index("evidence.required") :]
    assert "/pertukaran/perjanjian/" not in answer[answer.index("evidence.required") :]


def test_breaks_page_shows_places_of_the_own_interfaces_alone(country: Path) -> None:
    breaks_count([broken("answer /data/nik: pattern")])
    assert "/data/nik" in officer("budi", DUKCAPIL).get("/pertukaran/pelanggaran/").content.decode()
    assert "/data/nik" not in officer("agus", KECAMATAN).get("/pertukaran/pelanggaran/").content.decode()


def test_events_page_shows_what_is_held_up_to_its_own_agency_and_lets_it_go_on(country: Path) -> None:
    grant = Grant.objects.get(consumer="00000002", provider="00000017")
    row = EventSubscription.objects.create(
        grant=grant,
        operation="terimaKelahiran",
        topic="00000002/peristiwa/lahir",
        carrier="postgres",
        cursor=4,
        head=7,
    )
    held = HeldEvent.objects.create(
        subscription=row, sequence=3, event_id="ev-3", key="k", body="{}", code="system.slow", tries=2
    )
    owner = officer("budi", DUKCAPIL, lang="en")
    page = owner.get("/pertukaran/peristiwa/").content.decode()

    assert "ev-3" in page
    assert "did not answer in time" in page
    assert "BPJS Kesehatan" in page
    stranger = officer("agus", KECAMATAN, lang="en")
    assert "ev-3" not in stranger.get("/pertukaran/peristiwa/").content.decode()
    drop = f"/pertukaran/peristiwa/{held.id}/lepas/"
    assert stranger.get(drop).status_code == 404
    assert owner.post(f"/pertukaran/peristiwa/{held.id}/ulang/").status_code == 302
    held.refresh_from_db()
    assert held.tries == 0
    assert "at least ten" in owner.post(drop, {"reason": "no"}).content.decode()
    assert owner.post(drop, {"reason": "The child was recorded twice."}).status_code == 302
    assert not HeldEvent.objects.exists()
