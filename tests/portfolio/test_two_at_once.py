"""Two officers at one thing in the same moment, on two connections: one wins, the other is told and loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent
from terpadu.portfolio.enums import DecisionKind, Desk, Fate, Opinion, OverlapKind
from terpadu.portfolio.errors import (
    ApplicationKnown,
    ChangedMeanwhile,
    ReviewDone,
    StepRefused,
    VerdictMeanwhile,
)
from terpadu.portfolio.models import Application, ClearanceRequest, DeskReview, Move, Plan, Verdict
from terpadu.portfolio.services.applications import application_enter, application_update
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_take
from terpadu.portfolio.services.clearance.drafts import draft_save
from terpadu.portfolio.services.clearance.reviews import review_give
from terpadu.portfolio.services.clearance.submission import request_accept, request_submit
from terpadu.portfolio.services.overlap_verdicts import overlap_verdict_record, overlap_verdict_withdraw
from terpadu.portfolio.services.rationalisation.plans import (
    MoveValues,
    move_decide,
    plan_add_family,
    plan_start,
)
from tests.portfolio.clearance import (
    NEW,
    REASON,
    People,
    at_decision,
    at_desks,
    decided,
    draft,
    fresh,
    make_application,
    make_people,
)
from tests.portfolio.conftest import CITY, SYSTEM, Country, client_of, make_person

REFUSE = DecisionValues(kind=DecisionKind.REFUSE, reason=REASON)
APPROVE = DecisionValues(kind=DecisionKind.NEW, reason=REASON, expires_on=date(2027, 6, 1))


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do things in the same moment, each on a connection of its own; return what came back, a refusal as the error."""
    start = Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        try:
            start.wait(60)
            return act()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def refusals(outcomes: Sequence[object]) -> list[type]:
    return [type(one) for one in outcomes if isinstance(one, DomainError)]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_wins_and_the_other_is_told(country: Country) -> None:
    people = make_people()
    decider = make_person("3671015705930004", "Pemutus Dua", kind="pemutus_izin", agency="panrb")
    colleague = make_person("3671015705930005", "Penelaah Dua", kind="penelaah_arsitektur", agency="panrb")
    for two_at_once in (two_drafts, two_accepts, two_entries, two_edits, two_moves, two_verdicts):
        two_at_once(people)
    two_reviews(people, colleague)
    two_decisions(people, decider)


def two_drafts(people: People) -> None:
    row = draft(people.proposer)
    titles = ("Judul satu", "Judul dua")
    outcomes = at_once(
        *(
            lambda title=title: draft_save(
                row.id, values=replace(NEW, title=title), version=1, by=people.proposer
            )
            for title in titles
        )
    )
    assert refusals(outcomes) == [ChangedMeanwhile]
    assert fresh(row).title in titles and fresh(row).version == 2


def two_accepts(people: People) -> None:
    row = draft(people.proposer)
    request_submit(row.id, by=people.proposer)
    outcomes = at_once(*[lambda: request_accept(row.id, by=people.secretariat)] * 2)
    assert refusals(outcomes) == [StepRefused]
    assert row.steps.filter(action="accept").count() == 1


def two_entries(people: People) -> None:
    def enter() -> Any:
        return application_enter(agency_code=CITY, values={"name": "Pajak Daring"}, by=people.city)

    outcomes = at_once(enter, enter, enter)
    assert refusals(outcomes) == [ApplicationKnown, ApplicationKnown]
    assert Application.objects.filter(name="Pajak Daring").count() == 1


def two_edits(people: People) -> None:
    row = make_application("Parkir", agency=CITY)
    outcomes = at_once(
        lambda: application_update(row.id, values={"function": "A"}, version=1, by=people.city),
        lambda: application_update(row.id, values={"server": "B"}, version=1, by=SYSTEM),
    )
    assert refusals(outcomes) == [ChangedMeanwhile]
    assert Application.objects.get(pk=row.pk).version == 2


def two_verdicts(people: People) -> None:
    left, right = (make_application(name, agency=CITY).code for name in ("Cuti", "Cuti Pegawai"))
    outcomes = at_once(
        *(
            lambda kind=kind: overlap_verdict_record(
                left, right, kind=kind, reason=REASON, seen="", by=people.city
            )
            for kind in (OverlapKind.DUPLICATE, OverlapKind.NONE)
        )
    )
    given = Verdict.objects.get()
    assert refusals(outcomes) == [VerdictMeanwhile]
    at_once(*[lambda: overlap_verdict_withdraw(given.id, by=people.city)] * 2)
    assert AuditEvent.objects.filter(event="portfolio.overlap_verdict_withdrawn").count() == 1


