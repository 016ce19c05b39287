"""When persons see what was read of them: the services, the trail and its export, what sets the rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from terpadu.casework.events import CaseClosed
from terpadu.casework.tasks import evidence_closed
from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, KEMENKEU, POLRI
from terpadu.directory.public import position_create
from terpadu.exchange.errors import ContractInvalid, PurposeInvalid
from terpadu.exchange.errors.disclosure import ClosingInvalid
from terpadu.exchange.models import ClosedCase, Grant, TrailRow
from terpadu.exchange.public import (
    approval_terms_set,
    case_close,
    contract_list,
    contract_propose,
    purpose_draft,
    purpose_list,
    purpose_submit,
    trail_count,
    trail_for_person,
    trail_get,
    trail_prove,
)
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.exchange.services.data_copy import SECTION
from terpadu.exchange.services.records import trail_extend
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu_wire.contracts import ContractContent, GrantItem
from terpadu_wire.disclosures import Disclosure, Ground
from tests.exchange.deliveries import records_of_exchange
from tests.exchange.test_pages import filled, officer, person, signed_in
from tests.exchange.test_purposes import words

BY = Actor.system("tests")
CLOSED, NEVER, DELAYED = "lakalantas.penyidikan", "pidana.penyelidikan", "pnbp.pemeriksaan"
"""Purposes of the demo country, by the class of their disclosure."""


@pytest.fixture
def siti(country: Path) -> UUID:
    return person("siti")


@pytest.fixture
def read(siti: UUID) -> Callable[..., UUID]:
    """Let an agency read Siti's data; return the transaction."""

    def do(purpose: str, *, evidence: str = "LP-2026-0117", days_ago: int = 0) -> UUID:
        at = int((now() - timedelta(days=days_ago)).timestamp() * 1000)
        records = records_of_exchange(siti, purpose=purpose, evidence=evidence, at=at)
        trail_extend(records.values())
        return UUID(records["out.request"].transaction_id)

    return do


Read = Callable[..., UUID]


@pytest.mark.django_db
@pytest.mark.parametrize(("purpose", "kept"), [(CLOSED, 730), (DELAYED, 60), (NEVER, None)])
def test_reading_is_nowhere_before_its_time_and_everywhere_from_then_on(
    siti: UUID, read: Read, purpose: str, kept: int | None
) -> None:
    transaction_id, client = read(purpose), signed_in(siti, lang="en")

    def seen() -> list[bool]:
        copy: Any = SECTION.read(siti)
        return [
            bool(trail_for_person(siti)),
            trail_count(siti) == 1,
            trail_get(siti, transaction_id) is not None,
            bool(trail_for_person(siti, cases=["LP-2026-0117"])),
            str(transaction_id) in {one["transaction"] for one in copy},
        ]

    assert not any(seen())
    assert trail_prove(siti, transaction_id) is None
    assert client.get(f"/jejak/{transaction_id}/").status_code == 404
    file = b"".join(client.get("/jejak/unduh.csv")).decode()
    assert str(transaction_id) not in file
    with freeze(now() + timedelta(days=(kept or 3650) - 1)):
        assert not any(seen())
    with freeze(now() + timedelta(days=(kept or 3650) + 1)):
        assert all(seen()) == (kept is not None)
        assert any(seen()) == (kept is not None)


@pytest.mark.django_db
def test_trail_page_says_that_classes_exist_alike_with_and_without_a_hidden_reading(
    siti: UUID, read: Read
) -> None:
    client = signed_in(siti, lang="en")
    before = client.get("/jejak/").content.decode()
    read(NEVER)
    read(CLOSED)
    after = client.get("/jejak/").content.decode()

    assert "Not all is shown at once" in before
    assert "UU 27/2022 ps. 15 ayat (1) huruf b" in before
    assert before.partition("<main")[2] == after.partition("<main")[2]


@pytest.mark.django_db
def test_case_that_ends_shows_its_readings_at_once_with_law_and_date(siti: UUID, read: Read) -> None:
    transaction_id, other = read(CLOSED, days_ago=2), read(CLOSED, evidence="LP-2026-0118")

    assert case_close(POLRI, "LP-2026-0117", by=BY) == 1

    [entry] = trail_for_person(siti)
    assert (entry.transaction_id, entry.disclosure) == (transaction_id, "closed")
    assert entry.ground.startswith("UU 27/2022")
    assert case_close(POLRI, "LP-2026-0117", by=BY) == 0
    page = signed_in(siti, lang="en").get("/jejak/").content.decode()
    assert "Shown since" in page
    assert str(other) not in page


