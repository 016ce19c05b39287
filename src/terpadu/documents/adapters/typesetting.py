"""The typesetter: typst templates and facts in, an archival, accessible PDF (PDF/A-3a and PDF/UA-1) out.

Only typst's own fonts are used, so that a document looks the same on every machine.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst

from terpadu.documents.errors import TypesettingFailed

KINDS = Path(__file__).parents[1] / "kinds"
STANDARDS = ["a-3a", "ua-1"]
A4_HEIGHT_PT = 841.89
QR_INK = "#16232b"


@dataclass(frozen=True)
class SignatureBox:
    """Where the signature field goes: page from 0, edges in points from the page's lower left corner."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Sheet:
    """A typeset document that awaits its signature."""

    pdf: bytes
    box: SignatureBox


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _compiler(template: Path, *, inputs: dict[str, str]) -> Any:
    return typst.Compiler(
        str(template), root=str(KINDS), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )


def qr_svg(url: str) -> str:
    """Draw the QR code of an address as SVG text, error correction M."""
    drawing = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawing, kind="svg", border=0, xmldecl=False, dark=QR_INK)
    return drawing.getvalue().decode()


def typeset(template: str, *, document: Mapping[str, Any], attachment: str, at: datetime) -> Sheet:
    """Typeset a document.

    template: path below `kinds/`. document: what the template shows (`verify_url` becomes its QR code).
    attachment: JSON text that travels inside the PDF, relationship "Data". at: creation time in the metadata.
    Raises TypesettingFailed, for example for letters that no font has.
    """
    inputs = {
        "document": json.dumps(document),
        "attachment": attachment,
        "qr": qr_svg(document["verify_url"]),
    }
    try:
        compiler = _compiler(KINDS / template, inputs=inputs)
        pdf = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=int(at.timestamp()))
        spot = json.loads(compiler.query("<signature-position>", field="value", one=True))
    except typst.TypstError:
        raise TypesettingFailed(template=template) from None  # typst's words quote the document
    return Sheet(pdf=pdf, box=_box_of(spot))


def _box_of(spot: Mapping[str, float]) -> SignatureBox:
    top = A4_HEIGHT_PT - spot["y"]
    return SignatureBox(
        page=int(spot["page"]) - 1,
        left=spot["x"],
        bottom=top - spot["height"],
        right=spot["x"] + spot["width"],
        top=top,
    )


def typeset_stamp(stamp: Mapping[str, str]) -> bytes:
    """Typeset what stands in the signature field: name, signed_at, certificate. Raises TypesettingFailed."""
    try:
        compiler = _compiler(KINDS / "stamp.typ", inputs={"stamp": json.dumps(stamp)})
        pdf: bytes = compiler.compile(format="pdf", pdf_standards=["a-2b"], pdf_tags=False)
    except typst.TypstError:
        raise TypesettingFailed(template="stamp") from None  # typst's words quote the document
    return pdf
