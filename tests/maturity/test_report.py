"""The report of an agency is a tagged, archival PDF that holds what was published."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typst

from terpadu.maturity import demo
from terpadu.maturity.enums import FindingKind
from terpadu.maturity.models import Finding, Locus
from terpadu.maturity.report import report_pdf
from terpadu.maturity.selectors import published
from terpadu.maturity.selectors.published import published_round
from tests.maturity.archival import archival_faults, checker_faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def pdf(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Typeset Kemenko's report of 2021 with one finding."""
    monkeypatch.setattr(demo, "YEARS", ())
    published._round.cache_clear()
    demo.seed()
    Finding.objects.create(
        locus=Locus.objects.get(round__year=2021),
        aspect="5",
        kind=FindingKind.WEAKNESS,
        text="Manajemen risiko belum ada.",
    )
    measured = published_round(2021)
    path = tmp_path / "lhe.pdf"
    path.write_bytes(report_pdf(measured, measured.results[0]))
    return path


def test_report_claims_pdf_a_and_pdf_ua_and_is_tagged(pdf: Path) -> None:
    content = pdf.read_bytes()

    assert re.search(rb"pdfaid:part>2<", content)
    assert re.search(rb"pdfaid:conformance>A<", content)
    assert re.search(rb"pdfuaid:part>1<", content)
    assert b"/MarkInfo" in content
    assert b"/StructTreeRoot" in content
    assert b"/Lang" in content


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not on this machine")
def test_report_is_a_sound_file(pdf: Path) -> None:
    done = subprocess.run(["qpdf", "--check", str(pdf)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_report_breaks_no_clause_of_pdf_a_that_its_structure_shows(pdf: Path) -> None:
    assert archival_faults(pdf.read_bytes()) == []


def test_report_passes_a_checker_that_is_not_ours(pdf: Path) -> None:
    assert checker_faults(pdf) == []


def test_checker_that_is_not_ours_finds_what_breaks_a_report(pdf: Path, tmp_path: Path) -> None:
    content, broken = pdf.read_bytes(), tmp_path / "broken.pdf"
    for old in (
        b"/Marked true",
        b"/FontFile",
        b"/Metadata",
        b"/Lang",
        b"/StructTreeRoot",
        b"DisplayDocTitle true",
    ):
        assert old in content
        broken.write_bytes(content.replace(old, old[:2] + b"X" + old[3:]))
        assert checker_faults(broken) != [], old


def test_structure_check_finds_what_breaks_pdf_a(pdf: Path) -> None:
    content = pdf.read_bytes()
    broken = {
        b"/Marked true": b"/Narked true",
        b"/GTS_PDFA1": b"/GTS_PDFX1",
        b"pdfaid:part>2": b"pdfaid:part>1",
        b"/FontFile": b"/FontNone",
        b"/StructTreeRoot ": b"/StructTreeNone ",
        b"/ToUnicode": b"/ToUnknown",
    }
    for old, new in broken.items():
        assert old in content
        assert archival_faults(content.replace(old, new)) != [], old
    assert archival_faults(typst.compile(b"Halo")) != []


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="pdfinfo is not on this machine")
def test_report_tells_its_structure_to_poppler(pdf: Path) -> None:
    told = subprocess.run(["pdfinfo", "-struct", str(pdf)], capture_output=True, text=True, check=True).stdout

    assert told.count("Table") >= 4
    assert told.count("TH") >= 12
    assert "H1" in told


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not on this machine")
def test_report_holds_index_band_aspects_findings_and_all_levels(pdf: Path) -> None:
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout

    for part in ("2,95", "2,9475", "Predikat Baik", "3,61", "3,17", "Manajemen risiko belum ada."):
        assert part in text
    assert len(re.findall(r"^\s*(?:[1-9]|[1-4][0-9])\s+\S", text, re.MULTILINE)) >= 47 + 8 + 4


def test_report_is_typeset_once(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terpadu.maturity.report.report_typeset", lambda *_: pytest.fail("typeset again"))
    measured = published_round(2021)

    assert report_pdf(measured, measured.results[0]) == pdf.read_bytes()
