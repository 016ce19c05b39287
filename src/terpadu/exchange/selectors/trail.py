"""What a person sees of the exchanges about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.enums import DisclosureKind, Outcome
from terpadu.exchange.models import Grant, Interface, SupervisorLook, TrailRow
from terpadu.identity.public import subject_pseudonym
from terpadu.kernel.clock import now
from terpadu.kernel.formats import language
from terpadu_wire.properties import Text

ACCEPTED = 202
"""The status of an answer that defers its result."""


@dataclass(frozen=True)
class TrailEntry:
    """One exchange about a person.

    Names of agencies are in the language in force. data_items: what was read, in the words of the contract; empty when nothing was given.
    outcome: one of enums.Outcome. is_confirmed: the records of both sides are there and agree. is_own: the data
    are the person's own, not those of somebody whom their case is about. is_disputed: the records
    contradict each other. reader_code: code of the agency that wanted the data,
    "" when it is no agency of ours. disclosure: class of its disclosure; disclosed_from: since when it is shown; ground: article by which
    it was kept back. looks: when the supervisor looked at it while it was. parties: peer ids of who called and who was called.
    """

    transaction_id: UUID
    at: datetime
    consumer_name: str
    delegator_name: str | None
    provider_name: str
    service_name: str
    on_behalf_of: str
    data_items: tuple[Text, ...]
    purpose_text: Text
    legal_basis: str
    evidence: str
    outcome: str
    is_confirmed: bool
    is_own: bool = True
    reader_code: str = ""
    disclosure: str = "now"
    disclosed_from: datetime | None = None
    ground: str = ""
    looks: tuple[datetime, ...] = ()
    is_disputed: bool = False
    parties: tuple[str, str] = ("", "")


def trail_for_person(
    person_id: UUID, *, cases: Collection[str] = (), before: UUID | None = None, limit: int = 25
) -> list[TrailEntry]:
    """Return the exchanges about a person, and those made for their cases about somebody else, newest first.

    cases: numbers of the person's own cases; a mother sees what was read of her child for them.
    before: transaction id of the last entry already shown. limit: 1 to 100.
    Six queries at most, whatever the number of entries.
    """
    pseudonym = subject_pseudonym(person_id)
    rows = _rows_of(pseudonym, cases)
    if before is not None:
        last = rows.filter(transaction_id=before).order_by("at", "id").first()
        if last is None:
            return []
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    found = rows.order_by("-at", "-id")[: max(1, min(limit, 100))]
    return entries_of(list(found), pseudonym=pseudonym)


def trail_get(person_id: UUID, transaction_id: UUID, *, cases: Collection[str] = ()) -> TrailEntry | None:
    """Return one exchange about a person or made for one of their cases, or None when it is neither."""
    pseudonym = subject_pseudonym(person_id)
    found = _rows_of(pseudonym, cases).filter(transaction_id=transaction_id)[:1]
    return next(iter(entries_of(list(found), pseudonym=pseudonym)), None)


def trail_count(person_id: UUID) -> int:
    """Return how many exchanges about a person are known."""
    return _rows_of(subject_pseudonym(person_id)).count()


def _rows_of(pseudonym: str, cases: Collection[str] = ()) -> QuerySet[TrailRow]:
    """Return what a person may see now: a grant may keep its exchanges back, as an investigation needs."""
    about_them = Q(subject=pseudonym) & ~Q(subject="")
    for_their_cases = Q(evidence__in=[number for number in cases if number])
    return readings(TrailRow.objects.filter(disclosed_from__lte=now()).filter(about_them | for_their_cases))


def readings(rows: QuerySet[TrailRow]) -> QuerySet[TrailRow]:
    """Leave out calls that ask for a deferred result, or bring it: they are part of the reading that began it."""
    return rows.filter(Q(interaction__isnull=True) | Q(interaction=F("transaction_id")))


def entries_of(rows: list[TrailRow], *, pseudonym: str, is_all: bool = False) -> list[TrailEntry]:
    """Return rows as entries, in their order.

    pseudonym: of the person who looks. is_all: also with results that the person is not shown yet.
    """
    agencies = {agency.peer_id: agency for agency in agency_list()}
    later = _results_of(rows, is_all=is_all)
    looks = _looks_at(rows)
    hashes = {row.grant_hash for row in (*rows, *later.values())}
    grants = {grant.grant_hash: grant for grant in Grant.objects.filter(grant_hash__in=hashes)}
    titles = {
        (peer_id, name): title
        for peer_id, name, title in Interface.objects.filter(
            name__in={row.service for row in rows}
        ).values_list("peer__agency__peer_id", "name", "title")
    }
    return [
        _entry(
            row,
            agencies,
            grants,
            titles.get((row.provider, row.service)),
            result=later.get(row.transaction_id),
            is_own=row.subject == pseudonym,
            looks=looks.get(row.transaction_id, ()),
        )
        for row in rows
    ]


def _looks_at(rows: list[TrailRow]) -> dict[UUID, tuple[datetime, ...]]:
    """Return when the supervisor looked at each exchange, oldest first. At most one query."""
    kept_back = {row.transaction_id: row.subject for row in rows if row.disclosure != DisclosureKind.NOW}
    found: dict[UUID, tuple[datetime, ...]] = {}
    if not kept_back:
        return found
    looks = SupervisorLook.objects.filter(
        subject__in=set(kept_back.values()), transactions__overlap=list(kept_back)
    ).order_by("at", "id")
    for at, transactions in looks.values_list("at", "transactions"):
        for one in kept_back.keys() & set(transactions):
            found[one] = (*found.get(one, ()), at)
    return found


def _results_of(rows: list[TrailRow], *, is_all: bool) -> dict[UUID, TrailRow]:
    """Return, by the call that was answered 202, the call that asked for its result last, or brought it. At most one query."""
    begun = [row.transaction_id for row in rows if row.interaction == row.transaction_id]
    if not begun:
        return {}
    found = TrailRow.objects.filter(interaction__in=begun).exclude(transaction_id__in=begun)
    found = found if is_all else found.filter(disclosed_from__lte=now())
    given = found.filter(outcome=Outcome.ANSWERED).order_by("at", "id")
    return {row.interaction: row for row in given if row.interaction is not None}


def _entry(
    row: TrailRow,
    agencies: dict[str, AgencyView],
    grants: dict[str, Grant],
    title: str | None,
    *,
    result: TrailRow | None,
    is_own: bool,
    looks: tuple[datetime, ...],
) -> TrailEntry:
    grant = grants.get(row.grant_hash)
    properties = grant.properties if grant else {}
    purpose = _object(properties.get("purpose"))
    # Who pushes an event calls, but whom it calls is the one who learns something.
    is_event = bool(_operation(row, properties).get("topic"))
    reader, holder = (row.provider, row.consumer) if is_event else (row.consumer, row.provider)
    parts = [row] if result is None else [row, result]
    items = [item for one in parts for item in _data_items(one, grants)]
    return TrailEntry(
        transaction_id=row.transaction_id,
        at=row.at,
        consumer_name=_name(reader, agencies),
        delegator_name=_name(row.delegator, agencies) if row.delegator else None,
        provider_name=_name(holder, agencies),
        service_name=title or row.service,
        on_behalf_of=row.on_behalf_of,
        data_items=_once(items),
        purpose_text=_words(purpose.get("text"), otherwise=row.purpose),
        legal_basis=str(purpose.get("legal_basis", "")),
        evidence=row.evidence,
        outcome=_outcome(row, result),
        is_own=is_own,
        disclosure=row.disclosure,
        disclosed_from=row.disclosed_from,
        ground=str(_object(_object(properties.get("disclosure")).get("ground")).get("article", "")),
        looks=looks,
        reader_code=_code(row.delegator or reader, agencies),
        is_disputed=any(one.is_disputed for one in parts),
        parties=(row.consumer, row.provider),
        is_confirmed=all(
            one.has_consumer_side and one.has_provider_side and not one.is_disputed for one in parts
        ),
    )


def _outcome(row: TrailRow, result: TrailRow | None) -> str:
    """Return how a reading came out; one whose result was deferred is only asked until the result is there."""
    is_deferred = row.interaction == row.transaction_id
    if is_deferred and (result is None or result.status == ACCEPTED):
        return str(Outcome.ASKED)
    return row.outcome


def _data_items(row: TrailRow, grants: dict[str, Grant]) -> list[Text]:
    """Return the words of what was given, in the contract's order: of an answer's fields, or of what a call brought.

    What was read and has no words in the contract is named by its pointer, so that nobody reads unseen by leaving them out.
    """
    grant = grants.get(row.grant_hash)
    operation = _operation(row, grant.properties if grant else {})
    if row.outcome != Outcome.ANSWERED:
        return []
    if not operation:
        return [Text(pointer, pointer) for pointer in row.fields]
    words = _object(operation.get("data_items"))
    passed = [pointer for pointer in _passing(operation) if pointer in row.fields]
    if operation.get("topic") or (operation.get("interaction") and row.status != ACCEPTED):
        # Of a call that brings something the answer is but a sign that it arrived, unless the contract has words for it.
        passed = [pointer for pointer in passed if pointer in words] or list(words)
    return [_words(words.get(pointer), otherwise=pointer) for pointer in passed]


def _operation(row: TrailRow, properties: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the rules of the operation that was called, {} when they are not known."""
    found = properties.get("operations")
    operations = [_object(one) for one in found] if isinstance(found, list) else []
    return next((one for one in operations if one.get("id") == row.operation), {})


