"""Who may sign in to a client."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from terpadu.directory.enums import IDENTITY_OPERATOR
from terpadu.identity.selectors.accounts import assignments_of
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.kernel.clock import today

OPERATORS = (IDENTITY_OPERATOR, "tim_koordinasi_spbe")
"""Positions that operate identity. The second is assumed: no text names who does; in the demo country it is the national team."""


def may_sign_in(person_id: UUID, *, client: ClientView) -> bool:
    """Tell whether a person may sign in to a client: everybody in production, who works at its agency in the sandbox.

    In the demo country everybody is made up, and may. One query and one for each position, none in production.
    """
    if not client.is_sandbox or settings.DEMO:
        return True
    held = assignments_of(person_id, on=today())
    return any(view.position.agency.code == client.agency_code for view in held)
