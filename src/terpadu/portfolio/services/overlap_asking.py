"""Asking for overlap reports, and starting the program that makes them; this needs nothing of what that program computes with."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from threading import Thread

import structlog

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.models import Timer
from terpadu.kernel.timers import timer_set
from terpadu.portfolio.enums import OverlapStep
from terpadu.portfolio.models import OverlapRun
from terpadu.portfolio.policies import access_of
from terpadu.portfolio.selectors.overlap_pages import LONGEST_RUN, TIMER

log = structlog.get_logger(__name__)

WAIT = timedelta(seconds=30)
CALM = timedelta(hours=1)
"""How soon single changes come into a report: many of them are one report, and one hour is soon for a plan of a year."""
PROGRAM = ("-m", "terpadu.config.cli", "portfolio", "overlap-report", "--gently")


def overlap_report_due(*, within: timedelta = WAIT) -> None:
    """Ask for a new report within a time; many changes in that time ask once."""
    due_at = now() + within
    if not Timer.objects.filter(kind=TIMER, key="all", fired_at__isnull=True, due_at__lte=due_at).exists():
        timer_set(TIMER, key="all", due_at=due_at)


def overlap_report_ask(*, learn: bool, by: Actor) -> None:
    """Ask for a new report now. learn: from people's verdicts first. Raises NotAllowed for all but the national team."""
    if not access_of(by).is_national:
        raise NotAllowed()
    timer_set(TIMER, key="all", due_at=now(), payload={"learn": learn})
    audit.record(
        "portfolio.overlap_report_asked",
        by=by,
        about_kind="overlap_report",
        about_id="all",
        facts={"learn": learn},
    )


def overlap_program_start(*, learn: bool = False) -> bool:
    """Start the program that makes a report, unless one is being made; tell whether it was started.

    A worker that made it itself would deliver nothing else for half a minute. learn: from people's verdicts first.
    """
    if OverlapRun.objects.filter(
        step__in=(OverlapStep.READING, OverlapStep.COMPARING, OverlapStep.WRITING),
        started_at__gt=now() - LONGEST_RUN,
    ).exists():
        return False
    Thread(target=_run_program, args=["--learn"] if learn else [], daemon=True).start()
    return True


def _run_program(*options: str) -> None:
    done = subprocess.run(  # noqa: S603 - this program, with this interpreter
        [sys.executable, *PROGRAM, *options],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    log.info("overlap_report_ended", code=done.returncode)
