"""Who calls the SCIM endpoints: an agency's own system, approved for it, in the name of that agency and no other."""

from __future__ import annotations

from collections.abc import Mapping

from terpadu.identity.enums import ClientStage
from terpadu.identity.rules.provider.proofs import Target
from terpadu.identity.rules.scim_access import SCOPE
from terpadu.identity.selectors.provider.clients import client_find
from terpadu.identity.services.provider.resource import Refused, token_presented
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today


def caller_of(headers: Mapping[str, str], *, target: Target) -> Actor:
    """Return the calling system with its agency. headers: names in small letters. Raises Refused.

    A token of a person never counts, nor one of an application that is still in the sandbox: positions are real.
    """
    token = token_presented(headers, target=target)
    client = client_find(str(token.claims["client_id"]))
    if client is None or not client.is_usable(today()) or token.authorization_id is not None:
        raise Refused("invalid_token", "not a token of a system that may be used today")
    if SCOPE not in token.scope or client.stage != ClientStage.PRODUCTION:
        raise Refused("insufficient_scope", f"the scope {SCOPE} is needed, and an operator's approval")
    return Actor(kind="system", position=f"scim:{client.client_id}", agency=client.agency_code)
