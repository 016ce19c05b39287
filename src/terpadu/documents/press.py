"""From a draft to a signed PDF: typeset it, sign it, and look at the result before it counts."""

from __future__ import annotations

from terpadu.documents import composition
from terpadu.documents.adapters import inspection
from terpadu.documents.adapters.signing import SigningAdapter, SigningJob
from terpadu.documents.adapters.typesetting import typeset, typeset_stamp
from terpadu.documents.composition import Draft
from terpadu.documents.enums import Verdict
from terpadu.documents.errors import SigningFailed
from terpadu.documents.rules import decide_verdict
from terpadu.kernel.formats import format_moment


def signed_pdf(draft: Draft, *, adapter: SigningAdapter) -> bytes:
    """Typeset and sign a document, and look at the result as a stranger would.

    Raises TypesettingFailed, and SigningFailed also when the signature does not validate straight away.
    """
    sheet = typeset(
        draft.kind.template,
        document=composition.for_people(draft),
        attachment=composition.for_machines(draft),
        at=draft.issued_at,
    )
    job = SigningJob(
        pdf=sheet.pdf,
        box=sheet.box,
        stamp=_stamp(draft, adapter=adapter),
        signer=draft.signer,
        agency_code=draft.agency.code,
        agency_name=draft.agency.name,
        reference=draft.verify_url,
        at=draft.issued_at,
    )
    pdf = adapter.sign(job)
    finding = inspection.inspect(pdf, trust_anchor=adapter.trust_anchor())
    if decide_verdict(finding, is_registered=True, names_ours=True) is not Verdict.UNCHANGED:
        raise SigningFailed(reason="does not validate")
    return pdf


def _stamp(draft: Draft, *, adapter: SigningAdapter) -> bytes:
    return typeset_stamp(
        {
            "name": draft.signer.name,
            "signed_at": format_moment(draft.issued_at, lang=composition.LANGUAGE),
            "certificate": adapter.certificate_words,
        }
    )
