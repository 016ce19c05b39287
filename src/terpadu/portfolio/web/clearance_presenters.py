"""What the pages of clearance show, put into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from terpadu.documents.public import document_get
from terpadu.identity.public import person_many
from terpadu.kernel.formats import format_date, format_number, format_rupiah, language
from terpadu.portfolio.clearance_wording import BECAUSE, DOCUMENTS, GAPS, NEEDS, PATHS
from terpadu.portfolio.enums import Desk, Part, RequestAction, RequestKind, RequestState
from terpadu.portfolio.errors import OverlapUnavailable
from terpadu.portfolio.models import ClearanceRequest, Decision
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.states import actions_of
from terpadu.portfolio.selectors.clearance.dossiers import ACTIVE
from terpadu.portfolio.selectors.clearance.parts import Positions, desks_of, procedure_of
from terpadu.portfolio.services.clearance.delivery import gaps_of
from terpadu.portfolio.services.clearance.drafts import DraftValues, path_of, value_counted
from terpadu.portfolio.services.clearance.flow import standing_of
from terpadu.portfolio.services.clearance.screening import latest_report, look_up
from terpadu.portfolio.web.overlap_words import FEATURES
from terpadu.portfolio.web.words import code_words

REASONS_SHOWN = 4
TAGS = {
    "draft": "info",
    "submitted": "wait",
    "returned": "late",
    "screening": "wait",
    "review": "wait",
    "decision": "wait",
    "approved": "ok",
    "refused": "late",
    "appealed": "wait",
    "delivered": "ok",
    "lapsed": "info",
    "withdrawn": "info",
}
DECISION_TAGS = {
    "reuse": "late",
    "refuse": "late",
    "integrate": "ok",
    "extend": "ok",
    "new": "wait",
    "agree": "ok",
}
OPINION_TAGS = {"support": "ok", "conditions": "wait", "object": "late", "": "info"}
MAIN_ROAD = ("draft", "submitted", "review", "decision", "approved", "delivered")
JOINS = {"returned": "submitted", "screening": "review", "appealed": "decision", "refused": "decision"}


def is_judge(parts: frozenset[Part], positions: Positions) -> bool:
    """Tell whether somebody with these parts sees what the proposer does not see."""
    return bool(parts - {Part.PROPOSER}) or positions.is_national_team


def dossier_of(row: ClearanceRequest, *, parts: frozenset[Part], positions: Positions) -> dict[str, Any]:
    """Return everything that a request's page shows to somebody with these parts."""
    report = latest_report(row)
    judges = is_judge(parts, positions)
    decisions = list(row.decisions.select_related("target__agency").order_by("decided_at"))
    return {
        "row": row,
        "tag": TAGS[row.state],
        "facts": request_facts(row),
        "texts": request_texts(row),
        "steps": steps_of(row),
        "parts": parts,
        "judges": judges,
        "documents": documents_of(row),
        "report": report,
        "candidates": [frozen_candidate(one) for one in report.candidates] if report else [],
        "dependents": [needed_by(one) for one in report.dependents] if report else [],
        "reviews": reviews_of(row, mine=desks_of(positions, row))
        if judges or row.state not in ACTIVE
        else [],
        "comments": comments_of(row, judges=judges),
        "decisions": [decision_facts(one) for one in decisions],
        "appeal": getattr(row, "appeal", None),
        "history": history_of(row, judges=judges),
        "can": {action.value for part in parts for action in actions_of(standing_of(row), part=part)},
        "gaps": [GAPS[code] for code in gaps_of(row)] if row.state == RequestState.APPROVED else [],
        "is_creator": positions.person_id == row.created_by,
    }


