"""The purposes behind the demo country's contracts, drafted, signed and approved like any; and one that waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from terpadu.directory.demo import DUKCAPIL, PUPR
from terpadu.exchange.public import (
    PurposeView,
    PurposeWords,
    purpose_approve,
    purpose_draft,
    purpose_list,
    purpose_submit,
)
from terpadu.exchange.selectors.purpose_forms import purpose_templates, risk_questions
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.disclosures import AT_ONCE, Disclosure
from terpadu_wire.properties import Purpose, Text
from terpadu_wire.purposes import LegalBasis

LIFE = timedelta(days=1095)
ENDED = ("archived", "rejected")
WAITING = "reklame.izin"
ANSWERS = {
    "special_data": "Data anak bila permohonannya tentang anak (diasumsikan)",
    "automated_decision": "Tidak; petugas memutuskan",
    "large_scale": "Satu orang untuk satu permohonan",
    "minimal": "Setiap data dipakai pada satu langkah layanan; yang lain tidak diteruskan",
    "safeguards": "Petugas yang menangani permohonan; setiap pembacaan ada di jejak akses",
}


def purpose_ensure(
    agency_code: str,
    services: Sequence[str],
    purpose: Purpose,
    *,
    data_items: Sequence[str],
    by_consent: bool,
    provider: str = DUKCAPIL,
    disclosure: Disclosure = AT_ONCE,
    by: Actor,
) -> PurposeView:
    """Return the purpose of an agency with this code, made through the services if it is not there yet.

    services: names of the provider's interfaces that its contracts open. data_items: what they let through, in words.
    disclosure: when the persons see the exchanges.
    """
    known = _find(agency_code, purpose.code)
    if known is not None:
        return known
    basis = LegalBasis(
        "consent" if by_consent else "public_task",
        purpose.legal_basis.replace(" (diasumsikan)", ""),
        is_assumed="diasumsikan" in purpose.legal_basis,
    )
    view = purpose_draft(
        agency_code,
        PurposeWords(
            code=purpose.code,
            provider=provider,
            services=services,
            text=purpose.text,
            legal_basis=basis,
            data_items=data_items,
            retention=purpose.retention,
            risk={question.code: ANSWERS[question.code] for question in risk_questions()},
            expected_calls=5_000,
            not_before=now(),
            not_after=now() + LIFE,
            disclosure=disclosure,
        ),
        by=by,
    )
    purpose_submit(view.id, by=by)
    return purpose_approve(view.id, by=by)


def purpose_reference(agency_code: str, code: str) -> tuple[str, str]:
    """Return (id, digest) by which a contract names an agency's purpose."""
    found = _find(agency_code, code)
    if found is None:
        raise LookupError(f"{agency_code} has no purpose {code}")
    return str(found.id), found.digest


def one_waits(*, by: Actor) -> None:
    """Let one agency wait for an answer, so that the provider's page has something to decide."""
    if _find(PUPR, WAITING) is not None:
        return
    template = purpose_templates()["identity_check"]
    view = purpose_draft(
        PUPR,
        PurposeWords(
            code=WAITING,
            provider=DUKCAPIL,
            services=("kependudukan",),
            text=Text(
                "Memastikan identitas pemohon izin reklame",
                "To make sure of the identity of an applicant for an advertising permit",
            ),
            legal_basis=LegalBasis("public_task", template.legal_basis.article, is_assumed=True),
            data_items=template.data_items,
            retention=template.retention,
            risk=template.risk,
            expected_calls=200,
            not_before=now(),
            not_after=now() + LIFE,
        ),
        by=by,
    )
    purpose_submit(view.id, by=by)


def _find(agency_code: str, code: str) -> PurposeView | None:
    for view in purpose_list(agency_code):
        if view.content.code == code and view.consumer.code == agency_code and view.state not in ENDED:
            return view
    return None
