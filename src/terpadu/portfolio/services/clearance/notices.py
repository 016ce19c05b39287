"""Messages to people at each step: who is told what. Sent by the worker, once for each step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from terpadu.kernel.clock import JAKARTA, now
from terpadu.messaging.public import message_send
from terpadu.portfolio.enums import Part, RequestAction, RequestKind, RequestState, ReviewState
from terpadu.portfolio.events import ClearanceMoved
from terpadu.portfolio.models import ClearanceRequest, RequestStep
from terpadu.portfolio.selectors.clearance.parts import managers_of, office_holders
from terpadu.portfolio.services.clearance.deadlines import LATE
from terpadu.portfolio.services.clearance.decisions import decision_of
from terpadu.portfolio.services.clearance.screening import latest_report

TASKS = {
    RequestState.SUBMITTED: Part.SECRETARIAT,
    RequestState.DECISION: Part.DECIDER,
    RequestState.APPEALED: Part.APPEAL,
}
WORDS_OF_TASK = {
    Part.SECRETARIAT: {"id": "periksa kelengkapan", "en": "check completeness"},
    Part.DECIDER: {"id": "putuskan", "en": "decide"},
    Part.APPEAL: {"id": "putuskan banding", "en": "decide the appeal"},
    Part.DESK: {"id": "beri pendapat meja Anda", "en": "give your desk's opinion"},
}
CLOSED = {
    RequestState.DELIVERED: {"id": "terwujud", "en": "delivered"},
    RequestState.LAPSED: {"id": "kedaluwarsa", "en": "lapsed"},
    RequestState.WITHDRAWN: {"id": "ditarik", "en": "withdrawn"},
}


def link_to(row: ClearanceRequest) -> str:
    """Return the address of a request's page."""
    return f"/portofolio/izin/{row.id}/"


def tell(event: ClearanceMoved) -> None:
    """Send the messages of one step. A request that has moved on is told by its own later step."""
    row = ClearanceRequest.objects.select_related("agency", "subject").get(pk=event.request_id)
    step = RequestStep.objects.filter(request=row).order_by("-id").values_list("id", flat=True).first()
    again = f"{event.action}:{event.state}:{step}"
    if row.state != event.state:
        return
    if event.action == LATE:
        _task(row, again=again)
        return
    _proposer(row, event, again=again)
    _task(row, again=again)
    if event.state == RequestState.REVIEW:
        for desk in row.reviews.filter(state=ReviewState.OPEN).values_list("desk", flat=True):
            _send(
                office_holders(row, desk),
                "clearance_task",
                row,
                _task_words(row, Part.DESK),
                f"{again}:{desk}",
            )
    if row.kind == RequestKind.END and event.action in (RequestAction.SCREEN, RequestAction.GRANT):
        _dependents(row, again=again)


def _proposer(row: ClearanceRequest, event: ClearanceMoved, *, again: str) -> None:
    people = [row.created_by]
    decision = decision_of(row)
    if event.action == RequestAction.SUBMIT or (event.action == RequestAction.ACCEPT and row.path != "full"):
        _send(people, "clearance_received", row, {}, f"received:{row.id}:{row.submitted_at}")
    elif event.action == RequestAction.RETURN:
        note = row.steps.order_by("-id").values_list("note", flat=True)[0]
        _send(people, "clearance_returned", row, {"reason": note, "due_on": _day(row)}, again)
    elif event.action in (RequestAction.GRANT, RequestAction.DENY, RequestAction.UPHOLD) and decision:
        _send(
            people,
            "clearance_decided",
            row,
            {"decision": _both(decision.kind), "reason": decision.reason},
            again,
        )
    elif event.action == RequestAction.DISMISS:
        _send(people, "clearance_dismissed", row, {"reason": row.appeal.reason}, again)
    elif row.state in CLOSED and event.action != RequestAction.WITHDRAW:
        _send(people, "clearance_closed", row, {"outcome": CLOSED[RequestState(row.state)]}, again)


def _task(row: ClearanceRequest, *, again: str) -> None:
    part = TASKS.get(RequestState(row.state))
    if part:
        _send(office_holders(row, part.value), "clearance_task", row, _task_words(row, part), again)


def _task_words(row: ClearanceRequest, part: Part) -> dict[str, object]:
    return {"task": WORDS_OF_TASK[part], "due_on": _day(row), "agency": row.agency.name}


def _dependents(row: ClearanceRequest, *, again: str) -> None:
    """Tell the agencies that use an application of its coming end, when it is asked for and when it is agreed."""
    report = latest_report(row)
    codes = [one["agency_code"] for one in (report.dependents if report else []) if one["agency_code"]]
    words = {
        "agency": row.agency.name,
        "ends_on": (row.ends_on or now().astimezone(JAKARTA).date()).isoformat(),
    }
    _send(managers_of(codes), "clearance_end_announced", row, words, again, link="/portofolio/izin/")


def _both(kind: str) -> dict[str, str]:
    return {
        "reuse": {"id": "pakai aplikasi yang sudah ada", "en": "use an application that exists"},
        "integrate": {
            "id": "hubungkan dengan aplikasi yang sudah ada",
            "en": "connect with an application that exists",
        },
        "extend": {"id": "kembangkan aplikasi yang sudah ada", "en": "extend an application that exists"},
        "new": {"id": "aplikasi baru, pengecualian", "en": "new, by exception"},
        "agree": {"id": "disetujui", "en": "agreed"},
        "refuse": {"id": "ditolak", "en": "refused"},
    }[kind]


def _day(row: ClearanceRequest) -> str:
    return (row.due_at or now()).astimezone(JAKARTA).date().isoformat()


def _send(
    people: Iterable[UUID],
    template: str,
    row: ClearanceRequest,
    words: Mapping[str, object],
    again: str,
    *,
    link: str = "",
) -> None:
    for person in people:
        message_send(
            person_id=person,
            template=template,
            context={"number": row.number, "title": row.title, **words},
            dedup_key=f"{template}:{row.id}:{again}"[:120],
            link=link or link_to(row),
        )
