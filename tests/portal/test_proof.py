"""The proof page of a trail entry: proven, waiting or failed, for its own person alone, and a receipt that verifies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from terpadu.exchange.models import LogWitness
from terpadu.exchange.selectors.log import log_policy
from terpadu.exchange.services.log import log_extend, log_key_ensure
from terpadu.identity.models import Account
from terpadu.identity.public import person_ensure
from terpadu.identity.selectors.rights import data_requests_open
from terpadu.identity.services.accounts import account_create
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.receipts import verify_receipt
from terpadu_wire.records import Record
from tests.exchange.conftest import country, exchange_dir, seeded
from tests.exchange.deliveries import deliver_both, records_of_exchange
from tests.portal.conftest import BACKEND

__all__ = ["country", "exchange_dir", "seeded"]
BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


@pytest.fixture
def person_id(country: Path) -> UUID:
    log_key_ensure()
    LogWitness.objects.all().delete()
    return person_ensure(nik="3671015406920003", name="Siti", birth_on=now().date(), sex="P", by=BY)


@pytest.fixture
def records(person_id: UUID) -> dict[str, Record]:
    return records_of_exchange(person_id)


def _browser(person_id: UUID) -> Client:
    account_create(person_id, password="empat kata acak dan murah", by=BY)
    client = Client()
    client.force_login(Account.objects.get(person_id=person_id), backend=BACKEND)
    return client


def _address(records: dict[str, Record]) -> str:
    return f"/jejak/{records['out.request'].transaction_id}/"


def test_proof_of_an_own_entry_is_shown_and_its_receipt_verifies(
    client: Client, person_id: UUID, records: dict[str, Record]
) -> None:
    siti = _browser(person_id)
    deliver_both(client, records)
    assert "Belum ada di log" in siti.get(_address(records)).content.decode()
    assert siti.get(f"{_address(records)}bukti.json").status_code == 404

    log_extend()

    page = siti.get(_address(records)).content.decode()
    assert "Terbukti" in page
    assert page.count('<li class="done">') == 4
    receipt = siti.get(f"{_address(records)}bukti.json")
    assert len(verify_receipt(receipt.content, policy=log_policy()).records) == 4


def test_proof_of_contradicting_sides_says_so(
    client: Client, person_id: UUID, records: dict[str, Record]
) -> None:
    records["in.request"] = replace(records["in.request"], request_digest="sha-256=:x:")
    records["out.request"] = replace(records["out.request"], request_digest="sha-256=:y:")
    deliver_both(client, records)
    log_extend()

    assert "mencatat hal yang berbeda" in _browser(person_id).get(_address(records)).content.decode()


def test_proof_of_somebody_else_is_not_there(
    client: Client, person_id: UUID, records: dict[str, Record]
) -> None:
    deliver_both(client, records)
    log_extend()
    other = person_ensure(nik="3671055102960001", name="Dewi", birth_on=now().date(), sex="P", by=BY)
    dewi = _browser(other)

    assert dewi.get(_address(records)).status_code == 404
    assert dewi.get(f"{_address(records)}bukti.json").status_code == 404


def test_question_why_goes_to_the_agency_that_read_with_the_number_of_the_reading(
    client: Client, person_id: UUID, records: dict[str, Record]
) -> None:
    siti = _browser(person_id)
    deliver_both(client, records)
    address = f"{_address(records)}tanya/"
    assert address in siti.get(_address(records)).content.decode()

    short = siti.post(address, {"words": "Apa?"})
    sent = siti.post(address, {"words": "Mengapa data keluarga saya dibaca malam hari?"})

    assert "sepuluh huruf" in short.content.decode()
    assert sent.status_code == 302
    [request] = data_requests_open("disdukcapil.36.71")
    assert (request.right, request.is_late) == ("explanation", False)
    assert request.words.endswith(str(records["out.request"].transaction_id))
    assert "dibaca malam hari" in siti.get(sent["Location"]).content.decode()


def test_question_why_about_the_reading_of_somebody_else_is_not_there(
    client: Client, person_id: UUID, records: dict[str, Record]
) -> None:
    deliver_both(client, records)
    other = person_ensure(nik="3671015406920004", name="Wulan", birth_on=now().date(), sex="P", by=BY)

    assert _browser(other).get(f"{_address(records)}tanya/").status_code == 404
