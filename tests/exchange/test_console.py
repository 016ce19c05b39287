"""The console of an agency: who reads what of it, what waits and can be signed, what is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN
from terpadu.directory.models import Certificate
from terpadu.exchange.demo.contracts import contract_contents
from terpadu.exchange.models import Orphan
from terpadu.exchange.public import (
    contract_accept,
    contract_get,
    contract_list,
    contract_propose,
    purpose_list,
)
from terpadu.exchange.services.breaks import breaks_count
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from tests.exchange.test_enforcement import broken
from tests.exchange.test_pages import officer

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


def waiting_contract() -> str:
    """Propose a contract that Disdukcapil and the portal have signed, and Dukcapil has not."""
    content = contract_contents()[1]
    view = contract_propose(content, by=BY)
    for code in (DISDUKCAPIL, "portal"):
        contract_accept(view.content_hash, agency_code=code, by=BY)
    return view.content_hash


@pytest.mark.parametrize("lang", ["id", "en"])
def test_overview_shows_interfaces_readers_and_what_is_wrong(country: Path, lang: str) -> None:
    breaks_count([broken("answer /data/nik: pattern")])
    Orphan.objects.create(
        transaction_id=uuid7(), consumer="36710001", provider="00000002", kind="no_consumer", at=now()
    )
    Certificate.objects.filter(agency__code=DUKCAPIL).update(valid_to=now() + timedelta(days=3))
    page = officer("budi", DUKCAPIL, lang=lang).get("/pertukaran/").content.decode()
    assert "/pertukaran/antarmuka/kependudukan/" in page
    assert page.count('class="note late"') == 2
    assert 'class="note wait"' in page


def test_purpose_that_waits_is_approved_from_the_overview_with_one_tap(country: Path) -> None:
    client = officer("budi", DUKCAPIL)
    (waiting,) = purpose_list(DUKCAPIL, state="waiting")
    page = client.get("/pertukaran/").content.decode()
    assert waiting.content.legal_basis.article in page
    assert f'action="/pertukaran/tujuan/{waiting.id}/setujui/"' in page
    assert client.post(f"/pertukaran/tujuan/{waiting.id}/setujui/").status_code == 302
    assert purpose_list(DUKCAPIL, state="waiting") == []


def test_interface_page_says_who_reads_what_and_why(country: Path) -> None:
    page = officer("budi", DUKCAPIL, lang="en").get("/pertukaran/antarmuka/kependudukan/").content.decode()
    assert "Disdukcapil Kota Tangerang" in page
    assert "To check an application for a child identity card" in page
    assert "Permendagri 2/2016" in page
    assert "with the reference of a case" in page
    assert officer("agus", KECAMATAN).get("/pertukaran/antarmuka/kependudukan/").status_code == 404


def test_agreement_is_signed_after_its_own_page_and_ended_again(country: Path) -> None:
    found = waiting_contract()
    iv = contract_get(found).content.iv
    client = officer("budi", DUKCAPIL, lang="en")
    assert f"/pertukaran/perjanjian/{iv}/tandatangani/" in client.get("/pertukaran/").content.decode()
    assert "Waiting for your signature" in client.get("/pertukaran/perjanjian/").content.decode()
    assert "Not yet" in client.get(f"/pertukaran/perjanjian/{iv}/").content.decode()

    asked = client.get(f"/pertukaran/perjanjian/{iv}/tandatangani/")
    assert "Sign this agreement?" in asked.content.decode()
    assert contract_get(found).state == "proposed"
    assert client.post(f"/pertukaran/perjanjian/{iv}/tandatangani/").status_code == 302
    assert contract_get(found).state == "valid"
    assert client.post(f"/pertukaran/perjanjian/{iv}/tolak/").status_code == 409
    client.post(f"/pertukaran/perjanjian/{iv}/akhiri/")
    assert contract_get(found).state == "revoked"


def test_agreement_can_be_refused(country: Path) -> None:
    found = waiting_contract()
    client = officer("budi", DUKCAPIL)
    client.post(f"/pertukaran/perjanjian/{contract_get(found).content.iv}/tolak/")
    assert contract_get(found).state == "rejected"


def test_agreement_of_others_is_not_shown(country: Path) -> None:
    theirs = next(one for one in contract_list() if "36710101" not in one.signers)
    client = officer("agus", KECAMATAN)
    assert client.get(f"/pertukaran/perjanjian/{theirs.content.iv}/").status_code == 404
    assert client.post(f"/pertukaran/perjanjian/{theirs.content.iv}/akhiri/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "membaca/",
        "lalu-lintas/",
        "lalu-lintas/?sisi=membaca&rentang=hari",
        "rekonsiliasi/",
        "perjanjian/",
    ],
)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_pages_of_the_console_are_drawn_for_a_reader_too(country: Path, path: str, lang: str) -> None:
    assert officer("agus", KECAMATAN, lang=lang).get(f"/pertukaran/{path}").status_code == 200