def request_facts(row: ClearanceRequest) -> list[tuple[str, str]]:
    """Return the short facts of a request."""
    path = path_of(row)
    known = [
        (_("Agency"), row.agency.name),
        (_("Asked for"), str(RequestKind(row.kind).label)),
        (
            pgettext("portfolio", "Application"),
            f"{row.subject.code} {row.subject.name}" if row.subject else "",
        ),
        (_("Business process (RAB)"), code_words(row.rab_codes)),
        (_("Service (RAL)"), code_words(row.ral_codes)),
        (_("Data (RAD)"), code_words(row.rad_codes)),
        (_("Users"), ", ".join(row.user_groups)),
        (_("Users planned"), format_number(row.users_target) if row.users_target is not None else ""),
        (_("Contract value"), format_rupiah(row.rupiah) if row.rupiah is not None else ""),
        (
            _("Running cost in a year"),
            format_rupiah(row.yearly_rupiah) if row.yearly_rupiah is not None else "",
        ),
        (_("Budget year"), str(row.fiscal_year or "")),
        (_("Last day (for an end)"), format_date(row.ends_on) if row.ends_on else ""),
        (_("Path"), str(PATHS[path.key])),
        (_("Value counted for the path"), format_rupiah(value_counted(row))),
    ]
    return [(label, value) for label, value in known if value]


def request_texts(row: ClearanceRequest) -> list[tuple[str, str]]:
    """Return what a request says at length."""
    known = [
        (_("What should it do?"), row.function),
        (_("Which need is behind it?"), row.need),
        (_("Interfaces on the exchange"), row.interfaces_plan),
        (_("Why none of the existing applications will do"), row.why_not_existing),
    ]
    return [(label, text) for label, text in known if text]


def steps_of(row: ClearanceRequest) -> list[dict[str, Any]]:
    """Return the main road with the place where the request stands."""
    if row.state in (RequestState.LAPSED, RequestState.WITHDRAWN):
        return [
            {
                "state": "done",
                "title": RequestState(row.state).label,
                "note": format_date(row.state_since.date()),
            }
        ]
    here = MAIN_ROAD.index(JOINS.get(row.state, row.state))
    note = _("until %(day)s") % {"day": format_date(row.due_at.date())} if row.due_at else ""
    return [
        {
            "state": "done" if at < here or row.state == "delivered" else "now" if at == here else "next",
            "title": RequestState(row.state if at == here else state).label,
            "note": note if at == here else "",
        }
        for at, state in enumerate(MAIN_ROAD)
        if not (row.state == "refused" and at > here)
    ]


def documents_of(row: ClearanceRequest) -> list[dict[str, Any]]:
    """Return the files of a request."""
    return [
        {"id": one.id, "kind": DOCUMENTS[one.kind], "name": one.file_name, "size": one.size_bytes}
        for one in row.documents.filter(removed_at__isnull=True).order_by("added_at")
    ]


