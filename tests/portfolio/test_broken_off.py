"""A list whose program was killed halfway or gave up says so, has written nothing, and can be taken again."""

from __future__ import annotations

import io
from threading import Event, Thread
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import Error

from terpadu.kernel.clock import now
from terpadu.kernel.models import AuditEvent, Delivery, Timer
from terpadu.kernel.outbox import TRIES_BEFORE_DEAD, deliver_due
from terpadu.portfolio import tasks
from terpadu.portfolio.enums import RunState
from terpadu.portfolio.models import Application, ImportRun
from terpadu.portfolio.services import imports
from terpadu.portfolio.services.import_watch import WATCH, at_work, imports_watch
from terpadu.portfolio.tasks import watch_imports
from tests.portfolio.conftest import CITY, SYSTEM, Country, check_list, client_of, csv_bytes, fresh

ROWS = [[f"A{n}", f"Aplikasi {n}", "", "", "", "", ""] for n in range(3)]


def uploaded() -> ImportRun:
    return imports.import_start(io.BytesIO(csv_bytes(ROWS)), name="a.csv", agency_code=CITY, by=SYSTEM)


class Command(Thread):
    """A program that takes a list, and stands still once rows are written."""

    def __init__(self, run: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(daemon=True)
        self.halfway, self._end, self._backend, self._run = Event(), Event(), 0, run
        monkeypatch.setattr(imports, "say_progress", self._stand_still)
        self.start()
        assert self.halfway.wait(60)

    def run(self) -> None:
        """Take the list; the connection ends before that does."""
        with pytest.raises(Error):
            imports.import_take(self._run.id, columns=imports.import_reading(self._run).columns, by=SYSTEM)
        connection.close()

    def kill(self) -> None:
        """End the program's connection, as a kill does, and wait until the database has seen it."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s, 60000)", [self._backend])
        self._end.set()
        self.join(60)

    def _stand_still(self, run_id: UUID, rows: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            [(self._backend,)] = cursor.fetchall()
        self.halfway.set()
        self._end.wait(60)


@pytest.mark.django_db(transaction=True)
def test_list_whose_program_was_killed_is_marked_and_taken_again(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = uploaded()
    with monkeypatch.context() as patched:
        command = Command(run, patched)
        while_it_lives = (imports_watch(), fresh(run.id).state)
        command.kill()

    watch_imports("regular", {})

    assert while_it_lives == (0, RunState.APPLYING)
    assert (fresh(run.id).state, Application.objects.count()) == (RunState.BROKEN_OFF, 0)
    assert AuditEvent.objects.get(event="portfolio.import_broken_off").about_id == str(run.id)
    assert Timer.objects.filter(kind=WATCH, fired_at=None).exists()
    imports.import_take(run.id, columns=imports.import_reading(run).columns, by=SYSTEM)
    assert (fresh(run.id).state, Application.objects.count()) == (RunState.DONE, 3)


@pytest.mark.django_db
def test_next_list_marks_the_one_that_was_broken_off() -> None:
    left = uploaded()
    ImportRun.objects.filter(pk=left.id).update(state=RunState.CHECKING)

    uploaded()

    assert fresh(left.id).state == RunState.BROKEN_OFF


def queued(run: ImportRun, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """Let a list wait for the worker as a large one does."""
    monkeypatch.setattr(imports, "import_small", lambda run: False)
    imports.import_confirm(run.id, columns=imports.import_reading(run).columns, by=SYSTEM)
    return run.id


@pytest.mark.django_db
def test_list_that_waits_for_the_worker_or_for_a_person_is_not_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked = check_list(csv_bytes(ROWS)).id
    waiting = queued(uploaded(), monkeypatch)

    assert imports_watch() == 0
    assert [fresh(one).state for one in (checked, waiting)] == [RunState.CHECKED, RunState.CHECKING]


def fail(*given: object, **further: object) -> None:
    raise OSError


def try_again(times: int) -> None:
    """Let the worker come as often, without waiting in between."""
    for _ in range(times):
        Delivery.objects.filter(done_at=None, dead_at=None).update(due_at=now())
        deliver_due()


@pytest.mark.django_db
def test_list_that_the_worker_gave_up_is_marked_and_can_be_tried_again(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queued(uploaded(), monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "import_proceed", fail)
        try_again(TRIES_BEFORE_DEAD - 1)
        while_it_tries = (imports_watch(), fresh(run_id).state)
        try_again(1)

    assert while_it_tries == (0, RunState.CHECKING)
    assert (imports_watch(), fresh(run_id).state) == (1, RunState.BROKEN_OFF)
    queued(fresh(run_id), monkeypatch)
    assert imports_watch() == 0
    try_again(1)
    assert fresh(run_id).state == RunState.CHECKED


@pytest.mark.parametrize(
    ("is_queued", "language", "state", "words"),
    [
        (False, "en", "Broken off", "ended before it was done; nothing was written."),
        (False, "id", "Terputus", "berhenti sebelum selesai; tidak ada yang ditulis."),
        (True, "en", "Broken off", "failed again and again; nothing was written."),
        (True, "id", "Terputus", "gagal berulang kali; tidak ada yang ditulis."),
    ],
)
def test_page_of_a_list_that_was_broken_off_says_so(
    country: Country, actor_from_header: None, is_queued: bool, language: str, state: str, words: str
) -> None:
    run = uploaded()
    ImportRun.objects.filter(pk=run.id).update(state=RunState.APPLYING, is_queued=is_queued)
    imports_watch()
    browser = client_of(country.manager)
    browser.cookies["language"] = language

    pages = [browser.get(f"/portofolio/{one}/").content.decode() for one in ("kerja", f"impor/{run.id}")]

    assert state in pages[0]
    assert words in pages[1]


@pytest.mark.django_db
def test_work_that_fails_lets_its_list_go() -> None:
    run = uploaded()
    ImportRun.objects.filter(pk=run.id).update(state=RunState.APPLYING)

    with pytest.raises(KeyError), at_work(run.id), at_work(run.id):
        raise KeyError

    assert imports_watch() == 1
