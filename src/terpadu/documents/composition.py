"""What stands in a document: the form for the typesetter and the form for machines, both from the same facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from terpadu.directory.public import AgencyView, region_name
from terpadu.documents.rules import Kind, SignerView
from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.formats import format_date

REGENCY_CODE_LENGTH = len("36.71")
SCHEMA = "terpadu/document/v1"
LANGUAGE = "id"  # official documents are written in Indonesian (UU 24/2009 art. 27)


@dataclass(frozen=True)
class Draft:
    """A document that is not typeset yet. facts: checked values, text; a missing optional fact is absent or ""."""

    kind: Kind
    facts: Mapping[str, str]
    agency: AgencyView
    signer: SignerView
    number: str
    verify_url: str
    issued_at: datetime
    valid_until: date | None
    sample_mark: str


def for_people(draft: Draft) -> dict[str, Any]:
    """Return what the template shows: words and dates written out, every fact of the kind present."""
    issued_on = draft.issued_at.astimezone(JAKARTA).date()
    return {
        "title": draft.kind.title[LANGUAGE],
        "title_en": draft.kind.title["en"],
        "basis": draft.kind.basis,
        "number": draft.number,
        "agency": draft.agency.name,
        "signer": {
            "name": draft.signer.name,
            "title": draft.signer.title,
            "nip": spaced_nip(draft.signer.nip),
        },
        "verify_url": draft.verify_url,
        "issued_on": format_date(issued_on, lang=LANGUAGE),
        "valid_until": format_date(draft.valid_until, lang=LANGUAGE) if draft.valid_until else "",
        "sample_mark": draft.sample_mark,
        "place": place_of(draft.agency.region_code),
        "facts": {name: _written(draft, name) for name in draft.kind.facts},
    }


def place_of(region_code: str) -> str:
    """Return the town that a letter of a regional agency is dated from, "" for a national one."""
    if not region_code:
        return ""
    return region_name(region_code[:REGENCY_CODE_LENGTH]).removeprefix("Kota ").removeprefix("Kabupaten ")


def _written(draft: Draft, name: str) -> str:
    value = draft.facts.get(name) or ""
    rule = draft.kind.facts[name]
    if not value or rule.type in ("text", "nik"):
        return value
    if rule.type == "date":
        return format_date(date.fromisoformat(value), lang=LANGUAGE)
    return rule.choices[value][LANGUAGE]


def spaced_nip(nip: str) -> str:
    """Write an 18-digit NIP in its usual groups, "19860926 201505 1 001"; anything else as it is."""
    if len(nip) != 18:
        return nip
    return f"{nip[:8]} {nip[8:14]} {nip[14]} {nip[15:]}"


def for_machines(draft: Draft) -> str:
    """Return the JSON text that travels inside the PDF: the same facts as values."""
    content = {
        "schema": SCHEMA,
        "kind": draft.kind.kind,
        "kind_version": draft.kind.version,
        "title": dict(draft.kind.title),
        "number": draft.number,
        "verify_url": draft.verify_url,
        "issued_at": draft.issued_at.isoformat(),
        "valid_until": draft.valid_until.isoformat() if draft.valid_until else None,
        "agency": {"code": draft.agency.code, "name": draft.agency.name},
        "signer": {"name": draft.signer.name, "title": draft.signer.title},
        "is_sample": bool(draft.sample_mark),
        "facts": {name: value for name, value in draft.facts.items() if value},
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
