"""A signed card is an archival, tagged file in the eyes of a checker that is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from terpadu.documents.public import document_bytes
from terpadu.kernel.actors import Actor
from tests.documents.conftest import MOTHER, Issue
from tests.maturity.archival import checker_faults

pytestmark = pytest.mark.django_db

UNREAD = "[XMP-002]"
"""The checker reads the profile's identifiers as elements alone; the signing library writes them as attributes, which XMP
allows (ISO 16684-1, 7.9)."""


def test_signed_card_breaks_no_clause_of_pdf_a_and_pdf_ua(issue: Issue, tmp_path: Path) -> None:
    path = tmp_path / "card.pdf"
    path.write_bytes(document_bytes(issue().id, by=Actor.person(MOTHER)))

    assert [fault for fault in checker_faults(path, level="3a") if not fault.startswith(UNREAD)] == []
    assert b'pdfaid:part="3" pdfaid:conformance="A" pdfuaid:part="1"' in path.read_bytes()
