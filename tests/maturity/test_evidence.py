"""Evidence: which files are taken, what is carried over, and what the platform offers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.kernel.clock import freeze, today
from terpadu.kernel.errors import NotAllowed, NotFound
from terpadu.maturity.errors import (
    AnswerTooLate,
    EvidenceEmpty,
    EvidenceRefused,
    EvidenceTooLarge,
    LinkRefused,
)
from terpadu.maturity.facts import (
    FactSubject,
    PlatformFact,
    contradictions,
    facts_for,
    forget_fact,
    register_fact,
)
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Evidence, Locus, Round
from terpadu.maturity.rules.evidence import HEAD_BYTES, LARGEST_BYTES, media_type_of
from terpadu.maturity.rules.instrument import Text
from terpadu.maturity.services.evidence import (
    evidence_add_file,
    evidence_add_link,
    evidence_add_platform,
    evidence_carry_over,
    evidence_directory,
    evidence_path,
    evidence_withdraw,
)
from terpadu.maturity.sources import contracts_in_force, source_of
from tests.maturity.conftest import DUE, PDF, Scene

KEY = "exchange.contracts_in_force"


def archive(first: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(first, "application/vnd.oasis.opendocument.text" if first == "mimetype" else "x")
    return buffer.getvalue()


def add(scene: Scene, content: bytes, title: str = "bukti.pdf") -> Evidence:
    return evidence_add_file(
        scene.locus.id, indicator="11", title=title, content=BytesIO(content), by=scene.coordinator
    )


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (archive("[Content_Types].xml"), "application/vnd.openxmlformats-officedocument"),
        (archive("mimetype"), "application/vnd.oasis.opendocument"),
        ("Catatan rapat é\n".encode(), "text/plain"),
        (("a" + "é" * 4000).encode()[:HEAD_BYTES], "text/plain"),
        (b"MZ\x90\x00", None),
        (b"MZ text", None),
        (b"\x7fELF\x02", None),
        (b"#!/bin/sh\n", None),
        (b"<html><script>", None),
        (archive("evil.exe"), None),
        (b"\xca\xfe\xba\xbe", None),
        (b"\x00\x01", None),
        (b"text \xff\xfe", None),
    ],
)
def test_media_type_is_told_by_the_content(head: bytes, media_type: str | None) -> None:
    assert media_type_of(head) == media_type


@given(st.binary(max_size=200))
def test_media_type_of_any_bytes_is_told_without_failing(head: bytes) -> None:
    assert media_type_of(head) is None or "/" in str(media_type_of(head))


def test_evidence_file_is_kept_under_its_digest(scene: Scene) -> None:
    row = add(scene, PDF, title="C:\\rapat\\bukti.pdf")

    assert evidence_path(row.sha256).read_bytes() == PDF
    assert (row.title, row.size_bytes, row.made_on) == ("bukti.pdf", len(PDF), date(2025, 6, 2))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EvidenceEmpty),
        (b"%PDF-" + b"0" * LARGEST_BYTES, EvidenceTooLarge),
        (b"MZ\x90\x00", EvidenceRefused),
        (b"#!/bin/sh\nrm -rf", EvidenceRefused),
    ],
)
def test_evidence_that_cannot_be_taken_leaves_nothing_behind(
    scene: Scene, content: bytes, error: type[EvidenceRefused]
) -> None:
    before = {path.name for path in evidence_directory().glob("*")}

    with pytest.raises(error):
        add(scene, content)

    assert not Evidence.objects.exists()
    assert {path.name for path in evidence_directory().glob("*")} == before


def test_evidence_after_the_deadline_or_from_outside_is_refused(scene: Scene) -> None:
    with freeze(DUE + timedelta(days=1)), pytest.raises(AnswerTooLate):
        add(scene, PDF)

    with pytest.raises(NotAllowed):
        evidence_add_file(scene.locus.id, indicator="11", title="x", content=BytesIO(PDF), by=scene.stranger)


@pytest.mark.parametrize(
    "url", ["", "kominfo", "javascript:alert(1)", "ftp://a.go.id", "https://", "http://localhost"]
)
def test_evidence_link_that_others_cannot_open_is_refused(scene: Scene, url: str) -> None:
    with pytest.raises(LinkRefused):
        evidence_add_link(scene.locus.id, indicator="11", title="x", url=url, by=scene.coordinator)


def test_evidence_withdrawn_stays_on_record_and_cannot_be_withdrawn_again(scene: Scene) -> None:
    row = evidence_add_link(
        scene.locus.id,
        indicator="11",
        title="Portal",
        url="https://data.contoh.go.id/a",
        by=scene.coordinator,
    )
    evidence_withdraw(row.id, by=scene.coordinator)

    with pytest.raises(NotFound):
        evidence_withdraw(row.id, by=scene.coordinator)
    assert Evidence.objects.get().withdrawn_at is not None


def test_evidence_of_last_year_is_carried_over_once_with_its_age(scene: Scene) -> None:
    piece = add(scene, PDF)
    gone = add(scene, PDF + b"2")
    evidence_withdraw(gone.id, by=scene.coordinator)
    earlier = Round.objects.get(pk=scene.round.pk)
    Round.objects.filter(pk=earlier.pk).update(year=2024)
    following = Round.objects.create(
        year=2025,
        name="2025",
        instrument_code=earlier.instrument_code,
        instrument_sha256=earlier.instrument_sha256,
        state="running",
        self_due_at=DUE,
    )
    locus = Locus.objects.create(
        round=following, agency_code="kota.99.01", agency_name="Kota Contoh", group="city", kind="evaluation"
    )
    scene.locus.appointments.filter(role="coordinator").update(locus=locus, round=following)

    first = evidence_carry_over(locus.id, by=scene.coordinator)
    second = evidence_carry_over(locus.id, by=scene.coordinator)

    assert (first, second) == (1, 0)
    row = locus.evidence.get()
    assert (row.carried_from_id, row.made_on, row.sha256) == (piece.id, piece.made_on, piece.sha256)


@pytest.fixture
def no_source() -> Iterator[None]:
    """Take the platform's own source of the fact away for a test."""
    forget_fact(KEY)
    yield
    forget_fact(KEY)
    register_fact(KEY, source_of(KEY, contracts_in_force))


