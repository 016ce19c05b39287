"""What a request must say before it goes anywhere, by kind and path."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from terpadu.portfolio.enums import RequestKind
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.rules.clearance.procedure import Path

LEAST_LETTERS = 20
LONGEST = {"title": 200, "function": 4000, "need": 4000, "interfaces_plan": 4000, "why_not_existing": 4000}
EARLIEST_YEAR, LATEST_YEAR = 2020, 2040
NEEDS_SUBJECT = frozenset({RequestKind.TAKE_INTO_USE, RequestKind.MODIFY, RequestKind.END})


@dataclass(frozen=True)
class DraftFacts:
    """A request as its rules see it.

    rupiah: contract value. subject: code of the application it is about, "" for a new one. documents: kinds that are there.
    strong: names of existing applications that overlap strongly. dependents: who needs the subject, for an end.
    """

    kind: RequestKind
    title: str
    function: str
    need: str
    rab_codes: tuple[str, ...]
    rupiah: int | None
    fiscal_year: int | None
    subject: str
    interfaces_plan: str
    why_not_existing: str
    documents: frozenset[str]


def text_faults(facts: DraftFacts) -> list[Fault]:
    """Return what cannot be stored at all: too long texts, years and amounts out of range. A draft may lack anything."""
    texts = {name: str(getattr(facts, name)) for name in LONGEST}
    faults = [
        Fault("text_long", column=name, values={"length": str(len(text)), "longest": str(LONGEST[name])})
        for name, text in texts.items()
        if len(text) > LONGEST[name]
    ]
    if facts.fiscal_year is not None and not EARLIEST_YEAR <= facts.fiscal_year <= LATEST_YEAR:
        values = {"first": str(EARLIEST_YEAR), "last": str(LATEST_YEAR)}
        faults.append(Fault("year_range", column="fiscal_year", values=values))
    return faults


def submit_faults(facts: DraftFacts, *, path: Path, strong: Collection[str] = ()) -> list[Fault]:
    """Return what is missing before a request can be sent in.

    strong: names of applications that overlap strongly with a new one; then the proposer must say why none will do.
    """
    faults = text_faults(facts)
    faults += [Fault("text_short", column=name) for name in _short_texts(facts)]
    if facts.kind in NEEDS_SUBJECT and not facts.subject:
        faults.append(Fault("subject_missing", column="subject"))
    if facts.kind is RequestKind.ESTABLISH:
        faults += _new_faults(facts, strong=strong)
    if facts.kind in (RequestKind.ESTABLISH, RequestKind.MODIFY):
        faults += [
            Fault("value_missing", column=name)
            for name in ("rupiah", "fiscal_year")
            if getattr(facts, name) is None
        ]
    missing = [kind for kind in path.documents_for(facts.kind) if kind not in facts.documents]
    return faults + [Fault("document_missing", column=f"document:{kind}") for kind in missing]


def _short_texts(facts: DraftFacts) -> list[str]:
    short = [name for name in ("function", "need") if len(getattr(facts, name).strip()) < LEAST_LETTERS]
    return ([] if facts.title.strip() else ["title"]) + short


def _new_faults(facts: DraftFacts, *, strong: Collection[str]) -> list[Fault]:
    faults = [] if facts.rab_codes else [Fault("process_missing", column="rab_codes")]
    if len(facts.interfaces_plan.strip()) < LEAST_LETTERS:
        faults.append(Fault("interfaces_missing", column="interfaces_plan"))
    if strong and len(facts.why_not_existing.strip()) < LEAST_LETTERS:
        faults.append(
            Fault("why_missing", column="why_not_existing", values={"names": ", ".join(sorted(strong)[:3])})
        )
    return faults
