"""The picture by which an authenticator app takes over its secret."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import segno
from django.utils.safestring import SafeString

ISSUER = "Terpadu"


@dataclass(frozen=True)
class TotpPicture:
    """svg: the QR code, to be put into the page. secret: the same in groups of four letters. address: for a tap."""

    svg: SafeString
    secret: str
    address: str


def totp_picture(secret: str) -> TotpPicture:
    """Draw a secret (base32) as QR code. The label names the service only, never the person."""
    address = f"otpauth://totp/{quote(ISSUER)}?{urlencode({'secret': secret, 'issuer': ISSUER})}"
    svg = segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=True)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return TotpPicture(svg=SafeString(svg), secret=groups, address=address)
