"""Uploaded files: looked at before they are taken, kept under their id outside the web root, given only to who may see."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from terpadu.casework.definitions.form import FileKind
from terpadu.casework.models import Attachment, Case
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.ui.widgets import LimitedFileInput

LARGEST_BYTES = 5 * 1024 * 1024
SIGNATURES: dict[FileKind, bytes] = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
ENDINGS: dict[FileKind, tuple[str, ...]] = {"pdf": (".pdf",), "jpg": (".jpg", ".jpeg"), "png": (".png",)}
MIME_TYPES: dict[FileKind, str] = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


class UploadField(forms.FileField):
    """A file of one of some kinds, known by its content. Errors say what is wrong and what to choose instead."""

    def __init__(self, *, kinds: Sequence[FileKind]) -> None:
        endings = ",".join(ending for kind in kinds for ending in ENDINGS[kind])
        super().__init__(widget=LimitedFileInput(accept=endings), help_text=limits_text(kinds))
        self.kinds = tuple(kinds)
        self.error_messages["empty"] = _("This file is empty. Choose it again, or take the photo again.")

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the file. Raises ValidationError for a size, kind or ending that does not fit."""
        found = super().clean(data, initial)
        if isinstance(found, UploadedFile):
            fault = upload_fault(found, kinds=self.kinds)
            if fault:
                raise forms.ValidationError(fault)
        return found


def limits_text(kinds: Sequence[FileKind]) -> str:
    """Say which files can be chosen, in the language in force."""
    return _("%(kinds)s, at most 5 MB.") % {"kinds": ", ".join(kind.upper() for kind in kinds)}


def kind_of(file: UploadedFile[Any]) -> FileKind | None:
    """Return the kind of a file by its first bytes, None for any other kind."""
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    return next((kind for kind, mark in SIGNATURES.items() if head.startswith(mark)), None)


def upload_fault(file: UploadedFile[Any], *, kinds: Sequence[FileKind]) -> str:
    """Say what is wrong with a file, "" when nothing is."""
    if (file.size or 0) > LARGEST_BYTES:
        words = {"size": f"{(file.size or 0) / 1024 / 1024:.0f}"}
        return _("This file has %(size)s MB; at most 5 MB can be taken. Choose a smaller one.") % words
    kind = kind_of(file)
    if kind is None or kind not in kinds:
        return _("This kind of file cannot be taken. Choose %(limits)s") % {"limits": limits_text(kinds)}
    ending = Path(file.name or "").suffix.lower()
    if ending not in ENDINGS[kind]:
        words = {"kind": kind.upper(), "ending": ending or _("nothing")}
        text = _(
            "This is a %(kind)s file, but its name ends in %(ending)s. Rename it, or choose another file."
        )
        return text % words
    return ""


def attachment_keep(case: Case, field_id: str, file: UploadedFile[Any]) -> Attachment:
    """Store a checked file; what was uploaded for the field before is taken back. Call inside a transaction."""
    kind = kind_of(file)
    content = file.read()
    row = Attachment(
        id=uuid7(),
        person_id=case.person_id,
        case=case,
        field_id=field_id,
        file_name=get_valid_filename(Path(file.name or "berkas").name)[-120:],
        content_type=MIME_TYPES[kind or "pdf"],
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    _write(path_of(row.id), content)
    case.attachments.filter(field_id=field_id, removed_at__isnull=True).update(removed_at=now())
    row.save(force_insert=True)
    return row


def path_of(attachment_id: UUID) -> Path:
    """Return where the bytes of an attachment lie: by its id, never by a name that somebody chose."""
    return Path(settings.UPLOADS_DIR) / attachment_id.hex[-2:] / attachment_id.hex


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
