"""QR codes that one screen shows to another."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString


def qr_picture(address: str) -> SafeString:
    """Draw an address as a QR code: an SVG without styles, black on white, to be put into the page."""
    return SafeString(segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2))
