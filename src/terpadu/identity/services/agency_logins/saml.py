"""We as a service provider of an agency's SAML 2.0 identity provider: only answers to our own requests, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from terpadu.identity.enums import LoginProtocol, LoginStage
from terpadu.identity.errors.officers import LoginRefused, LoginUnknown
from terpadu.identity.models import AgencyLogin
from terpadu.identity.rules.agency_logins.connection import SamlConnection, level_agreed, saml_from
from terpadu.identity.rules.agency_logins.saml import (
    Assertion,
    Expected,
    SamlFault,
    build_request,
    read_answer,
)
from terpadu.identity.rules.agency_logins.saml_metadata import build_metadata, certificates_of
from terpadu.identity.services.agency_logins.attempts import (
    Begun,
    address_of,
    attempt_answer,
    attempt_note,
)
from terpadu.identity.services.provider.guards import Once, once
from terpadu.kernel.clock import now

REMEMBERED = timedelta(days=1)  # an assertion is taken for minutes only
METADATA, ANSWERS = "saml/metadata", "saml"


def request_address(begun: Begun) -> str:
    """Return where the browser is sent (SAML Bindings, 3.4)."""
    connection = saml_from(begun.login.connection)
    request = build_request(
        request_id=begun.state,
        audience=address_of(begun.login.id, METADATA),
        address=address_of(begun.login.id, ANSWERS),
        destination=connection.sso_uri,
        now=now(),
        must_be_fresh=begun.must_be_fresh,
    )
    joint = "&" if urlsplit(connection.sso_uri).query else "?"
    return f"{connection.sso_uri}{joint}{urlencode({'SAMLRequest': request})}"


def answer_take(login_id: UUID, text: str) -> None:
    """Take an answer that a browser brought by POST; which browser asked is checked when it goes on.

    Raises LoginUnknown, LoginRefused, and LoginExpired for one that we did not ask for, or that came before.
    """
    row = AgencyLogin.objects.filter(
        pk=login_id, protocol=LoginProtocol.SAML, stage=LoginStage.ACTIVE
    ).first()
    if row is None:
        raise LoginUnknown()
    connection = saml_from(row.connection)
    found = _read(row, connection, text, must_be_fresh=False)
    waiting = attempt_answer(login_id, state=found.request_id, handle=None)
    if waiting.must_be_fresh:
        _read(row, connection, text, must_be_fresh=True)
    thing = Once("saml", f"{row.id}", found.id, now() + REMEMBERED)
    if once([thing], client_id="").replayed:
        raise LoginRefused(reason="came before")
    subject = "\0".join((connection.entity_id, found.subject))
    acr = level_agreed(connection.levels, found.context).value
    attempt_note(waiting.id, subject=subject, acr=acr)


def _read(row: AgencyLogin, connection: SamlConnection, text: str, *, must_be_fresh: bool) -> Assertion:
    expected = Expected(
        entity_id=connection.entity_id,
        audience=address_of(row.id, METADATA),
        address=address_of(row.id, ANSWERS),
        certificates=certificates_of(connection),
        must_be_fresh=must_be_fresh,
    )
    try:
        return read_answer(text, expected=expected, now=now())
    except SamlFault as fault:
        raise LoginRefused(reason=str(fault)) from None


def own_metadata(login_id: UUID) -> bytes:
    """Return our metadata for a login that is being set up or in use. Raises LoginUnknown."""
    rows: Any = AgencyLogin.objects.filter(pk=login_id, protocol=LoginProtocol.SAML)
    if not rows.exclude(stage=LoginStage.ENDED).exists():
        raise LoginUnknown()
    return build_metadata(entity_id=address_of(login_id, METADATA), address=address_of(login_id, ANSWERS))
