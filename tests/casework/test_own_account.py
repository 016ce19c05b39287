"""What needs a second person or a signature asks for the officer's own account; an agency's login does the rest of the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from terpadu.casework import public as casework
from terpadu.casework.definitions.flow import Step
from terpadu.casework.errors import CaseTaken, FourEyes
from terpadu.casework.models import Case, Complaint, ServiceDefinition, Task
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.casework.services.acting import sign_batch
from terpadu.casework.services.complaint_views import complaint_open
from terpadu.casework.services.complaints import complaint_answer, complaint_take
from terpadu.casework.services.desk import desk_open, next_take
from terpadu.directory import public as directory
from terpadu.identity.enums import LoginProtocol, LoginStage
from terpadu.identity.errors.officers import OwnAccountNeeded
from terpadu.identity.models import Account, AgencyLogin, OfficerLink
from terpadu.identity.policies.agency_login import AGENCY_LOGIN
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7
from tests.casework.conftest import World, person_of

pytestmark = pytest.mark.django_db
WORDS = "Periksa lagi nama ayah."
BACKEND = "terpadu.identity.web.backend.AccountBackend"


def by_agency(actor: Actor) -> Actor:
    """The officer as their agency's login says who they are."""
    return replace(actor, by_agency_login=True)


@pytest.mark.parametrize(
    ("four_eyes", "actions", "expected"),
    [
        (False, {"approve": "ttd"}, False),
        (False, {"approve": "ttd", "reject": "tolak"}, False),
        (True, {"approve": "ttd"}, True),
        (True, {"sign": "terbit"}, True),
        (False, {"sign": "terbit", "return": "awal"}, True),
    ],
)
def test_step_needs_the_own_account_for_a_second_person_or_a_signature(
    four_eyes: bool, actions: dict[str, str], expected: bool
) -> None:
    name = {"id": "Langkah", "en": "Step"}
    said: dict[str, Any] = {"id": "langkah", "name": name, "state": "waiting", "role": "petugas"}

    assert Step(**said, four_eyes=four_eyes, actions=actions).needs_own_account is expected


Work = Callable[[UUID, World, Actor], object]
FIRST: dict[str, Work] = {
    "take": lambda case_id, _world, by: casework.case_take(case_id, by=by),
    "release": lambda case_id, _world, by: casework.case_release(case_id, by=by),
    "hand over": lambda case_id, world, by: casework.case_hand_over(case_id, to=person_of(world.rina), by=by),
    "next": lambda _case_id, _world, by: next_take(by=by, position_kind="operator_siak"),
    "approve": lambda case_id, _world, by: casework.case_act(case_id, "approve", by=by),
    "reject": lambda case_id, _world, by: casework.case_act(case_id, "reject", message=WORDS, by=by),
}
SECOND: dict[str, Work] = {
    "take": FIRST["take"],
    "release": FIRST["release"],
    "hand over": lambda case_id, world, by: casework.case_hand_over(
        case_id, to=person_of(world.hendra), by=by
    ),
    "next": lambda _case_id, _world, by: next_take(by=by, position_kind="kepala_dinas"),
    "sign": lambda case_id, _world, by: casework.case_act(case_id, "sign", by=by),
    "return": lambda case_id, _world, by: casework.case_act(case_id, "return", message=WORDS, by=by),
}


@pytest.mark.parametrize("work", FIRST)
def test_first_officer_works_by_the_agencys_login(world: World, sent_case: UUID, work: str) -> None:
    FIRST[work](sent_case, world, by_agency(world.budi))


@pytest.mark.parametrize("work", SECOND)
def test_second_person_works_by_the_own_account_alone(world: World, sent_case: UUID, work: str) -> None:
    casework.case_act(sent_case, "approve", by=by_agency(world.budi))

    with pytest.raises(OwnAccountNeeded):
        SECOND[work](sent_case, world, by_agency(world.hendra))

    assert (Case.objects.get().step_id, Task.objects.open().get().taken_by) == ("ttd", None)
    SECOND[work](sent_case, world, world.hendra)


def test_batch_by_the_agencys_login_signs_nothing_and_says_why(world: World, sent_case: UUID) -> None:
    casework.case_act(sent_case, "approve", by=world.budi)

    [outcome] = sign_batch([sent_case], by=by_agency(world.hendra))

    assert outcome.error == f"{OwnAccountNeeded.title} {OwnAccountNeeded.next_step}"
    assert Case.objects.get().step_id == "ttd"


@pytest.mark.parametrize("work", [complaint_take, complaint_answer])
def test_complaint_is_answered_by_the_own_account_alone(
    world: World, sent_case: UUID, work: Callable[..., None]
) -> None:
    """Its answer is for somebody who took no part, whom an agency's login could play."""
    casework.case_take(sent_case, by=by_agency(world.budi))
    found = casework.complaint_make(sent_case, text="Sudah tiga hari tidak ada kabar.", by=world.siti)
    words = {"text": WORDS} if work is complaint_answer else {}
    desk = complaint_open(found, by=by_agency(world.hendra), position_kind="kepala_dinas")
    assert desk.asks_own_account

    with pytest.raises(OwnAccountNeeded):
        work(found, by=by_agency(world.hendra), **words)

    assert Complaint.objects.get().state == "received"
    assert not complaint_open(found, by=world.hendra, position_kind="kepala_dinas").blocked
    work(found, by=world.hendra, **words)


