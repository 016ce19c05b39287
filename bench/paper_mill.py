"""The work that `bench.documents` measures: typeset, sign and check a document, against the typesetter alone; verification of a file.

Measured is what a document costs beside its row; no database is needed.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from terpadu.directory.public import AgencyView
from terpadu.documents import composition
from terpadu.documents.adapters.authority import TestAuthoritySigner
from terpadu.documents.adapters.inspection import inspect, inspect_isolated
from terpadu.documents.adapters.typesetting import typeset
from terpadu.documents.catalogue import kind_get
from terpadu.documents.composition import Draft
from terpadu.documents.press import signed_pdf
from terpadu.documents.rules import SignerView

Figure = dict[str, str | float | None]

SECONDS = 3.0
REFERENCE = "http://localhost:8000/v/abcdefghijklmnopqrstuv"
FACTS = {
    "nik": "3671011205230001",
    "name": "Bagas Mahendra Putra",
    "birth_place": "Tangerang",
    "birth_on": "2023-05-12",
    "sex": "male",
    "religion": "Islam",
    "address": "Jl. Melati No. 12, RT 003/RW 005, Kel. Sukasari, Kec. Tangerang",
    "birth_deed_number": "3671-LU-20052023-0042",
    "family_card_number": "3671010102190007",
    "family_head_name": "Andi Mahendra",
    "mother_name": "Sari Lestari",
}


def figures() -> Iterator[Figure]:
    """Yield one figure for each thing measured; Django must be set up."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _figures(TestAuthoritySigner(Path(folder)))


def _figures(authority: TestAuthoritySigner) -> Iterator[Figure]:
    draft, anchor = _draft(), authority.trust_anchor()
    typeset_only = _rate(lambda: _typeset(draft))
    issued = _rate(lambda: signed_pdf(draft, adapter=authority))
    yield _figure("documents.typeset_sign_check", issued, "documents/s", typeset_only)
    signed = signed_pdf(draft, adapter=authority)
    ours = 1000 / _rate(lambda: inspect(signed, trust_anchor=anchor))
    yield _figure("documents.verify_issued_file", ours, "ms", None)
    changed = signed[:-1] + b" "
    isolated = 1000 / _rate(lambda: inspect_isolated(changed, trust_anchor=anchor))
    yield _figure("documents.verify_other_file_isolated", isolated, "ms", ours)
    yield _figure("documents.size", len(signed) / 1000, "kB", None)


def _rate(work: Callable[[], object]) -> float:
    """Return how often a second `work` runs, after one run to warm up."""
    work()
    begin, runs = time.perf_counter(), 0
    while (spent := time.perf_counter() - begin) < SECONDS:
        work()
        runs += 1
    return runs / spent


def _figure(bench: str, value: float, unit: str, baseline: float | None) -> Figure:
    ratio = round(value / baseline, 3) if baseline else None
    return {
        "bench": bench,
        "value": round(value, 1),
        "unit": unit,
        "baseline": round(baseline, 1) if baseline else None,
        "ratio": ratio,
    }


def _draft() -> Draft:
    agency = AgencyView(
        id=UUID(int=0),
        code="disdukcapil.36.71",
        peer_id="36710001",
        name="Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang",
        short_name="Disdukcapil Kota Tangerang",
        kind="regional_office",
        region_code="36.71",
    )
    return Draft(
        kind=kind_get("kia"),
        facts=FACTS,
        agency=agency,
        signer=SignerView("Rina Wulandari", "Kepala Dinas", "197503122000032001"),
        number="36.71-KIA-20261121-0001",
        verify_url=REFERENCE,
        issued_at=datetime(2026, 11, 21, tzinfo=UTC),
        valid_until=date(2028, 5, 11),
        sample_mark="DOKUMEN CONTOH",
    )


def _typeset(draft: Draft) -> object:
    people, machines = composition.for_people(draft), composition.for_machines(draft)
    return typeset(draft.kind.template, document=people, attachment=machines, at=draft.issued_at)