@pytest.fixture
def two_contracts(no_source: None) -> Iterator[None]:
    register_fact(
        KEY,
        lambda about, on: PlatformFact(
            KEY,
            2,
            Text(id="2 perjanjian berlaku", en="2 contracts in force"),
            f"contracts of {about.agency_code}",
            on,
        ),
    )
    yield
    forget_fact(KEY)


@pytest.mark.usefixtures("two_contracts")
def test_platform_fact_becomes_evidence_with_query_and_date(scene: Scene) -> None:
    row = evidence_add_platform(scene.locus.id, indicator="18", key=KEY, by=scene.coordinator)

    assert row.facts["query"] == "contracts of kota.99.01"
    assert row.facts["on"] == "2025-06-02"


@pytest.mark.usefixtures("no_source")
def test_platform_fact_that_nobody_counts_is_not_offered(scene: Scene) -> None:
    with pytest.raises(NotFound):
        evidence_add_platform(scene.locus.id, indicator="18", key=KEY, by=scene.coordinator)


@pytest.mark.usefixtures("two_contracts")
def test_fact_with_two_sources_is_refused() -> None:
    with pytest.raises(ValueError, match="two sources"):
        register_fact(KEY, lambda agency, on: None)


@pytest.mark.parametrize(("level", "number", "flagged"), [(4, 0, True), (4, 1, False), (3, 0, False)])
def test_claim_is_flagged_only_when_the_instruments_rule_says_so(
    level: int, number: int, flagged: bool
) -> None:
    indicator = instrument_get("permenpanrb-59-2020").indicators["18"]
    fact = PlatformFact(KEY, number, Text(id="a", en="b"), "q", date(2025, 1, 1))

    assert bool(contradictions(indicator, level=level, facts=[fact])) is flagged


@pytest.mark.usefixtures("no_source")
def test_facts_of_an_indicator_without_sources_are_none() -> None:
    indicator = instrument_get("permenpanrb-59-2020").indicators["18"]

    assert facts_for(indicator, about=FactSubject("x", ""), on=today()) == []
