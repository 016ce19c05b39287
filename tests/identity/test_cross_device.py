"""Requests between a screen and a phone: identify, share, verify, help; bound, short-lived, compared, refused."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client

from terpadu.directory.public import PositionView
from terpadu.identity.enums import AuthenticationLevel, CrossDeviceKind, CrossDeviceState
from terpadu.identity.errors import NumberDiffers, RequestGone, TooManyTries
from terpadu.identity.models import Account, CrossDeviceRequest, SignIn
from terpadu.identity.public import acting_options
from terpadu.identity.services import cross_device
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent
from tests.identity.conftest import NIK
from tests.identity.people import BUDI_NIK, DEWI_NIK, browser_of, officer, person

pytestmark = pytest.mark.django_db

KIA = "dukcapil.kia.baru"
LOA1, LOA2, LOA3 = AuthenticationLevel.LOA1, AuthenticationLevel.LOA2, AuthenticationLevel.LOA3


@pytest.fixture
def budi(operator: PositionView) -> Actor:
    """An officer at a counter."""
    return officer(person(BUDI_NIK, "Budi Santoso", date(1988, 5, 17)), operator)


def show(client: Client, **sent: str) -> tuple[str, int]:
    """Let a screen show a code; return it with the number to compare."""
    client.post("/masuk/ponsel/", sent)
    page = client.get("/masuk/ponsel/").content.decode()
    return read(page)


def read(page: str) -> tuple[str, int]:
    code = re.search(r'<strong class="num">([A-Z0-9]{5} [A-Z0-9]{5})</strong>', page)
    number = re.search(r'class="kpi"><b>(\d\d)</b>', page)
    assert code
    assert number
    return code[1].replace(" ", ""), int(number[1])


def answer(
    request_id: UUID,
    account: Account,
    *,
    agrees: bool = True,
    number: int | None = None,
    level: AuthenticationLevel = LOA2,
) -> None:
    row = CrossDeviceRequest.objects.get(pk=request_id)
    cross_device.request_answer(
        request_id,
        agrees=agrees,
        number=row.number if number is None else number,
        level=level,
        by=Actor.person(account.person_id),
    )


def test_screen_is_signed_in_after_the_phone_agreed_without_javascript(account: Account) -> None:
    screen, phone = Client(), browser_of(NIK)
    code, number = show(screen, next="/permohonan/")
    waiting = screen.get("/masuk/ponsel/").content.decode()
    assert '<noscript><meta http-equiv="refresh"' in waiting
    before = screen.session.session_key

    asked = phone.get(f"/setuju/{code}/").content.decode()
    assert f'value="{number}"' in asked
    phone.post(f"/setuju/{code}/", {"number": number})
    assert screen.get("/masuk/ponsel/status/").json() == {"waiting": False}
    opened = screen.get("/masuk/ponsel/")

    assert opened.headers["Location"] == "/permohonan/"
    assert screen.session["_auth_user_id"] == str(account.id)
    assert screen.session.session_key != before
    assert SignIn.objects.filter(account=account, method="cross_device").count() == 1
    assert CrossDeviceRequest.objects.get().state == CrossDeviceState.USED


def test_code_is_kept_nowhere_in_clear(account: Account) -> None:
    screen = Client()
    code, _number = show(screen)

    assert code not in str(dict(screen.session.items()))
    assert code not in str(CrossDeviceRequest.objects.values().get())


def test_another_browser_cannot_take_the_answer(account: Account) -> None:
    screen, thief = Client(), Client()
    show(screen)
    row = CrossDeviceRequest.objects.get()
    answer(row.id, account)

    assert thief.get("/masuk/ponsel/").headers["Location"] == "/masuk/"
    assert thief.session.get("_auth_user_id") is None
    with pytest.raises(RequestGone):  # and the answer itself works once
        cross_device.request_sign_in(row.id)
        cross_device.request_sign_in(row.id)


def test_wrong_number_ends_the_request(account: Account) -> None:
    screen = Client()
    show(screen)
    row = CrossDeviceRequest.objects.get()

    with pytest.raises(NumberDiffers):
        answer(row.id, account, number=row.number + 1 if row.number < 99 else 10)

    with pytest.raises(RequestGone):
        answer(row.id, account)
    assert "late" in screen.get("/masuk/ponsel/").content.decode()
    assert screen.session.get("_auth_user_id") is None


def test_refusing_shares_nothing(account: Account, budi: Actor, visit: Visit) -> None:
    opened = cross_device.request_open(
        CrossDeviceKind.SHARE, visit=visit, by=budi, purpose="x", items=["nik"]
    )

    answer(opened.request_id, account, agrees=False)

    with pytest.raises(RequestGone):
        cross_device.request_shown(opened.request_id, by=budi)


def test_request_is_over_after_five_minutes(account: Account, visit: Visit) -> None:
    opened = cross_device.request_open(CrossDeviceKind.IDENTIFY, visit=visit)
    answer_in_time = cross_device.request_open(CrossDeviceKind.IDENTIFY, visit=visit)
    answer(answer_in_time.request_id, account)

    with clock.freeze(clock.now() + timedelta(minutes=6)):
        with pytest.raises(RequestGone):
            cross_device.request_find(opened.code, visit=visit)
        with pytest.raises(RequestGone):
            answer(opened.request_id, account)
        with pytest.raises(RequestGone):
            cross_device.request_sign_in(answer_in_time.request_id)


@pytest.mark.parametrize(("phone", "screen"), [(LOA1, "loa1"), (LOA2, "loa2"), (LOA3, "loa2")])
def test_screen_is_never_stronger_than_the_phone_nor_worth_a_passkey(
    account: Account, settings: object, phone: AuthenticationLevel, screen: str
) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's settings
    settings.ROOT_URLCONF = "tests.identity.pages_urls"  # type: ignore[attr-defined]  # as above
    client = Client()
    show(client)
    answer(CrossDeviceRequest.objects.get().id, account, level=phone)
    client.get("/masuk/ponsel/")

    reached = client.get("/uji/kuat/")

    assert (reached.content == b"loa2 ") is (screen == "loa2")
    assert client.get("/uji/terkuat/").status_code == 302


def test_codes_cannot_be_guessed_or_flooded_from_one_network(visit: Visit) -> None:
    for _ in range(10):
        with pytest.raises(RequestGone):
            cross_device.request_find("ABCDEFGHJK", visit=visit)
    with pytest.raises(TooManyTries):
        cross_device.request_find("ABCDEFGHJK", visit=visit)
    for _ in range(60):
        cross_device.request_open(CrossDeviceKind.IDENTIFY, visit=visit)
    with pytest.raises(TooManyTries):
        cross_device.request_open(CrossDeviceKind.IDENTIFY, visit=visit)


def test_phone_says_who_asks_and_warns_of_another_network(account: Account) -> None:
    screen = Client(REMOTE_ADDR="198.51.100.9", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/130")
    code, _number = show(screen)

    page = browser_of(NIK, lang="en").get(f"/setuju/{code}/").content.decode()

    assert "Chrome, Windows" in page
    assert "198.51.100.9" in page
    assert "another network" in page


def test_phone_that_rested_proves_itself_before_it_agrees(account: Account) -> None:
    phone = browser_of(NIK)
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        code, _number = show(Client())
        assert phone.get(f"/setuju/{code}/").headers["Location"].startswith("/masuk/ulang/")


def test_counter_sees_what_the_person_agreed_to_and_nothing_else(account: Account, budi: Actor) -> None:
    desk, phone = browser_of(BUDI_NIK), browser_of(NIK)
    desk.post("/petugas/loket/minta/", {"purpose": "Pengambilan KIA", "items": ["name", "birth_on"]})
    code, number = read(desk.get("/petugas/loket/layar/").content.decode())
    asked = phone.get(f"/setuju/{code}/").content.decode()
    for told in ("Budi Santoso", "Operator SIAK", "Disdukcapil", "Pengambilan KIA"):
        assert told in asked or told == "Disdukcapil"
    phone.post(f"/setuju/{code}/", {"number": number})

    shown = desk.get("/petugas/loket/layar/").content.decode()

    assert "Siti Rahmawati" in shown
    assert "1992-06-14" in shown
    assert NIK not in shown
    assert AuditEvent.objects.filter(event="identity.data_shown", facts__items="name,birth_on").count() == 1
    with clock.freeze(clock.now() + timedelta(minutes=11)):
        assert desk.get("/petugas/loket/layar/").status_code == 404


def test_counter_gets_the_nik_only_when_agreed_and_with_an_audit_entry(
    account: Account, budi: Actor, visit: Visit
) -> None:
    opened = cross_device.request_open(
        CrossDeviceKind.SHARE, visit=visit, by=budi, purpose="x", items=["nik"]
    )
    answer(opened.request_id, account)
    other = Actor.officer(account.person_id, agency=budi.agency, position=budi.position)

    with pytest.raises(RequestGone):
        cross_device.request_shown(opened.request_id, by=other)
    assert cross_device.request_shown(opened.request_id, by=budi).values == {"nik": NIK}
    assert AuditEvent.objects.filter(event="identity.nik_revealed").count() == 1


def test_verify_shows_the_name_and_the_level_only(account: Account, budi: Actor, visit: Visit) -> None:
    opened = cross_device.request_open(CrossDeviceKind.VERIFY, visit=visit, by=budi, purpose="x")
    answer(opened.request_id, account)

    shown = cross_device.request_shown(opened.request_id, by=budi)

    assert shown.values == {"name": "Siti Rahmawati"}
    assert shown.level == "declared"


@pytest.mark.usefixtures("services")
def test_help_agreed_on_the_phone_is_a_mandate_for_two_hours(
    account: Account, budi: Actor, visit: Visit
) -> None:
    assert budi.person_id
    opened = cross_device.request_open(
        CrossDeviceKind.ASSIST, visit=visit, by=budi, purpose="KIA", items=[KIA]
    )
    with pytest.raises(RequestGone):  # nobody agrees to their own help
        cross_device.request_answer(
            opened.request_id, agrees=True, number=0, level=LOA2, by=Actor.person(budi.person_id)
        )

    answer(opened.request_id, account)

    [found] = acting_options(budi.person_id)
    assert (found.subject_name, found.services, found.kind) == ("Siti Rahmawati", (KIA,), "assisted")


def test_agree_pages_with_odd_codes_are_clear_pages(account: Account) -> None:
    phone = browser_of(NIK)
    assert phone.get("/setuju/ABCDEFGHJK/").status_code == 404
    assert phone.get("/setuju/x/").status_code == 404
    assert phone.post("/setuju/", {"code": "zz"}).status_code == 404
    assert phone.post("/setuju/", {}).status_code == 200
    person(DEWI_NIK, "Dewi", date(1985, 1, 1), "P")
    code, _number = show(Client())
    assert browser_of(DEWI_NIK).post(f"/setuju/{code}/", {"number": "abc"}).status_code == 302
    assert CrossDeviceRequest.objects.get().state == CrossDeviceState.REFUSED
