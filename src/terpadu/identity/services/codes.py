"""Codes that people type: of the authenticator app (RFC 6238), each good once, recovery codes, codes read out at counters."""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction

from terpadu.identity.enums import SignInMethod
from terpadu.identity.rules.codes import ALPHABET, code_from, tidy_code
from terpadu.identity.services.vault import SealedAdapter
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import keyed_hash

PERIOD_S = 30
TOLERANCE = 1  # a phone's clock may be half a minute off; RFC 6238, 5.2 recommends at most one step
DIGITS = 6


def find_counter(secret: str, *, code: str, after: int) -> int | None:
    """Return the time step that a code belongs to, or None when it is wrong or its step is not later than `after`.

    secret: base32. Compares with every step of the window, so that the time taken says nothing.
    """
    present = int(now().timestamp()) // PERIOD_S
    found = None
    for counter in range(present - TOLERANCE, present + TOLERANCE + 1):
        expected = format_hotp_value(hotp_value(secret, counter))
        if hmac.compare_digest(expected.encode(), code.encode()) and counter > after:
            found = counter
    return found


@transaction.atomic
def code_use(account_id: UUID, *, typed: str) -> SignInMethod | None:
    """Use up a code: six digits of the app or a recovery code. Returns the method, or None when the code is wrong.

    The rows are locked, so that two tries with one code cannot both succeed.
    """
    code = "".join(mark for mark in typed if mark.isdigit())
    rows = Authenticator.objects.select_for_update().filter(user_id=account_id)
    by_type = {row.type: row for row in rows if row.type != Authenticator.Type.WEBAUTHN}
    is_app_code = len(code) == DIGITS
    row = by_type.get(Authenticator.Type.TOTP if is_app_code else Authenticator.Type.RECOVERY_CODES)
    if row is None or not (_use_app_code(row, code) if is_app_code else row.wrap().validate_code(code)):
        return None
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=now())
    return SignInMethod.TOTP if is_app_code else SignInMethod.RECOVERY_CODE


def _use_app_code(row: Authenticator, code: str) -> bool:
    secret = SealedAdapter().decrypt(row.data["secret"])
    counter = find_counter(secret, code=code, after=int(row.data.get("last_counter", 0)))
    if counter is None:
        return False
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    return True


def code_draw(length: int) -> str:
    """Return a fresh random code of so many marks, 4.9 bits each."""
    return code_from([secrets.randbelow(len(ALPHABET)) for _ in range(length)])


def code_hash(typed: str, *, context: str) -> str:
    """Return the keyed hash under which a code is found, however it was typed; "" when it cannot be one."""
    code = tidy_code(typed)
    return keyed_hash(code, context=f"identity.{context}") if code else ""