def test_desk_tells_of_the_own_account_only_where_it_would_help(world: World, sent_case: UUID) -> None:
    """Not to the first officer, nor while a colleague holds the case, nor to who worked on it before."""
    head = by_agency(world.hendra)
    first = desk_open(sent_case, by=by_agency(world.budi), position_kind="operator_siak")
    assert (first.blocked, first.asks_own_account) == ("", False)
    casework.case_act(sent_case, "approve", by=world.budi)
    assert desk_open(sent_case, by=head, position_kind="kepala_dinas").asks_own_account
    position = str(directory.position_list("disdukcapil.36.71", kind="kepala_dinas")[0].id)
    same = desk_open(
        sent_case, by=replace(by_agency(world.budi), position=position), position_kind="kepala_dinas"
    )
    assert (str(FourEyes.title) in same.blocked, same.asks_own_account) == (True, False)
    Task.objects.open().update(taken_by=person_of(world.rina), taken_at=Case.objects.get().submitted_at)

    desk = desk_open(sent_case, by=head, position_kind="kepala_dinas")

    assert (str(CaseTaken.title) in desk.blocked, desk.asks_own_account) == (True, False)


def test_own_account_does_not_make_one_officer_two(world: World, sent_case: UUID) -> None:
    """Whoever checked by the agency's login does not sign by their own account."""
    position = directory.position_list("disdukcapil.36.71", kind="kepala_dinas")[0]
    casework.case_act(sent_case, "approve", by=by_agency(world.budi))

    with pytest.raises(FourEyes):
        casework.case_act(sent_case, "sign", by=replace(world.budi, position=str(position.id)))


def test_published_services_ask_for_the_own_account_where_the_head_signs_alone(world: World) -> None:
    """Checking goes on by the agency's login."""
    rows = ServiceDefinition.objects.values_list("pk", flat=True)
    steps = [step for pk in rows for step in compiled_of(pk).definition.steps if step.role]

    assert {step.id for step in steps if step.needs_own_account} == {"ttd"}
    assert {step.id for step in steps if not step.needs_own_account} == {"verifikasi"}


@pytest.fixture
def login(world: World) -> AgencyLogin:
    """The login of the population office."""
    agency_id = directory.agency_get("disdukcapil.36.71").id
    return AgencyLogin.objects.create(
        agency_id=agency_id, protocol=LoginProtocol.OIDC, name="SSO Kota", stage=LoginStage.ACTIVE
    )


def browser(actor: Actor, *, login: AgencyLogin | None = None) -> Client:
    """The browser of an officer who signed in by their own account, or by the login of their agency."""
    account, _ = Account.objects.get_or_create(person_id=person_of(actor))
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(account, backend=BACKEND)
    if login is not None:
        link = OfficerLink.objects.create(login=login, person_id=person_of(actor), subject_hash=uuid7().hex)
        session = client.session
        session[AGENCY_LOGIN] = str(link.id)
        session.save()
    return client


PAGES = {
    "take": ("POST", "permohonan/{}/ambil/", {}),
    "sign": ("POST", "permohonan/{}/putuskan/sign/", {}),
    "return": ("POST", "permohonan/{}/kembalikan/", {"message": WORDS}),
    "next": ("POST", "berikutnya/", {}),
    "signing": ("GET", "tanda-tangan/", {}),
    "sign many": ("POST", "tanda-tangan/", {"case": "{}"}),
}
"""Pages by which the second person acts: method, address under the workbench, what is sent."""


@pytest.mark.parametrize("page", PAGES)
def test_page_of_the_second_person_changes_nothing_by_the_agencys_login(
    world: World, sent_case: UUID, login: AgencyLogin, page: str
) -> None:
    checker, head = browser(world.budi, login=login), browser(world.hendra, login=login)
    checker.post(f"/petugas/permohonan/{sent_case}/putuskan/approve/")
    method, path, form = PAGES[page]
    address = f"/petugas/{path.format(sent_case)}"
    sent = {name: value.format(sent_case) for name, value in form.items()}

    answer = head.get(address) if method == "GET" else head.post(address, sent)

    assert (Case.objects.get().step_id, Task.objects.open().get().taken_by) == ("ttd", None)
    if "tanda-tangan" in address:
        assert answer.headers["Location"] == "/masuk/?next=%2Fpetugas%2Ftanda-tangan%2F"
    elif answer.status_code == 302:
        assert "This asks for your own account." in head.get(answer.headers["Location"]).content.decode()
    else:
        assert answer.status_code == 403
        assert "This asks for your own account." in answer.content.decode()


def test_case_leads_to_the_own_account_and_is_signed_by_it(
    world: World, sent_case: UUID, login: AgencyLogin
) -> None:
    address = f"/petugas/permohonan/{sent_case}/"
    checker, head = browser(world.budi, login=login), browser(world.hendra, login=login)
    assert "putuskan/approve" in checker.get(address).content.decode()
    checker.post(f"{address}putuskan/approve/")

    page = head.get(address).content.decode()

    assert "putuskan/sign" not in page
    assert f'href="/masuk/?next={address}"' in page
    assert head.get(f"/masuk/?next={address}").status_code == 200
    own = browser(world.hendra)
    page = own.get(address).content.decode()
    assert "putuskan/sign" in page
    assert "/masuk/" not in page
    assert own.get("/petugas/tanda-tangan/").status_code == 200
    own.post(f"{address}putuskan/sign/")
    assert Case.objects.get().step_id == "terbit"


def test_complaint_leads_to_the_own_account(world: World, sent_case: UUID, login: AgencyLogin) -> None:
    casework.case_take(sent_case, by=world.budi)
    found = casework.complaint_make(sent_case, text="Sudah tiga hari tidak ada kabar.", by=world.siti)
    address, head = f"/petugas/pengaduan/{found}/", browser(world.hendra, login=login)

    page = head.get(address).content.decode()
    answer = head.post(address, {"text": WORDS})

    assert f'href="/masuk/?next={address}"' in page
    assert "<textarea" not in page
    assert answer.headers["Location"] == address
    assert Complaint.objects.get().state == "received"