def _passing(operation: dict[str, JsonValue]) -> list[str]:
    """Return the pointers that let something through, as it is, masked or hashed, in the contract's order."""
    rules = _object(operation.get("fields"))
    whole, hashed = rules.get("allow"), rules.get("hash")
    lists = [whole, list(_object(rules.get("mask"))), hashed]
    return [one for found in lists if isinstance(found, list) for one in found if isinstance(one, str)]


def _once(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(texts))


def _name(peer_id: str, agencies: dict[str, AgencyView]) -> str:
    agency = agencies.get(peer_id)
    if agency is None:
        return peer_id
    return (agency.name_en or agency.name) if language() == "en" else agency.name


def _code(peer_id: str, agencies: dict[str, AgencyView]) -> str:
    agency = agencies.get(peer_id)
    return agency.code if agency else ""


def _words(value: JsonValue, *, otherwise: str) -> Text:
    members = _object(value)
    text_id, text_en = members.get("id"), members.get("en")
    if isinstance(text_id, str) and isinstance(text_en, str):
        return Text(text_id, text_en)
    return Text(otherwise, otherwise)


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def calls_by_service(*, since: datetime) -> dict[str, int]:
    """Count the exchanges since a moment by the interface that was called, "<peer id>/<name>". One query."""
    rows = TrailRow.objects.filter(at__gte=since).order_by().values_list("provider", "service")
    return {f"{provider}/{service}": count for provider, service, count in rows.annotate(count=Count("id"))}
