"""The demo agencies' own web programs as clients: plain OpenID Connect by the operator's dated exception. Demo mode only."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import orjson
from django.conf import settings
from django.db import transaction

from terpadu.directory.public import private_file_write
from terpadu.identity.rules.provider.addresses import origin_of
from terpadu.identity.rules.provider.claims import ClaimUse
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.selectors.provider.clients import client_find, fetch_hosts_of
from terpadu.identity.services.provider.clients import (
    PlainException,
    client_approve,
    client_exception_grant,
    client_register,
    client_request_production,
    client_secret_renew,
    client_update,
    fetch_hosts_set,
)
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today

EXCEPTION = timedelta(days=180)
REASON = "Program lama belum mengenal PAR dan DPoP; diganti sebelum tanggal ini."
AGENCIES = {"wiki": "disdukcapil.36.71", "roster": "dukcapil"}
_NAME = ClaimUse("name", True, "Nama Anda di halaman", "Your name on the pages", "UU 23/2006 ps. 58")
_BIRTH = ClaimUse("birthdate", False, "Tidak dipakai", "Not used", "UU 27/2022 ps. 20")
_GENDER = ClaimUse("gender", False, "Tidak dipakai", "Not used", "UU 27/2022 ps. 20")


def seed_applications(addresses: Mapping[str, str]) -> None:
    """Register the programs that are installed, and write what each needs to know into its file.

    addresses: where people reach each, by name; see `config.existing`. They have no secret but the one of this start.
    """
    for name, address in addresses.items():
        _seed(name, address)


@transaction.atomic
def _seed(name: str, address: str) -> None:
    by, agency = Actor.system("demo"), AGENCIES[name]
    client_id, draft = f"demo-{name}", draft_for(name, address)
    fetch_hosts_set(agency, fetch_hosts_of(agency) | {origin_of(address)}, by=by)
    until = today() + EXCEPTION
    if client_find(client_id) is None:
        given = PlainException(until, REASON)
        client_register(agency, draft, by=by, client_id=client_id, exception=given)
        client_request_production(client_id, by=by)
    else:
        client_exception_grant(client_id, until=until, reason=REASON, by=by)
    changed = client_update(client_id, draft, by=by)
    if changed.proposed is not None or changed.is_sandbox:
        client_approve(client_id, by=by)
    secret = client_secret_renew(client_id, by=by)
    _tell_program(name, {"client_id": client_id, "secret": secret, "issuer": issuer()})


def draft_for(name: str, address: str) -> ClientDraft:
    """Return what the agency registers for a program."""
    own = {
        "wiki": ClientDraft(
            kind="web",
            name="Wiki Disdukcapil",
            name_en="Civil registry wiki",
            description="Petunjuk kerja kantor, ditulis bersama.",
            description_en="How the office works, written together.",
            redirect_uris=(f"{address}/oidc/callback",),
            backchannel_logout_uri=f"{address}/oidc/callback?logout=backchannel",
        ),
        "roster": ClientDraft(
            kind="web",
            name="Direktori Pengguna Dukcapil",
            name_en="Dukcapil user directory",
            description="Siapa memakai sistem Dukcapil.",
            description_en="Who uses the systems of Dukcapil.",
            redirect_uris=(f"{address}/oauth-authorized/terpadu",),
            frontchannel_logout_uri=f"{address}/logout/",
        ),
    }[name]
    common = {
        "home_uri": f"{address}/" if name == "wiki" else f"{address}/login/terpadu",
        "auth_method": "client_secret_basic",
        "scopes": ("openid", "profile"),
        "claim_uses": (_NAME, _BIRTH, _GENDER),
        "contact": "negeri contoh",
    }
    return ClientDraft(**{**vars(own), **common})


def _tell_program(name: str, facts: dict[str, str]) -> None:
    path = Path(settings.DATA_DIR) / "demo" / "existing" / f"{name}.json"
    private_file_write(path, orjson.dumps({**facts, "cookie_key": secrets.token_urlsafe(32)}))
