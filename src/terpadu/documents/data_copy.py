"""What documents holds about a person, for the copy of their data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.documents.selectors import document_copies, document_list_for
from terpadu.identity.public import DataSection


def _owner(person_id: UUID) -> str:
    """Return the agency that issued the newest document; without one the platform."""
    documents = document_list_for(person_id)
    return documents[0].agency_code if documents else "portal"


def _read(person_id: UUID) -> Any:
    return [
        {
            "kind": document.kind,
            "number": document.number,
            "issued_at": document.issued_at.isoformat(),
            "agency": document.agency_code,
            "status": str(document.status.value),
            "address": document.verify_url,
            "fetched": [
                {"at": copy.at.isoformat(), "by": copy.actor_kind, "agency": copy.agency}
                for copy in document_copies(document.id)
            ],
        }
        for document in document_list_for(person_id)
    ]


SECTION = DataSection(
    key="documents",
    title={"id": "Dokumen di dompet", "en": "Documents in the wallet"},
    owner=_owner,
    purpose={
        "id": "Menyimpan dokumen yang terbit untuk Anda (UU 11/2008 ps. 5)",
        "en": "To keep documents issued to you (UU 11/2008 art. 5)",
    },
    read=_read,
)