def family_in_a_plan() -> tuple[Plan, list[Move]]:
    """Return a plan with the moves of one family of three."""
    codes = [make_application(f"E-Cuti {n}", users_actual=n).code for n in range(1, 4)]
    plan = plan_start(name="Konsolidasi", starts_on=date(2027, 1, 1), by=SYSTEM)
    plan_add_family(plan.id, key="cuti", name="Cuti", kind="product", codes=codes, by=SYSTEM)
    plan.refresh_from_db()
    return plan, list(plan.moves.filter(fate="migrate"))


def two_moves(people: People) -> None:
    plan, (first, second) = family_in_a_plan()
    outcomes = at_once(
        *(
            lambda move=move: move_decide(
                move.id, values=MoveValues(Fate.END), version=plan.version, by=SYSTEM
            )
            for move in (first, second)
        )
    )
    assert refusals(outcomes) == [ChangedMeanwhile]
    assert plan.moves.filter(fate="end").count() == 1


def two_reviews(people: People, colleague: Actor) -> None:
    row = at_desks(people, values=replace(NEW, title="Antrean kedua"))
    first = people.desks[Desk.ARCHITECTURE]
    outcomes = at_once(
        *(
            lambda by=by, opinion=opinion: review_give(
                row.id, desk=Desk.ARCHITECTURE, opinion=opinion, text=REASON, by=by
            )
            for by, opinion in ((first, Opinion.SUPPORT), (colleague, Opinion.OBJECT))
        )
    )
    given = DeskReview.objects.get(request=row, desk=Desk.ARCHITECTURE)
    assert refusals(outcomes) == [ReviewDone]
    assert given.opinion == (Opinion.SUPPORT if given.given_by == first.person_id else Opinion.OBJECT)


def two_decisions(people: People, other: Actor) -> None:
    row = at_decision(people, values=replace(NEW, title="Antrean ketiga"))
    outcomes = at_once(
        lambda: decision_take(row.id, values=REFUSE, version=row.version, by=people.decider),
        lambda: decision_take(row.id, values=APPROVE, version=row.version, by=other),
    )
    kind = row.decisions.get().kind
    assert refusals(outcomes) == [StepRefused]
    assert (fresh(row).state, kind) in (("refused", "refuse"), ("approved", "new"))
    assert Application.objects.filter(name=row.title).count() == (kind == "new")


@pytest.fixture
def people(country: Country, actor_from_header: None) -> People:
    """Make everybody who takes part."""
    return make_people()


@pytest.mark.django_db
def test_slower_decider_reads_what_happened_and_keeps_the_words(people: People) -> None:
    row = at_decision(people)
    path = f"/portofolio/izin/{row.id}/putus/"
    typed = {"version": row.version, "kind": "new", "reason": "Alasan panjang dari pemutus kedua."}
    other = make_person("3671015705930004", "Pemutus Dua", kind="pemutus_izin", agency="panrb")
    decided(people, DecisionKind.REFUSE, row=row)

    answer = client_of(other).post(path, typed)

    page = answer.content.decode()
    assert (answer.status_code, client_of(other).get(path).status_code) == (422, 409)
    assert "Somebody else was faster: the request stands at “Refused” now." in page
    assert typed["reason"] in page and "Take the decision" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("by_whom", ["colleague", "decider"])
