"""The exchange's pages in a real browser, with their errors and empty states: no accessibility findings, nothing too wide.

The pages are asked for as a browser would and drawn from what came back, so that no server runs and no row is committed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Page

from terpadu.directory.demo import DUKCAPIL, KECAMATAN, PDP, PORTAL
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.models import Grant, LogWitness
from terpadu.exchange.public import contract_list
from terpadu.exchange.services.breaks import breaks_count
from terpadu.exchange.services.log import log_extend, log_key_ensure
from terpadu.exchange.services.records import trail_extend
from tests.exchange.deliveries import deliver_both, records_of_exchange
from tests.exchange.test_disclosure import CLOSED, NEVER
from tests.exchange.test_enforcement import broken
from tests.exchange.test_pages import NIKS, officer, person, signed_in
from tests.exchange.test_proposing import active, filled
from tests.ui.conftest import DESK, HEIGHT, PHONE, Chromium, chromium, findings, overflow

__all__ = ["chromium"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Drawn = dict[str, str]
STATIC = Path(__file__).resolve().parents[2] / "src" / "terpadu" / "kernel" / "static" / "terpadu"
REASON = "Pengaduan nomor 12/2026 tentang pembacaan data keluarga"
EXCHANGE = "/pertukaran/"
CROWDED = """[...document.querySelectorAll('table.cards td')].filter(cell => getComputedStyle(cell).display == 'flex'
  && [...cell.childNodes].filter(one => one.textContent.trim() || one.nodeName == 'BR').length > 1).map(cell => cell.outerHTML)"""
"""Cells that a phone would set in columns, since what stands in them is not one piece."""
TWICE = "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, place, all) => all.indexOf(id) < place)"
"""Ids that the page has more than once, so that a label or a link to an error may lead to the wrong field."""


def self_contained(answer: HttpResponse) -> str:
    """Return a page with its stylesheets in it."""
    assert answer.status_code == 200, answer.status_code
    styles = re.compile(r'<link rel="stylesheet" href="[^"]*/(\w+\.css)">')
    return styles.sub(
        lambda found: f"<style>{(STATIC / found[1]).read_text()}</style>", answer.content.decode()
    )


def problems(chromium: Chromium, pages: Drawn, *, lang: str) -> list[str]:
    """Return what is wrong with pages on a phone and on a desk; the checker reads them in Indonesian alone."""

    def look(page: Page) -> list[str]:
        found = overflows(page, DESK) + overflows(page, PHONE)
        found += [f"crowded {cell[:160]}" for cell in page.evaluate(CROWDED)]
        found += [f"twice #{one}" for one in page.evaluate(TWICE)]
        return found + (findings(page) if lang == "id" else [])

    seen = chromium.draw_all(list(pages.values()), look)
    return [f"{name}: {one}" for name, found in zip(pages, seen, strict=True) for one in found]


def overflows(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    wider = overflow(page)
    return [f"{width} wider by {wider} px"] if wider else []


@pytest.fixture(params=["id", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def siti(country: Path) -> UUID:
    return person("siti")


def opened(client: Client, *addresses: str) -> Drawn:
    return {one: self_contained(client.get(one)) for one in addresses}


def sent(client: Client, address: str, **given: object) -> Drawn:
    return {f"{address} {given}": self_contained(client.post(address, given))}


def test_supervisors_pages_have_no_findings(chromium: Chromium, siti: UUID, lang: str) -> None:
    for purpose in (CLOSED, NEVER):
        trail_extend(records_of_exchange(siti, purpose=purpose, evidence="LP-2026-0117").values())
    client, page = officer("budi", PDP, lang=lang), f"{EXCHANGE}pengawas/"
    iv = Grant.objects.get(purpose=NEVER).contract.iv

    pages = opened(client, page, f"{page}?instansi=tidak.ada", f"{page}perjanjian/{iv}/", f"{page}orang/")
    pages |= sent(client, f"{page}orang/", nik="12", reason="")
    pages |= sent(client, f"{page}orang/", nik=NIKS["siti"], reason=REASON)
    pages |= sent(client, f"{page}orang/", nik=NIKS["agus"], reason=REASON)
    pages |= opened(client, f"{page}catatan/")

    assert problems(chromium, pages, lang=lang) == []


def test_pages_of_an_agency_have_no_findings(chromium: Chromium, country: Path, lang: str) -> None:
    breaks_count([broken("answer /data/anggota/*/hubungan_keluarga_yang_panjang: enum")])
    client = officer("budi", DUKCAPIL, lang=lang)
    iv = next(one for one in contract_list() if one.state == "proposed").content.iv
    asked = f"?consumer={KECAMATAN}&service=00000002/kependudukan%23cariKeluarga&purpose=domisili.surat"
    paths = ("", "antarmuka/kependudukan/", "perjanjian/", f"perjanjian/{iv}/", f"perjanjian/{iv}/tolak/")
    paths += (
        "tujuan/",
        "membaca/",
        "lalu-lintas/",
        "rekonsiliasi/",
        "pelanggaran/",
        "peristiwa/",
        "perkara/",
    )
    paths += ("periksa/", f"periksa/{asked}", f"periksa/{asked}&evidence=DOM-2026-1", "periksa/?consumer=x")

    pages = opened(client, *(f"{EXCHANGE}{path}" for path in paths))

    assert problems(chromium, pages, lang=lang) == []


def test_pages_that_propose_an_agreement_have_no_findings(
    chromium: Chromium, country: Path, lang: str
) -> None:
    client, purpose = officer("agus", KECAMATAN, lang=lang), active(KECAMATAN, "domisili.surat")
    page = f"{EXCHANGE}perjanjian/usul/"
    address = f"{page}{purpose.id}/kependudukan/"

    pages = opened(client, page, address)
    pages |= sent(client, address)
    pages |= sent(client, address, **filled(purpose, "/data/nik", pattern="KIA-["))

    assert problems(chromium, pages, lang=lang) == []


def test_operators_pages_have_no_findings(chromium: Chromium, country: Path, lang: str) -> None:
    client, page = officer("budi", PORTAL, kind=OPERATOR, lang=lang), f"{EXCHANGE}gabung/"
    own = {"instansi": DUKCAPIL}

    pages = opened(client, f"{EXCHANGE}peta/", page, f"{page}permintaan/", f"{page}?instansi={DUKCAPIL}")
    pages |= sent(client, f"{page}instansi/", name="")
    pages |= sent(client, f"{page}kunci/", **own, request="-----BEGIN NOTHING-----")
    pages |= sent(client, f"{page}antarmuka/", **own)
    pages |= sent(client, f"{page}coba/", **own, body="{")
    pages |= sent(
        client, f"{page}coba/", **own, operation="aktaKelahiran", body='{"nik_anak": "3671010403220001"}'
    )

    assert problems(chromium, pages, lang=lang) == []


@pytest.fixture
def logged(siti: UUID, client: Client) -> Iterator[str]:
    """The address of an entry of Siti's trail that the public log holds."""
    log_key_ensure()
    LogWitness.objects.all().delete()
    records = records_of_exchange(siti)
    deliver_both(client, records)
    log_extend()
    yield f"/jejak/{records['out.request'].transaction_id}/"


def test_pages_about_an_entry_of_the_trail_have_no_findings(
    chromium: Chromium, siti: UUID, logged: str, lang: str
) -> None:
    client = signed_in(siti, lang=lang)

    pages = opened(client, "/jejak/", logged, f"{logged}tanya/")
    pages |= sent(client, f"{logged}tanya/", words="Apa?")

    assert f"{logged}tanya/" in pages["/jejak/"]
    assert problems(chromium, pages, lang=lang) == []
