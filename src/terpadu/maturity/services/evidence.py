"""Evidence for answers: files, links, what the platform sees, and what last year's answer stood on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotFound
from terpadu.kernel.ids import uuid7
from terpadu.maturity.enums import EvidenceKind, LocusState
from terpadu.maturity.errors import EvidenceEmpty, EvidenceRefused, EvidenceTooLarge, LinkRefused
from terpadu.maturity.facts import FactSubject, facts_for
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Evidence, Locus
from terpadu.maturity.policies import ANSWERING, check_can_answer, check_role, check_state
from terpadu.maturity.rules.evidence import HEAD_BYTES, LARGEST_BYTES, is_public_address, media_type_of
from terpadu.maturity.services.assessments import indicator_of, locus_lock

BLOCK_BYTES = 64 * 1024


@transaction.atomic
def evidence_add_file(
    locus_id: UUID, *, indicator: str, title: str, content: IO[bytes], by: Actor
) -> Evidence:
    """Take a file as evidence; its kind is told by its content.

    title: what the reader sees, such as the file's name. Raises EvidenceEmpty, EvidenceTooLarge, EvidenceRefused, and
    as answers do.
    """
    locus = _answering(locus_id, indicator=indicator, by=by)
    sha256, size, media_type = file_keep(content)
    row = Evidence.objects.create(
        locus=locus,
        indicator=indicator,
        kind=EvidenceKind.FILE,
        title=Path(title.replace("\\", "/")).name[:200],
        sha256=sha256,
        size_bytes=size,
        media_type=media_type,
        made_on=today(),
        added_by=by.person_id,
    )
    _record("maturity.evidence_added", row, by=by)
    return row


@transaction.atomic
def evidence_add_link(locus_id: UUID, *, indicator: str, title: str, url: str, by: Actor) -> Evidence:
    """Take the address of a public page as evidence. Raises LinkRefused, and as answers do."""
    locus = _answering(locus_id, indicator=indicator, by=by)
    if not is_public_address(url.strip()):
        raise LinkRefused()
    row = Evidence.objects.create(
        locus=locus,
        indicator=indicator,
        kind=EvidenceKind.LINK,
        title=(title.strip() or url.strip())[:200],
        url=url.strip(),
        made_on=today(),
        added_by=by.person_id,
    )
    _record("maturity.evidence_added", row, by=by)
    return row


@transaction.atomic
def evidence_add_platform(locus_id: UUID, *, indicator: str, key: str, by: Actor) -> Evidence:
    """Take a fact that the platform sees as evidence, counted anew now, with its query and date. Raises NotFound."""
    locus = _answering(locus_id, indicator=indicator, by=by)
    question = instrument_get(locus.round.instrument_code).indicators[indicator]
    about = FactSubject(locus.agency_code, locus.region_code)
    facts = {fact.key: fact for fact in facts_for(question, about=about, on=today())}
    if key not in facts:
        raise NotFound()
    fact = facts[key]
    row = Evidence.objects.create(
        locus=locus,
        indicator=indicator,
        kind=EvidenceKind.PLATFORM,
        title=fact.statement.id[:200],
        facts={
            "key": fact.key,
            "number": fact.number,
            "statement": {"id": fact.statement.id, "en": fact.statement.en},
            "query": fact.query,
            "on": fact.on.isoformat(),
        },
        made_on=fact.on,
        added_by=by.person_id,
    )
    _record("maturity.evidence_added", row, by=by)
    return row


@transaction.atomic
def evidence_withdraw(evidence_id: UUID, *, by: Actor) -> None:
    """Take a piece of evidence back; it stays on record. Raises NotFound, and as answers do."""
    row = Evidence.objects.select_for_update().filter(pk=evidence_id, withdrawn_at__isnull=True).first()
    if row is None:
        raise NotFound()
    _answering(row.locus_id, indicator=row.indicator, by=by)
    row.withdrawn_at = now()
    row.save(update_fields=["withdrawn_at"])
    _record("maturity.evidence_withdrawn", row, by=by)


@transaction.atomic
def evidence_carry_over(locus_id: UUID, *, by: Actor) -> int:
    """Offer the evidence of the agency's latest earlier round again, each piece with its first date; return how many.

    Only indicators that the present instrument asks under the same number, and only from the same instrument: other
    instruments ask other things. Pieces that were carried over already are left out.
    """
    locus = locus_lock(locus_id)
    check_role(by, locus=locus, roles=ANSWERING)
    check_state(locus, LocusState.OPEN)
    earlier = (
        Locus.objects.filter(
            agency_code=locus.agency_code,
            round__year__lt=locus.round.year,
            round__instrument_code=locus.round.instrument_code,
        )
        .order_by("-round__year")
        .first()
    )
    if earlier is None:
        return 0
    carried = Evidence.objects.filter(locus=locus, carried_from__isnull=False).values("carried_from")
    pieces = earlier.evidence.filter(withdrawn_at__isnull=True).exclude(pk__in=carried)
    rows = [_again(piece, locus=locus, by=by) for piece in pieces.exclude(kind=EvidenceKind.PLATFORM)]
    Evidence.objects.bulk_create(rows)
    facts: dict[str, audit.Fact] = {"count": len(rows)}
    audit.record("maturity.evidence_carried", by=by, about_kind="locus", about_id=locus.id, facts=facts)
    return len(rows)


def file_keep(content: IO[bytes]) -> tuple[str, int, str]:
    """Keep a file under the digest of its content; return digest, size in bytes and media type.

    Reads block by block and stops at the limit. Raises EvidenceEmpty, EvidenceTooLarge, EvidenceRefused.
    """
    directory = evidence_directory()
    directory.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    draft = directory / f"draft-{uuid7()}"
    try:
        with draft.open("wb") as file:
            while block := content.read(BLOCK_BYTES):
                head = head or block[:HEAD_BYTES]
                size += len(block)
                if size > LARGEST_BYTES:
                    raise EvidenceTooLarge(size_bytes=size)
                digest.update(block)
                file.write(block)
        media_type = media_type_of(head)
        if not size:
            raise EvidenceEmpty()
        if media_type is None:
            raise EvidenceRefused(size_bytes=size)
        draft.rename(directory / digest.hexdigest())
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest(), size, media_type


def evidence_path(sha256: str) -> Path:
    """Return where the file of a digest is kept."""
    return evidence_directory() / sha256


def evidence_directory() -> Path:
    """Return the directory of all evidence."""
    return Path(settings.UPLOADS_DIR) / "maturity"


def _answering(locus_id: UUID, *, indicator: str, by: Actor) -> Locus:
    locus = locus_lock(locus_id)
    indicator_of(instrument_get(locus.round.instrument_code), indicator)
    check_can_answer(by, locus=locus, indicator=indicator)
    return locus


def _again(piece: Evidence, *, locus: Locus, by: Actor) -> Evidence:
    return Evidence(
        locus=locus,
        indicator=piece.indicator,
        kind=piece.kind,
        title=piece.title,
        sha256=piece.sha256,
        size_bytes=piece.size_bytes,
        media_type=piece.media_type,
        url=piece.url,
        made_on=piece.made_on,
        carried_from=piece,
        added_by=by.person_id,
    )


def _record(event: str, row: Evidence, *, by: Actor) -> None:
    facts: dict[str, audit.Fact] = {"indicator": row.indicator, "kind": str(row.kind)}
    audit.record(event, by=by, about_kind="evidence", about_id=row.id, facts=facts)