def test_slower_reviewer_reads_what_happened_and_keeps_the_words(people: People, by_whom: str) -> None:
    row = at_desks(people) if by_whom == "colleague" else decided(people, DecisionKind.REFUSE)
    if by_whom == "colleague":
        desk = people.desks[Desk.ARCHITECTURE]
        review_give(row.id, desk=Desk.ARCHITECTURE, opinion=Opinion.SUPPORT, text="", by=desk)
    other = make_person("3671015705930005", "Rekan", kind="penelaah_arsitektur", agency="panrb")
    typed = {"opinion": "object", "text": "Keberatan panjang dari rekan kedua."}

    answer = client_of(other).post(f"/portofolio/izin/{row.id}/meja/architecture/", typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A colleague has given this desk" in page or "The request has moved on" in page
    assert typed["text"] in page and "Give the opinion" not in page


@pytest.mark.django_db
def test_slower_writer_of_a_draft_compares_and_saves_again(people: People) -> None:
    row = draft(people.proposer)
    path = f"/portofolio/izin/{row.id}/ubah/"
    client = client_of(people.proposer)
    form = client.get(path).context["form"]
    typed = {name: value for name, value in form.initial.items() if value is not None} | {"need": "Dari saya"}
    draft_save(row.id, values=replace(NEW, title="Judul mereka"), version=1, by=people.proposer)

    answer = client.post(path, typed)
    again = client.post(path, {**typed, "version": answer.context["form"]["version"].value()})

    page = answer.content.decode()
    assert (answer.status_code, again.status_code) == (422, 302)
    assert all(words in page for words in ("Somebody else has saved", "Judul mereka", "Dari saya"))
    assert ClearanceRequest.objects.get(pk=row.pk).need == "Dari saya"


@pytest.mark.django_db
def test_writer_of_a_draft_that_was_sent_in_keeps_the_words(people: People) -> None:
    row = draft(people.proposer)
    path = f"/portofolio/izin/{row.id}/ubah/"
    client = client_of(people.proposer)
    form = client.get(path).context["form"]
    typed = {name: value for name, value in form.initial.items() if value is not None} | {"need": "Dari saya"}
    request_submit(row.id, by=people.proposer)

    answer = client.post(path, typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dari saya" in page and "Somebody else was faster" in page and "Save the draft" not in page


@pytest.mark.django_db
def test_slower_judge_of_a_pair_reads_the_other_verdict_and_can_judge_again(
    country: Country, actor_from_header: None
) -> None:
    left, right = (make_application(name, agency=CITY).code for name in ("Cuti", "Cuti Pegawai"))
    path = f"/portofolio/tumpang-tindih/pasangan/{left}/{right}/"
    client = client_of(country.manager)
    typed = {"jenis": "none", "alasan": "Alasan dari penilai kedua.", "terbaca": ""}
    theirs = overlap_verdict_record(
        left, right, kind=OverlapKind.DUPLICATE, reason="Lebih dulu.", by=country.manager
    )

    answer = client.post(f"{path}putusan/", typed)
    again = client.post(f"{path}putusan/", {**typed, "terbaca": str(theirs.id)})

    page = answer.content.decode()
    assert (answer.status_code, again.status_code) == (409, 302)
    assert all(
        words in page
        for words in ("Somebody else has judged", "Lebih dulu.", typed["alasan"], str(theirs.id))
    )
    assert Verdict.objects.counting().first().kind == OverlapKind.NONE
    for unknown, status in (("", 404), (str(uuid7()), 404), (str(theirs.id), 302)):
        assert client.post(f"{path}tarik/", {"putusan": unknown}).status_code == status


@pytest.mark.django_db
def test_slower_planner_sees_theirs_beside_hers_and_decides_again(
    country: Country, actor_from_header: None
) -> None:
    plan, (move, _other) = family_in_a_plan()
    path = f"/portofolio/penataan/langkah/{move.id}/"
    typed = {"version": plan.version, "fate": "end", "successor": "", "note": "Tidak dipakai lagi"}
    keeper = move.successor.code if move.successor else ""
    theirs = MoveValues(Fate.MIGRATE, keeper, "Pindahkan bertahap")
    move_decide(move.id, values=theirs, version=plan.version, by=SYSTEM)

    answer = client_of(country.national).post(path, typed)
    again = client_of(country.national).post(
        path, {**typed, "version": answer.context["form"]["version"].value()}
    )

    page = answer.content.decode()
    assert (answer.status_code, again.status_code) == (422, 302)
    assert "Pindahkan bertahap" in page and "Tidak dipakai lagi" in page
    assert Move.objects.get(pk=move.pk).note == "Tidak dipakai lagi"


@pytest.mark.django_db
def test_family_written_for_a_plan_that_was_adopted_meanwhile_stays_on_the_page(
    country: Country, actor_from_header: None
) -> None:
    plan, _moves = family_in_a_plan()
    Plan.objects.update(state="adopted", basis="Keputusan 1")
    typed = {"name": "Antrean", "kind": "function", "codes": "APL-000077"}

    answer = client_of(country.national).post(f"/portofolio/penataan/rencana/{plan.id}/keluarga/", typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This plan is adopted" in page and "APL-000077</textarea>" in page
