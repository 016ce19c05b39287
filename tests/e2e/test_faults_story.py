"""When the road or a register fails, the page says so plainly and the person goes on by declaring; nothing is lost."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.conftest import Platform, Visit, Visitor
from tests.e2e.test_kia_story import CONTINUE, START
from tests.kills import BODY, PATH, PURPOSES, Kept, delivered, headers_of, kept, kill, outway_port
from tools.launch import wait_until

NOT_LISTED = re.compile("Anak saya tidak ada di daftar|My child is not listed")
NOT_READ = re.compile("belum dapat dibaca|tidak dapat dibaca|could not be read")
RETRY = re.compile("Coba lagi|Try again")
CHILD = re.compile("RAKA PRATAMA")


@contextmanager
def gateways_standing_still(platform: Platform) -> Iterator[None]:
    """Hold both gateways, as a machine that hangs would; let them go on at the end."""
    programs = psutil.Process(platform.process.pid).children()
    gateways = [program for program in programs if "terpadu_gateway" in program.cmdline()]
    assert len(gateways) == 2
    held = [process for gateway in gateways for process in (gateway, *gateway.children(recursive=True))]
    for process in held:
        process.suspend()
    try:
        yield
    finally:
        for process in held:
            process.resume()


@contextmanager
def register_with(platform: Platform, fault: dict[str, Any]) -> Iterator[None]:
    """Let the population register fail in one way."""
    faults = platform.data_dir / "demo" / "dukcapil" / "faults.json"
    faults.write_text(json.dumps({"cariKeluarga": fault}))
    try:
        yield
    finally:
        faults.unlink()


def start_application(visitor: Visitor) -> None:
    visitor.sign_in("Ahmad")
    visitor.goto("/layanan/dukcapil.kia.baru/")
    visitor.tap(START)


def test_gateway_stopped_lets_a_father_declare_and_try_again(visit: Visit, platform: Platform) -> None:
    father = visit()

    with gateways_standing_still(platform):
        start_application(father)
        father.sees(NOT_READ)
        draft = father.page.url
        father.look("outage")
        father.page.get_by_label(NOT_LISTED).check()
        father.tap(CONTINUE)
        father.sees(re.compile("NIK anak"))

    father.page.goto(draft)
    father.tap(RETRY)
    father.page.get_by_label(CHILD).wait_for()


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"delay_ms": 6000}, {"garbage": True}, {"misshapen": True}, {"wrong_person": True}],
    ids=lambda fault: next(iter(fault)),
)
def test_register_that_fails_shows_nobody_else_and_lets_a_father_declare(
    visit: Visit, platform: Platform, fault: dict[str, Any]
) -> None:
    father = visit()

    with register_with(platform, fault):
        start_application(father)

    father.page.get_by_label(NOT_LISTED).wait_for()
    assert father.page.get_by_label(CHILD).count() == 0


class Calls:
    """Calls of the registry without a pause, from threads of their own; what was answered and what was not, as it grows."""

    def __init__(self, platform: Platform) -> None:
        self.answered: list[str] = []
        self.refused: list[str] = []
        self._platform = platform
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._keep_calling, args=(one,)) for one in PURPOSES[:2]]

    def __enter__(self) -> Calls:
        """Begin, and wait until calls are answered."""
        for thread in self._threads:
            thread.start()
        wait_until(lambda: len(self.answered) > 10)
        return self

    def __exit__(self, *error: object) -> None:
        """End when the calls in hand have ended."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _keep_calling(self, purpose: str) -> None:
        url = f"http://127.0.0.1:{outway_port(self._platform)}{PATH}"
        headers = headers_of(self._platform, purpose)
        with httpx.Client(timeout=60) as client:
            while not self._stop.wait(0.02):
                answer = client.post(url, content=BODY, headers=headers)
                if answer.status_code == 200:
                    self.answered.append(answer.headers["fsc-transaction-id"])
                else:
                    self.refused.append(answer.text)


def test_postgresql_and_worker_killed_while_calls_pass_hold_up_no_call_and_lose_no_record(
    platform: Platform,
) -> None:
    """The gateways ask no database: calls go on being answered, and what they recorded arrives afterwards."""
    with Calls(platform) as calls:
        for name in ("postgres", "worker"):
            before = len(calls.answered)
            kill(platform, name)
            assert len(calls.answered) > before, f"calls were answered while {name} was away"

    assert calls.refused == []
    assert kept(platform, calls.answered) == Kept(lost=0, half=0)
    wait_until(lambda: delivered(platform, calls.answered) == 4 * len(calls.answered))
