"""What of PDF/A-2a (ISO 19005-2) can be checked without veraPDF: the structure of a file, read with pyHanko.

This is no validator: glyph widths, the colour spaces inside content streams, real content without tags and the profile's
own bytes are not looked at. veraPDF checks those; it is on none of the package registries that the tests may use. A second
opinion comes from a checker of other hands (pdf-oxide).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

FORBIDDEN_ACTIONS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide"}
FORBIDDEN_FILTERS = {"/LZWDecode", "/Crypt"}


def archival_faults(content: bytes) -> list[str]:
    """Return each clause of ISO 19005-2, conformance level A, that a file is seen to break; empty when none is."""
    reader = PdfFileReader(io.BytesIO(content))
    objects = list(_objects(reader.root, seen=set()))
    found = [
        *_file_faults(content, reader),
        *_catalog_faults(reader.root),
        *_metadata_faults(reader.root),
        *(fault for one in objects for fault in _object_faults(one)),
        *_font_faults(objects),
        *_tag_faults(objects),
    ]
    return sorted(set(found))


def checker_faults(path: Path, *, level: str = "2a") -> list[str]:
    """Return what a checker that is not ours finds against PDF/A and PDF/UA-1; the test is skipped without it.

    It looks at fonts, metadata, tags, language and title; the output intent and the profile's identifiers it passes over,
    and these `archival_faults` looks at.
    """
    checker = pytest.importorskip("pdf_oxide", reason="the dev packages are not installed")
    document = checker.PdfDocument(str(path))
    return [*document.validate_pdf_a(level)["errors"], *document.validate_pdf_ua()["errors"]]


def _objects(value: Any, *, seen: set[tuple[int, int]]) -> Iterator[Any]:
    """Return every dictionary and stream that can be reached, once."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, generic.IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        if isinstance(one, generic.DictionaryObject):
            yield one
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, generic.ArrayObject):
            waiting += [one.raw_get(at) for at in range(len(one))]


def _get(one: Any, key: str, default: Any = None) -> Any:
    """Return a value of a dictionary itself, where `get` would return a reference to it."""
    try:
        return one[key]
    except KeyError:
        return default


def _file_faults(content: bytes, reader: PdfFileReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4,}", content):
        yield "6.1.2: header without a comment of four bytes above 127"
    if "/ID" not in reader.trailer:
        yield "6.1.3: no file identifier"
    if "/Encrypt" in reader.trailer:
        yield "6.1.3: encrypted"


def _catalog_faults(root: Any) -> Iterator[str]:
    listed = _get(root, "/OutputIntents", [])
    intents = [listed[at] for at in range(len(listed)) if listed[at]["/S"] == "/GTS_PDFA1"]
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        yield "6.2.3: no output intent with a profile"
    elif intents[0]["/DestOutputProfile"].data[36:40] != b"acsp":
        yield "6.2.3: the profile is no ICC profile"
    if "/AA" in root or "/JavaScript" in _get(root, "/Names", {}):
        yield "6.5.2: actions of the document"
    if "/AcroForm" in root and ("/XFA" in root["/AcroForm"] or _get(root["/AcroForm"], "/NeedAppearances")):
        yield "6.4: form without its own appearance"
    if not _get(_get(root, "/MarkInfo", {}), "/Marked"):
        yield "6.7.2: not marked as tagged"
    if "/StructTreeRoot" not in root:
        yield "6.7.3: no structure"
    if not _get(root, "/Lang"):
        yield "6.7.4: no language"


def _metadata_faults(root: Any) -> Iterator[str]:
    metadata = _get(root, "/Metadata")
    if metadata is None or "/Filter" in metadata:
        yield "6.6.2: metadata missing or packed"
        return
    if not re.search(rb"pdfaid:part(>|=\")2", metadata.data):
        yield "6.6.4: not part 2"
    if not re.search(rb"pdfaid:conformance(>|=\")A", metadata.data):
        yield "6.6.4: not conformance level A"


def _object_faults(one: Any) -> Iterator[str]:
    filters = _get(one, "/Filter", [])
    names = {str(filters)} if isinstance(filters, generic.NameObject) else {str(name) for name in filters}
    if isinstance(one, generic.StreamObject) and (names & FORBIDDEN_FILTERS or "/F" in one):
        yield "6.1.7: forbidden filter, or content outside the file"
    if _get(one, "/S") in FORBIDDEN_ACTIONS:
        yield f"6.5.1: action {one['/S']}"
    if _get(one, "/Subtype") == "/Image" and _get(one, "/Interpolate"):
        yield "6.2.8: interpolated image"
    if (
        _get(one, "/Type") == "/Annot"
        and not int(_get(one, "/F", 0)) & 4
        and _get(one, "/Subtype") != "/Popup"
    ):
        yield "6.3.2: annotation that is not printed"


def _font_faults(objects: list[Any]) -> Iterator[str]:
    fonts = [one for one in objects if _get(one, "/Type") == "/Font"]
    if not fonts:
        yield "no font found"
    for font in fonts:
        kind, name = font["/Subtype"], _get(font, "/BaseFont", "")
        descriptor = _get(font, "/FontDescriptor", {})
        if kind in ("/CIDFontType0", "/CIDFontType2", "/TrueType", "/Type1") and not any(
            key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
        ):
            yield f"6.2.11.4: font {name} is not embedded"
        if kind == "/Type0" and "/ToUnicode" not in font:
            yield f"6.2.11.7: font {name} has no Unicode values"


def _tag_faults(objects: list[Any]) -> Iterator[str]:
    kinds = {str(one["/S"]) for one in objects if "/P" in one and "/S" in one and "/K" in one}
    for wanted in ("/H1", "/P", "/Table", "/TR", "/TH", "/TD"):
        if wanted not in kinds:
            yield f"6.7.3: no element {wanted}"
