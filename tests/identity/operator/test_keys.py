"""Signing keys in an operator's hands: no rotation drops a login, and a stolen key can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from terpadu.identity.enums import KeyState
from terpadu.identity.errors import PeriodInvalid
from terpadu.identity.errors_operator import KeyInUse, KeyNotReady
from terpadu.identity.models import Account, SigningKey
from terpadu.identity.services.provider import keys
from terpadu.identity.services.provider.tokens import id_token_hint_read
from terpadu.kernel import clock, timers
from tests.identity.conftest import SETUP
from tests.identity.operator.conftest import Operator
from tests.identity.provider.conftest import (
    MakeParty,
    account,
    browser,
    make_party,
    nothing_in_memory,
    party,
    sign_in,
)
from tests.identity.provider.party import Party

__all__ = ["account", "browser", "make_party", "nothing_in_memory", "party"]

pytestmark = pytest.mark.django_db
PAGE = "/operator/identitas/kunci/"


@pytest.fixture(autouse=True)
def key_memory_is_young(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read the keys anew each time, as another process would after half a minute."""
    monkeypatch.setattr(keys, "CACHE_S", 0.0)
    yield


def kid_of(state: KeyState) -> str:
    return SigningKey.objects.get(alg="ES256", state=state).kid


def test_login_begun_under_the_old_key_ends_well_under_the_new_one(party: Party) -> None:
    query = party.authorize_query()
    code = party.code_by(query)
    keys.keys_rotate_by_hand(is_urgent=True, by=SETUP)

    tokens = party.exchange(code)

    assert tokens["access_token"]


def test_tokens_of_the_old_key_count_until_it_is_taken_away(party: Party) -> None:
    tokens = party.tokens()
    old = kid_of(KeyState.ACTIVE)
    keys.keys_rotate_by_hand(is_urgent=True, by=SETUP)

    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert id_token_hint_read(tokens["id_token"]) is not None
    assert party.refresh(tokens["refresh_token"]).status_code == 200
    assert old in str(party.server.get("/oidc/jwks").json())
    keys.key_withdraw(old, by=SETUP)
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert old not in str(party.server.get("/oidc/jwks").json())
