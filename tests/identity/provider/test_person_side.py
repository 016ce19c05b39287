"""What the person's own pages and their acting for others mean to applications that sign in here."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from terpadu.identity.enums import MandateKind
from terpadu.identity.models import Account, Mandate
from terpadu.identity.policies.acting import ACTING
from terpadu.identity.public import person_ensure
from terpadu.identity.selectors.provider.clients import client_get
from terpadu.identity.selectors.provider.consents import consents_of
from terpadu.identity.services.closing import account_delete
from terpadu.identity.services.provider.subjects import subject_of
from terpadu.kernel.clock import now
from tests.identity.conftest import SETUP
from tests.identity.provider.party import Party, claims_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def child() -> UUID:
    return person_ensure(nik="3671011202200001", name="Raka", birth_on=date(2020, 2, 12), sex="L", by=SETUP)


def _act_for(party: Party, account: Account, child: UUID, *, services: list[str]) -> None:
    mandate = Mandate.objects.create(
        kind=MandateKind.PARENT,
        subject_id=child,
        actor_id=account.person_id,
        services=services,
        started_at=now(),
        valid_until=now() + timedelta(days=30),
        read_at=now(),
    )
    store = party.browser.session
    store[ACTING] = {"mandate": str(mandate.id), "actor": str(account.person_id)}
    store.save()


def test_services_that_know_me_lists_the_application_and_withdraws(party: Party, account: Account) -> None:
    tokens = party.tokens()
    page = party.browser.get("/akun/layanan/").content.decode()
    assert client_get(party.client_id).name in page

    party.browser.post("/akun/layanan/", {"client": party.client_id})

    assert consents_of(account.person_id) == []
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_deleted_account_leaves_no_consent(party: Party, account: Account) -> None:
    party.tokens()
    account_delete(account.person_id, by=SETUP)
    assert consents_of(account.person_id) == []


def test_parent_signs_in_for_a_child_and_the_token_names_both(
    party: Party, account: Account, child: UUID
) -> None:
    _act_for(party, account, child, services=["*"])

    claims = claims_of(party.tokens()["id_token"])

    client = client_get(party.client_id)
    assert claims["sub"] == subject_of(child, client=client)
    assert claims["act"] == {"sub": subject_of(account.person_id, client=client)}


def test_mandate_for_named_services_opens_no_application(party: Party, account: Account, child: UUID) -> None:
    _act_for(party, account, child, services=["dukcapil.kia.baru"])

    assert party.visit(party.push()).status_code == 403
