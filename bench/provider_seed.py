"""What `bench.provider` measures with: a person who is signed in and has agreed, two clients, a million others."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from joserfc.jwk import ECKey

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_create
from terpadu.identity.enums import SignInMethod
from terpadu.identity.models import Account, Client
from terpadu.identity.policies.authentication import METHODS
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.rules.provider.requests import Ask, read_ask
from terpadu.identity.selectors.provider.clients import client_get
from terpadu.identity.services.accounts import account_create
from terpadu.identity.services.persons import person_ensure
from terpadu.identity.services.provider.clients import client_register
from terpadu.identity.services.provider.consents import consent_give, question_of
from terpadu.identity.services.sign_in import Visit, sign_in_record
from terpadu.identity.web import session
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7

BY = Actor.system("bench")
USES = (
    ClaimUse("name", True, "Nama", "Name", "UU"),
    *[ClaimUse(c, True, "x", "x", "UU") for c in ("birthdate", "gender")],
)


def make(redirect_uri: str) -> dict[str, Any]:
    """Return client, keys and cookie for the driver."""
    agency_create(
        "bench",
        peer_id="00010001",
        name="Dinas Uji",
        short_name="Dinas Uji",
        kind=AgencyKind.REGIONAL_OFFICE,
        region_code="36.71",
        by=BY,
    )
    key, dpop = (ECKey.generate_key("P-256", {"kid": "k1"}) for _ in range(2))
    jwks = {"keys": [key.as_dict(private=False)]}
    common: dict[str, Any] = {"jwks": jwks, "name": "Antrean uji"}
    web = ClientDraft(
        kind="web", redirect_uris=(redirect_uri,), scopes=("openid", "profile"), claim_uses=USES, **common
    )
    client_register("bench", web, by=BY, client_id="bench-web")
    client_register("bench", ClientDraft(kind="system", scopes=(), **common), by=BY, client_id="bench-system")
    Client.objects.update(stage="production")
    keys = {"key": key.as_dict(private=True), "dpop": dpop.as_dict(private=True)}
    return {**keys, "jwks": jwks, "redirect_uri": redirect_uri, "cookie": _signed_in()}


def _signed_in() -> str:
    person_id = person_ensure(nik="3671015406920003", name="Siti", birth_on=date(1992, 6, 14), sex="P", by=BY)
    account_create(person_id, password=secrets.token_urlsafe(20), by=BY)
    account = Account.objects.select_related("person").get(person_id=person_id)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(account.pk), session.BACKEND
    store[HASH_SESSION_KEY] = account.get_session_auth_hash()
    store[METHODS] = [{"method": SignInMethod.TOTP.value, "at": int(now().timestamp())}]
    store.create()
    visit = Visit(network="127.0.0.1", device="bench")
    sign_in_record(account, method=SignInMethod.TOTP, session_key=store.session_key or "", visit=visit)
    client = client_get("bench-web")
    ask = read_ask(
        {
            "response_type": "code",
            "scope": "openid profile",
            "code_challenge": "x" * 43,
            "code_challenge_method": "S256",
        },
        scopes=client.scopes,
    )
    if not isinstance(ask, Ask):
        raise RuntimeError(ask.description)
    question = question_of(ask, client=client)
    consent_give(person_id, client=client, question=question, ticked=(), by=BY)
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def add_crowd(count: int) -> None:
    """Add persons, accounts and consents by COPY; their names and keys are made up and open nothing."""
    at, until = now(), now() + timedelta(days=300)
    client = Client.objects.get(client_id="bench-web").pk
    ids = [(uuid7(), uuid7(), uuid7()) for _ in range(count)]
    tables = {
        "identity_person (id, nik_sealed, nik_hash, name, birth_on, sex, created_at)": (
            (p, b"x" * 44, hashlib.sha256(p.bytes).hexdigest(), "Warga", date(1990, 1, 1), "P", at)
            for p, _, _ in ids
        ),
        "identity_account (id, person_id, password, is_active, is_password_enough, created_at)": (
            (a, p, "!", True, False, at) for p, a, _ in ids
        ),
        "identity_consent (id, person_id, client_id, version, scope, claims, refused, details, asked, given_at, "
        "expires_at, ended_reason)": (
            (c, p, client, 1, "openid profile", ["name"], [], "[]", "x" * 64, at, until, "")
            for p, _, c in ids
        ),
    }
    with connection.cursor() as cursor:
        for table, rows in tables.items():
            with cursor.cursor.copy(f"copy {table} from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.execute("analyze")
