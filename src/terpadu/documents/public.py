"""The door of documents."""

from terpadu.documents.catalogue import kind_get, kinds
from terpadu.documents.rules import Kind, SignerView
from terpadu.documents.selectors import (
    CopyView,
    DocumentView,
    document_by_token,
    document_copies,
    document_get,
    document_list_for,
    document_list_of_case,
)
from terpadu.documents.services import (
    FileCheck,
    document_bytes,
    document_issue,
    document_revoke,
    file_check,
)

__all__ = [
    "CopyView",
    "DocumentView",
    "FileCheck",
    "Kind",
    "SignerView",
    "document_by_token",
    "document_bytes",
    "document_copies",
    "document_get",
    "document_issue",
    "document_list_for",
    "document_list_of_case",
    "document_revoke",
    "file_check",
    "kind_get",
    "kinds",
]
