"""The words of the verification pages: one headline, one reason, one next step for each outcome."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from terpadu.documents.enums import Standing, Verdict


@dataclass(frozen=True)
class Words:
    """What a page says first. state: ok, wait, late or info; it is a colour and never the only sign."""

    state: str
    title: str | Promise
    text: str | Promise
    next_step: str | Promise = ""


STANDINGS: dict[Standing, Words] = {
    Standing.VALID: Words(
        "ok",
        _("This document is genuine and valid"),
        _("The agency below issued it, and it is in force today."),
    ),
    Standing.EXPIRED: Words(
        "wait",
        _("Genuine, but no longer valid"),
        _("The agency below issued it. Its time has run out."),
        _("Ask its holder for a newer document."),
    ),
    Standing.REPLACED: Words(
        "wait",
        _("Genuine, but replaced by a newer one"),
        _("The agency below issued a newer document in its place."),
        _("Ask its holder for the newer document."),
    ),
    Standing.REVOKED: Words(
        "late",
        _("Revoked: do not rely on it"),
        _("The agency below issued this document and has taken it back."),
        _("Ask the agency if you need to know more."),
    ),
}

UNKNOWN = Words(
    "late",
    _("We know of no such document"),
    _(
        "No agency has issued a document with this code here. The code may be incomplete, or the document is not genuine."
    ),
    _("Scan the QR code again, or check the file itself."),
)

VERDICTS: dict[Verdict, Words] = {
    Verdict.UNCHANGED: Words(
        "ok", _("Genuine and unchanged"), _("This file is byte for byte the one that was signed.")
    ),
    Verdict.CHANGED: Words(
        "late",
        _("Changed after it was signed"),
        _(
            "This file comes from a document that was signed here, but something in it was changed afterwards. Do not rely on it."
        ),
        _("Ask for the original file, or scan the QR code to see what was really issued."),
    ),
    Verdict.UNREGISTERED: Words(
        "late",
        _("Signed here, but not in our register"),
        _("The signature is ours, but we never issued this document. Do not rely on it."),
        _("Show it to the agency that is named in it."),
    ),
    Verdict.FOREIGN: Words(
        "info",
        _("Signed by somebody else"),
        _("The file bears a signature that does not come from here, so we cannot say whether it is genuine."),
        _("Check it where its signer issues documents."),
    ),
    Verdict.UNSIGNED: Words(
        "wait",
        _("Not signed"),
        _("The file bears no electronic signature. A scan, a photo or a printed copy has none."),
        _("Scan the QR code on it, or ask for the original PDF file."),
    ),
    Verdict.ENCRYPTED: Words(
        "wait",
        _("Locked with a password"),
        _("We cannot look into the file. Our documents are never locked."),
        _("Ask for the original PDF file without a password."),
    ),
    Verdict.UNREADABLE: Words(
        "wait",
        _("This is not a PDF we can read"),
        _("The file is broken, or it is something else than a PDF."),
        _("Choose the PDF file as you received it, not a screenshot of it."),
    ),
}