@pytest.mark.django_db
def test_reading_after_its_case_ended_is_shown_at_once(siti: UUID, read: Read) -> None:
    case_close(POLRI, "LP-2026-0117", by=BY)
    read(CLOSED)
    assert trail_count(siti) == 1


@pytest.mark.django_db
def test_case_of_another_agency_with_the_same_number_shows_nothing(siti: UUID, read: Read) -> None:
    read(CLOSED)
    assert case_close(KEMENKEU, "LP-2026-0117", by=BY) == 0
    assert trail_count(siti) == 0


@pytest.mark.django_db
def test_case_is_closed_by_its_agency_alone_and_for_good(siti: UUID, read: Read) -> None:
    read(CLOSED)
    with pytest.raises(NotAllowed):
        case_close(POLRI, "LP-2026-0117", by=Actor.officer(uuid7(), agency=DUKCAPIL, position=str(uuid7())))
    with pytest.raises(ClosingInvalid):
        case_close(POLRI, "LP-2026-0117", closed_at=now() + timedelta(hours=1), by=BY)
    with pytest.raises(ClosingInvalid):
        case_close(POLRI, " ", by=BY)
    case_close(POLRI, "LP-2026-0117", by=BY)
    for change in (
        lambda: ClosedCase.objects.update(reference="x"),
        lambda: ClosedCase.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.django_db
def test_case_of_the_platform_that_ends_closes_its_evidence(country: Path) -> None:
    evidence_closed(CaseClosed("KIA-3671-2026-000009", DISDUKCAPIL, now()))
    assert ClosedCase.objects.get().reference == "KIA-3671-2026-000009"


@pytest.mark.django_db
def test_rule_of_a_grant_cannot_be_changed_afterwards(siti: UUID, read: Read) -> None:
    """What was signed stays; a new rule is a new contract, and what was read before keeps the old one."""
    read(NEVER)
    grant = Grant.objects.get(purpose=NEVER)
    for change in ({"properties": {}}, {"grant_hash": "x"}, {"purpose": "y"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.filter(pk=grant.pk).update(**change)
    assert trail_count(siti) == 0


@pytest.mark.django_db
def test_rule_of_other_agencies_agreement_hides_nothing(siti: UUID) -> None:
    """A gateway may name any grant in its records; who reads cannot borrow the right of others to read unseen."""
    borrowed = Grant.objects.get(purpose=NEVER)
    records = records_of_exchange(siti)
    [grant] = Grant.objects.filter(grant_hash=records["out.request"].grant_hash)
    assert (grant.consumer, grant.provider) != (borrowed.consumer, borrowed.provider)

    trail_extend(replace(one, grant_hash=borrowed.grant_hash) for one in records.values())

    assert trail_count(siti) == 1


@pytest.mark.django_db
def test_rule_that_is_not_understood_shows_nothing(siti: UUID, read: Read) -> None:
    read("kia.verifikasi")
    row = TrailRow.objects.get()
    Grant.objects.create(
        contract=Grant.objects.get(purpose=NEVER).contract,
        grant_hash="$1$3$odd",
        kind="GRANT_TYPE_SERVICE_CONNECTION",
        consumer=row.consumer,
        provider=row.provider,
        service=row.service,
        properties={"disclosure": "closed"},
    )
    records = records_of_exchange(siti)
    trail_extend(replace(one, grant_hash="$1$3$odd") for one in records.values())

    assert trail_count(siti) == 1
    assert TrailRow.objects.exclude(pk=row.pk).get().disclosed_from is None


def hidden_content(**changes: object) -> ContractContent:
    """Return the police's contract with other rules, ready to be proposed."""
    content = next(
        one.content
        for one in contract_list()
        if Grant.objects.filter(contract__content_hash=one.content_hash, purpose=NEVER).exists()
    )
    [item] = content.grants
    changed = replace(item.data, properties=dict(item.data.properties or {}) | changes)
    return replace(content, iv=str(uuid7()), grants=(GrantItem(data=changed),))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"disclosure": {}}, "contract.other_disclosure"),
        ({"disclosure": {"class": "closed", "days": 9, "ground": {"code": "x", "article": "x"}}}, ""),
        (
            {"consent": {"required": True}, "subject": {"in": "request", "pointer": "/nik"}},
            "disclosure.by_consent",
        ),
    ],
)
def test_contract_carries_the_rule_of_its_purpose(
    country: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ContractInvalid) as caught:
        contract_propose(hidden_content(**changes), by=BY)
    assert caught.value.reason == (reason or "contract.other_disclosure")


