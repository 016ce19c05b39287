"""Answers and prefilled values as facts to look at: written out, with who vouches for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from terpadu.casework.definitions.compiled import OTHERWISE
from terpadu.casework.definitions.form import FieldSpec
from terpadu.casework.definitions.stored import to_json
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import AnswerStatus, FieldType
from terpadu.casework.models import Attachment
from terpadu.casework.read_models import AttachmentView, FactView, SourceView
from terpadu.casework.services.questions import text_in
from terpadu.directory import public as directory
from terpadu.kernel.formats import format_date, format_number

UPLOADS = {FieldType.FILE, FieldType.PHOTO}


def source_view(dossier: Dossier, name: str) -> SourceView | None:
    """Return where a fact came from, None when the register was not read."""
    entry = dossier.entry_of(name)
    read_at = parse_datetime(entry["read_at"]) if entry else None
    if entry is None or read_at is None:
        return None
    label = dossier.definition.sources[name].label.as_dict()
    return SourceView(name=label, read_at=read_at, transaction_id=entry["transaction_id"])


def fact_of(dossier: Dossier, field: FieldSpec, *, can_dispute: bool = False) -> FactView:
    """Return a field as a fact: its answer, or what prefills it."""
    entry = dossier.sheet.answers.get(field.id)
    marked = dossier.case.marked.get(field.id, "")
    if entry:
        return FactView(
            field_id=field.id,
            label=field.label.as_dict(),
            value=written(field, dossier.given(field.id)),
            status=AnswerStatus(entry["status"]),
            source=source_view(dossier, entry["source"]) if entry["source"] else None,
            registry_value=written(field, _registry_value(field, entry)),
            note=entry.get("note", ""),
            can_dispute=can_dispute and field.locked,
            marked=marked,
            is_checkable=_is_checkable(dossier, field),
        )
    value, source = dossier.prefill(field)
    if field.type is FieldType.INFO:
        value = text_in(field.hint)
    elif field.type is FieldType.COMPUTED:
        value = dossier.values.get(field.id)
    return FactView(
        field_id=field.id,
        label=field.label.as_dict(),
        value=written(field, value),
        status=AnswerStatus.REGISTRY if source else AnswerStatus.DECLARED,
        source=source_view(dossier, source) if source else None,
        can_dispute=can_dispute and field.locked and bool(source),
        marked=marked,
        is_checkable=_is_checkable(dossier, field),
    )


def _is_checkable(dossier: Dossier, field: FieldSpec) -> bool:
    """Tell whether a register usually gives a value: it would be locked, or its page stands in for a register."""
    page = dossier.definition.page_of.get(field.id)
    return field.locked or (page is not None and page.only_by is not None)


def _registry_value(field: FieldSpec, entry: Mapping[str, Any]) -> Any:
    value = entry.get("registry_value")
    return date.fromisoformat(value) if value and field.type is FieldType.DATE else value


def written(field: FieldSpec, value: Any) -> str:
    """Write a value for people, in the language in force; "" when it is not there."""
    if value is None or value == "":
        return ""
    if value == OTHERWISE:
        return text_in(field.otherwise.label) if field.otherwise else ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return format_date(value)
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        return _chosen(field, value)
    if field.type is FieldType.REGION:
        return directory.region_name(str(value))
    if isinstance(value, Mapping):
        return str(value.get("nama") or value.get("shown") or "")
    if isinstance(value, int):
        return format_number(value)
    return str(value) if field.type not in UPLOADS else ""


def _chosen(field: FieldSpec, value: Any) -> str:
    labels = {option.id: text_in(option.label) for option in field.options}
    chosen = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(item, str(item)) for item in chosen)


def attachment_views(dossier: Dossier, rows: list[Attachment]) -> tuple[AttachmentView, ...]:
    """Return the views of a case's files that are not taken back, in order of upload."""
    labels = {name: field.label.as_dict() for name, field in dossier.definition.fields.items()}
    labels |= {item.id: item.label.as_dict() for item in dossier.definition.evidence}
    return tuple(attachment_view(row, labels.get(row.field_id, {})) for row in rows if row.removed_at is None)


def attachment_view(row: Attachment, label: dict[str, str]) -> AttachmentView:
    """Return the view of a file."""
    return AttachmentView(
        id=row.id,
        field_id=row.field_id,
        label=label,
        file_name=row.file_name,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        uploaded_at=row.uploaded_at,
    )


def entry_for(dossier: Dossier, field: FieldSpec, value: Any, *, note: str = "") -> dict[str, Any]:
    """Return what is stored for an answer: its value and who vouches for it.

    A value equal to what a register says is the register's; a different one is kept beside it as a correction.
    """
    known, source = dossier.prefill(field)
    stored = to_json(value)
    entry: dict[str, Any] = {"value": stored, "status": AnswerStatus.DECLARED.value, "source": ""}
    if field.type is FieldType.CHILD and stored != OTHERWISE:
        source, known = (field.options_from or "").partition(".")[0], value
    if not source:
        return entry
    read = dossier.entry_of(source) or {}
    entry |= {
        "source": source,
        "fetched_at": read.get("read_at"),
        "transaction_id": read.get("transaction_id"),
        "status": AnswerStatus.REGISTRY.value,
    }
    if to_json(known) != stored:
        entry |= {"status": AnswerStatus.CORRECTED.value, "registry_value": to_json(known), "note": note}
    return entry
