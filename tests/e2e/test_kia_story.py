"""The story: a mother applies, an officer checks, the head of office signs, the mother has the card and sees the trail."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import Visit, Visitor, wait_for_page

START = re.compile("Mulai permohonan|Start")
CONTINUE = re.compile("^(Lanjutkan|Continue)$")
DIGITAL_ONLY = re.compile("Digital saja|Digital only")
SEND = re.compile("Kirim permohonan|Send the application|Send application")
URGENT = re.compile("mendesak|urgent")
APPROVE = re.compile("^(Setujui|Approve)")
SIGN = re.compile("^(Tanda tangani|Sign)")
CASE_NUMBER = re.compile(r"KIA-3671-\d{4}-\d{6}")
NO_UPLOAD = 0
MOST_QUESTIONS = 3


@dataclass(frozen=True)
class Telling:
    """One telling of the story: which mother and child, in which language, with or without JavaScript."""

    mother: str
    child: str
    lang: str
    javascript: bool


TELLINGS = (
    Telling("Siti", "Raka", "id", True),
    Telling("Dewi", "Bima", "en", True),
    Telling("Dewi", "Bayu", "id", False),
)


@pytest.mark.parametrize(
    "telling", TELLINGS, ids=lambda t: f"{t.mother}-{t.lang}-{'js' if t.javascript else 'no-js'}"
)
def test_child_identity_card_from_question_to_wallet(visit: Visit, telling: Telling) -> None:
    mother, officer, head = (visit(lang=telling.lang, javascript=telling.javascript) for _ in range(3))

    number = apply(mother, telling)
    approve(officer, number)
    sign(head, number)
    receive(mother, officer, telling)


def apply(mother: Visitor, telling: Telling) -> str:
    """Walk from the home page to the receipt; return the case number."""
    mother.goto("/")
    mother.look("01-home")
    mother.goto("/demo/masuk/")
    mother.look("02-demo-accounts")
    mother.sign_in(telling.mother)
    mother.goto("/layanan/dukcapil.kia.baru/")
    mother.look("03-service")
    mother.tap(START)
    mother.look("04-which-child")
    questions = mother.questions()
    mother.page.get_by_label(re.compile(telling.child, re.IGNORECASE)).check()
    mother.tap(CONTINUE)
    mother.look("05-check-data")
    questions += mother.questions()
    mother.page.get_by_label(DIGITAL_ONLY).first.check()
    mother.tap(CONTINUE)
    mother.look("06-check-answers")
    mother.page.get_by_role("checkbox").check()
    questions += mother.questions()
    mother.tap(SEND)
    mother.look("07-receipt")
    assert questions <= MOST_QUESTIONS
    assert mother.uploads == NO_UPLOAD
    found = CASE_NUMBER.search(mother.page.inner_text("main"))
    assert found
    return found[0]


def approve(officer: Visitor, number: str) -> None:
    """Check the case on a phone and approve it; it is there as evidence of work."""
    officer.sign_in("Budi")
    officer.goto("/petugas/")
    officer.look("08-queue")
    officer.tap(URGENT)
    officer.sees(number)
    officer.look("09-case")
    officer.tap(APPROVE)
    wait_for_page(officer, "/kinerja/", number)
    officer.look("10-performance")


def sign(head: Visitor, number: str) -> None:
    """Sign the batch."""
    head.sign_in("Hendra")
    head.goto("/petugas/tanda-tangan/")
    head.sees(number)
    head.look("11-signing")
    head.tap(SIGN)
    head.look("12-signed")


def receive(mother: Visitor, stranger: Visitor, telling: Telling) -> None:
    """Find the card in the wallet, have a stranger verify it, see who read what."""
    wait_for_page(mother, "/dompet/", re.compile(telling.child))
    mother.look("13-wallet")
    mother.page.get_by_role(
        "link", name=re.compile("Kartu Identitas Anak|Child identity card", re.IGNORECASE)
    ).first.click()
    mother.look("14-document")
    address = mother.page.locator('a[href*="/v/"]').first.get_attribute("href") or ""
    verify(stranger, address)
    mother.goto("/pesan/")
    mother.look("15-inbox")
    wait_for_page(mother, "/jejak/", re.compile(r"membaca \d+ data|read \d+"))
    mother.page.locator("summary").first.click()
    mother.look("16-trail")
    mother.sees(re.compile("UU 24/2013|Permendagri"))


def verify(stranger: Visitor, address: str) -> None:
    """Open the QR's address without signing in; the person's full name and NIK are not there."""
    stranger.page.context.clear_cookies(name="session")
    stranger.page.goto(address if address.startswith("http") else stranger.platform.url + address)
    stranger.look("17-verification")
    text = stranger.page.inner_text("main")
    assert not re.search(r"\d{16}", text)
    stranger.sees(re.compile("berlaku|valid", re.IGNORECASE))