@pytest.mark.django_db
def test_contract_without_a_registered_purpose_hides_nothing(country: Path) -> None:
    purpose = dict(Grant.objects.get(purpose=NEVER).properties["purpose"])
    del purpose["id"], purpose["digest"]
    with pytest.raises(ContractInvalid) as caught:
        contract_propose(hidden_content(purpose=purpose), by=BY)
    assert caught.value.reason == "contract.disclosure_without_purpose"


@pytest.mark.django_db
def test_purpose_that_hides_is_never_approved_by_itself(country: Path) -> None:
    approval_terms_set(
        f"{DUKCAPIL}/kependudukan", attributes=[["jenis:district"]], per_consumer=10**6, in_total=10**6, by=BY
    )
    ground = disclosure_law().rules()["law_enforcement"].ground
    rule = Disclosure("supervisor", ground=ground)
    hidden = purpose_draft(KECAMATAN, words("uji.tersembunyi", disclosure=rule), by=BY)
    plain = purpose_draft(KECAMATAN, words("uji.terbuka"), by=BY)

    assert purpose_submit(plain.id, by=BY).state == "active"
    assert purpose_submit(hidden.id, by=BY).state == "waiting"
    with pytest.raises(PurposeInvalid):
        own_law = Disclosure("supervisor", ground=Ground("law_enforcement", "a law of our own"))
        purpose_draft(KECAMATAN, words("uji.lain", disclosure=own_law), by=BY)


@pytest.mark.django_db
def test_purpose_form_sets_the_class_and_both_agencies_read_it(country: Path) -> None:
    client = officer("agus", KECAMATAN, lang="en")
    given = filled(disclosure="closed", ground="law_enforcement", days="90")

    assert client.post("/pertukaran/tujuan/baru/", given).status_code == 302

    view = next(one for one in purpose_list(KECAMATAN) if one.content.code == "domisili.uji")
    assert (view.content.disclosure.kind, view.content.disclosure.days) == ("closed", 90)
    purpose_submit(view.id, by=BY)
    page = officer("budi", DUKCAPIL, lang="en").get(f"/pertukaran/tujuan/{view.id}/").content.decode()
    assert "When the case is closed, at the latest 90 days after the exchange" in page
    assert "UU 27/2022 ps. 15 ayat (1) huruf b" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"disclosure": "supervisor"}, "Choose the law"),
        ({"disclosure": "delayed", "ground": "law_enforcement"}, "Give the days, or a day"),
        ({"disclosure": "closed", "ground": "law_enforcement"}, "at the latest"),
        ({"disclosure": "supervisor", "ground": "state_administration"}, "This law does not allow it"),
        ({"disclosure": "delayed", "ground": "state_administration", "days": "91"}, "for so long"),
        (
            {"disclosure": "closed", "ground": "law_enforcement", "days": "9", "basis": "consent"},
            "Who agreed",
        ),
        ({"disclosure": "delayed", "ground": "law_enforcement", "shown_on": "2020-01-01"}, "in the future"),
    ],
)
def test_purpose_form_refuses_what_no_law_allows(
    country: Path, changes: dict[str, str], expected: str
) -> None:
    client = officer("agus", KECAMATAN, lang="en")
    answer = client.post("/pertukaran/tujuan/baru/", filled(**changes))
    assert answer.status_code == 200
    assert expected in answer.content.decode()


@pytest.mark.django_db
def test_case_page_of_the_agency_closes_after_it_asked_once_more(siti: UUID, read: Read) -> None:
    read(CLOSED)
    stranger: Client = officer("agus", KECAMATAN, lang="en")
    assert "LP-2026-0117" not in stranger.get("/pertukaran/perkara/").content.decode()
    position_create(agency_code=POLRI, kind="penyidik", title="Penyidik", by=BY)
    client = officer("budi", POLRI, lang="en")
    assert "LP-2026-0117" in client.get("/pertukaran/perkara/").content.decode()

    asked = client.post("/pertukaran/perkara/", {"reference": "LP-2026-0117"})
    assert "cannot be undone" in asked.content.decode()
    assert trail_count(siti) == 0
    sent = client.post("/pertukaran/perkara/", {"reference": "LP-2026-0117", "sure": "1"})
    assert sent.status_code == 302
    assert trail_count(siti) == 1