def frozen_candidate(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a candidate of a frozen report as the page shows it."""
    return {
        **one,
        "percent": round(float(one["score"]) * 100),
        "is_strong": float(one["score"]) >= regulation().strong_score,
        "reasons": reasons_of(one["because"]),
    }


def looked(values: DraftValues, *, agency_code: str, region_code: str = "") -> dict[str, Any]:
    """Return what overlaps with what has been typed so far, as the page shows it."""
    if values.kind is not RequestKind.ESTABLISH and not values.function:
        return {"candidates": [], "is_looked": False}
    try:
        found = look_up(values, agency_code=agency_code[:60], region_code=region_code)
    except OverlapUnavailable as error:
        return {"candidates": [], "is_looked": False, "overlap_error": error}
    candidates = [frozen_candidate(one.as_json()) for one in found.candidates] if found else []
    return {
        "candidates": candidates,
        "is_looked": found is not None,
        "records": found.records if found else 0,
        "engine": found.engine if found else "",
        "has_strong": any(one["is_strong"] for one in candidates),
        "is_by_name": not values.function.strip(),
    }


def reasons_of(because: Mapping[str, float]) -> list[str]:
    """Return what speaks for an overlap, strongest first, in words of the language in force."""
    strong = sorted(((number, name) for name, number in because.items() if number > 0), reverse=True)
    said = [str(BECAUSE.get(name) or FEATURES.get(name, name)) for _number, name in strong[:REASONS_SHOWN]]
    return [text[:1].lower() + text[1:] for text in said]


def needed_by(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dependent as the page shows it."""
    return {**one, "kind_name": NEEDS[one["kind"]]}


def reviews_of(row: ClearanceRequest, *, mine: frozenset[Desk]) -> list[dict[str, Any]]:
    """Return the reviews of a request with who gave or works on them."""
    rows = list(row.reviews.order_by("desk"))
    people = person_many(
        {id_ for one in rows for id_ in (one.given_by, one.taken_by, one.delegated_to) if id_}
    )
    names = {key: view.name for key, view in people.items()}
    return [
        {
            "review": one,
            "tag": OPINION_TAGS[one.opinion]
            if one.state == "done"
            else "late"
            if one.state == "missed"
            else "wait",
            "said": one.get_opinion_display() if one.state == "done" else one.get_state_display(),
            "by": names.get(one.given_by) if one.given_by else "",
            "taken": names.get(one.taken_by) if one.taken_by else "",
            "delegated": names.get(one.delegated_to) if one.delegated_to else "",
            "is_mine": Desk(one.desk) in mine and one.state != "done" and row.state in ("review", "decision"),
        }
        for one in rows
    ]


def comments_of(row: ClearanceRequest, *, judges: bool) -> list[dict[str, Any]]:
    """Return what was said, without the internal comments for the proposer."""
    rows = row.comments.order_by("at") if judges else row.comments.filter(is_internal=False).order_by("at")
    found = list(rows)
    names = {key: view.name for key, view in person_many({one.by_person for one in found}).items()}
    return [{"comment": one, "by": names.get(one.by_person, "")} for one in found]


def decision_facts(one: Decision) -> dict[str, Any]:
    """Return a decision as a page shows it, with the address where its letter is verified."""
    letter = document_get(one.letter) if one.letter else None
    return {
        "decision": one,
        "tag": DECISION_TAGS[one.kind],
        "verify": reverse("documents:verify", args=[letter.token]) if letter else "",
    }


def history_of(row: ClearanceRequest, *, judges: bool) -> list[dict[str, Any]]:
    """Return the steps of a request; persons are named only to those who judge."""
    rows = list(row.steps.order_by("-id"))
    names = person_many({one.by_person for one in rows if one.by_person}) if judges else {}
    return [
        {
            "at": one.at,
            "action": RequestAction(one.action).label,
            "part": one.get_part_display(),
            "by": names[one.by_person].name if one.by_person in names else "",
            "note": _("Nobody had looked at it in time.") if one.note == "late" else one.note,
        }
        for one in rows
    ]


def methods() -> list[dict[str, Any]]:
    """Return the procedures as the method page explains them."""
    return [_procedure(one.key) for one in regulation().procedures]


def _procedure(key: str) -> dict[str, Any]:
    rules = regulation()
    procedure = rules.procedure(key)
    kind = RequestKind.ESTABLISH
    paths = [
        {
            "name": PATHS[path.key],
            "desks": ", ".join(str(desk.label) for desk in path.desks_for(kind)) or "–",
            "documents": ", ".join(str(DOCUMENTS[one]) for one in path.documents_for(kind)) or "–",
            "cost": format_rupiah(path.cost(kind, rupiah_per_hour=rules.rupiah_per_hour)),
            "from": format_rupiah(0 if path is procedure.paths[-1] else rules.least_value(path, kind=kind)),
        }
        for path in procedure.paths
    ]
    days = procedure.days
    return {
        "name": procedure.name[language()],
        "basis": procedure.basis[language()],
        "paths": paths,
        "days": [
            (_("Completeness"), days.completeness, "completeness" in procedure.days_assumed),
            (_("Correction by the proposer"), days.correction, "correction" in procedure.days_assumed),
            (_("Review at the desks"), days.review, "review" in procedure.days_assumed),
            (_("Decision"), days.decision, "decision" in procedure.days_assumed),
            (_("To appeal"), days.appeal, False),
            (_("Decision on an appeal"), days.appeal_decision, False),
        ],
    }


def desk_named(name: str) -> Desk | None:
    """Return the desk of an address, None for none."""
    return Desk(name) if name in Desk.values else None


def procedure_name(row: ClearanceRequest) -> str:
    """Return the name of a request's procedure in the language in force."""
    return procedure_of(row).name[language()]
