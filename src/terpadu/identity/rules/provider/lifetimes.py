"""How long things of the provider live: reference values with where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Lifetimes:
    """All life times of the provider.

    FAPI 2.0 Security Profile, 5.3.2.1: code at most 60 s, `request_uri` less than 600 s. RFC 9449, 11.1: proofs are taken
    for a short time only; 60 s and 10 s into the future follow FAPI 2.0, 5.3.2.1 (clock skew of 10 s must pass). The others are
    assumed: short enough that a revoked person is out within minutes, long enough for one working day.
    """

    access_token: timedelta = timedelta(minutes=5)
    code: timedelta = timedelta(seconds=60)
    pushed_request: timedelta = timedelta(seconds=90)
    sign_in: timedelta = timedelta(minutes=30)  # from opening a request to its decision
    refresh_token: timedelta = timedelta(hours=8)
    assertion: timedelta = timedelta(minutes=5)  # how far ahead `exp` of a client's assertion may lie
    request_object: timedelta = timedelta(minutes=60)  # FAPI 2.0 Message Signing, 5.3.1
    proof: timedelta = timedelta(seconds=60)
    skew: timedelta = timedelta(seconds=10)
    nonce: timedelta = timedelta(minutes=5)
    device_code: timedelta = timedelta(minutes=10)
    consent: timedelta = timedelta(days=365)
    id_token: timedelta = timedelta(minutes=5)
    logout_token: timedelta = timedelta(minutes=2)  # OpenID Connect Back-Channel Logout 1.0, 2.4
    key_next: timedelta = timedelta(days=1)  # published before it signs
    key_active: timedelta = timedelta(days=90)
    key_retired: timedelta = timedelta(days=7)  # still published after it signed last
    client_keys: timedelta = timedelta(minutes=10)  # how long keys from a jwks_uri are taken from memory


LIFETIMES = Lifetimes()
