"""What a decision produces: the document, and the register that must be told. Called by the worker, safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from terpadu.casework.definitions.flow import Output, Push
from terpadu.casework.definitions.scope import NIK_NAMES
from terpadu.casework.definitions.stored import to_json
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import Action
from terpadu.casework.events import OutputIssued, PushDue
from terpadu.casework.services import history
from terpadu.casework.services.flow import step_enter
from terpadu.casework.services.sources import nik_for
from terpadu.directory import public as directory
from terpadu.documents import public as documents
from terpadu.exchange import public as exchange
from terpadu.identity import public as identity
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now, today
from terpadu.kernel.outbox import emit

WORKER = Actor.system("worker")


def output_issue(case_id: UUID, output_id: str) -> None:
    """Issue the output of the step that a case is in, and finish the case. A case that has moved on is left alone.

    Call inside a transaction: when the document cannot be made nothing changes, and the worker tries again.
    """
    dossier = Dossier.lock(case_id)
    dossier.today = today()  # a document's validity counts from the day it is issued
    case, definition = dossier.case, dossier.definition
    step = definition.steps_by_id.get(case.step_id)
    if step is None or step.auto is None or step.auto.issue != output_id:
        return
    output = definition.outputs[output_id]
    valid_until = _value(dossier, output.valid_until) if output.valid_until else None
    document = _document(dossier, output_id, output, valid_until=valid_until)
    facts = {"document_id": str(document.id), "number": document.number}
    history.event_add(case, "issued", by=WORKER, facts=facts)
    step_enter(dossier, step.actions[Action.OK])
    for push_id in step.auto.push:
        emit(_push_due(case.id, push_id, output_id, document, valid_until=valid_until))
    emit(
        OutputIssued(
            case_id=case.id,
            case_number=case.number,
            person_id=case.person_id,
            service_id=case.service_id,
            output_id=output_id,
            document_id=document.id,
            title=output.title.as_dict(),
        )
    )


def _document(
    dossier: Dossier, output_id: str, output: Output, *, valid_until: date | None
) -> documents.DocumentView:
    case = dossier.case
    return documents.document_issue(
        template=output.template,
        kind=output.template,
        facts=_facts(dossier, output),
        holder=_person(dossier, output.holder),
        about=_person(dossier, output.about) if output.about != output.holder else None,
        agency=directory.agency_get(case.agency_code),
        signer=_signer(dossier),
        number=number_of(dossier, output),
        case_id=case.id,
        valid_until=valid_until,
        idempotency_key=f"{case.id}:{output_id}",
        by=WORKER,
    )


def _push_due(
    case_id: UUID, push_id: str, output_id: str, document: documents.DocumentView, *, valid_until: date | None
) -> PushDue:
    return PushDue(
        case_id=case_id,
        push_id=push_id,
        output_id=output_id,
        number=document.number,
        issued_on=document.issued_at.astimezone(JAKARTA).date().isoformat(),
        valid_until=valid_until.isoformat() if valid_until else "",
    )


def _person(dossier: Dossier, who: str) -> UUID:
    if who == "applicant" or dossier.subject_id is None:
        return dossier.case.person_id
    return dossier.subject_id


def _value(dossier: Dossier, rule: str) -> Any:
    return dossier.compiled.value(dossier.compiled.rule(rule), dossier.values, today=dossier.today)


def _facts(dossier: Dossier, output: Output) -> dict[str, str]:
    """Return the facts of a document as texts; those that are not known are left out."""
    found: dict[str, str] = {}
    for name, rule in output.facts.items():
        value = nik_for(dossier, rule, by=WORKER) if rule in NIK_NAMES else to_json(_value(dossier, rule))
        if value not in (None, ""):
            found[name] = str(value)
    return found


def number_of(dossier: Dossier, output: Output) -> str:
    """Return the number of a document from its pattern."""
    definition, day = dossier.definition, today()
    parts: Mapping[str, str] = {
        "{prefix}": definition.number_prefix,
        "{region}": definition.agency.region.replace(".", ""),
        "{year}": str(day.year),
        "{date}": f"{day:%d%m%Y}",
        "{sequence}": f"{dossier.case.sequence:06d}",
    }
    number = output.number
    for part, text in parts.items():
        number = number.replace(part, text)
    return number


def _signer(dossier: Dossier) -> documents.SignerView:
    """Return the officer who signed, with the title of the position in which they did."""
    task = dossier.case.tasks.filter(action=Action.SIGN).order_by("-finished_at").first()
    if task is None or task.finished_by is None:
        raise LookupError("an output without a signer")
    person = identity.person_get(task.finished_by)
    return documents.SignerView(name=person.name, title=directory.position_get(task.taken_position).title)


def register_tell(event: PushDue) -> None:
    """Write an issued output into a register over the exchange. Raises what the exchange raises; the worker retries."""
    dossier = Dossier.lock(event.case_id)
    if dossier.case.events.filter(kind="register_told", facts__push=event.push_id).exists():
        return
    push = dossier.definition.pushes[event.push_id]
    about = _person(dossier, push.about)
    answer = exchange.exchange_call(
        exchange.ExchangeRequest(
            consumer_agency=dossier.case.agency_code,
            service=push.service,
            operation=push.operation,
            body={key: _push_value(dossier, push, rule, event) for key, rule in push.body.items()},
            subject_person_id=about,
            purpose=push.purpose,
            evidence=dossier.case.number,
            on_behalf_of=f"system:{WORKER.position}",
        ),
        by=WORKER,
    )
    facts = {"push": event.push_id, "transaction": str(answer.transaction_id), "at": now().isoformat()}
    history.event_add(dossier.case, "register_told", by=WORKER, facts=facts)


def _push_value(dossier: Dossier, push: Push, rule: str, event: PushDue) -> Any:
    if rule in NIK_NAMES:
        return nik_for(dossier, rule, by=WORKER)
    output = {
        "number": event.number,
        "issued_on": _day(event.issued_on),
        "valid_until": _day(event.valid_until),
    }
    parsed = dossier.compiled.output_rule(rule)
    value = dossier.compiled.value(parsed, {**dossier.values, "output": output}, today=dossier.today)
    return value.strftime(push.date_format) if isinstance(value, date) else to_json(value)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
