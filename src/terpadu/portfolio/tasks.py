"""What the portfolio does in the background: large imports, figures of the dashboards, records from other gates."""

from __future__ import annotations

from typing import Any

from terpadu.exchange.events import InterfacePublished
from terpadu.identity.events import ClientApproved
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import subscribe
from terpadu.kernel.timers import on_timer, timer_set
from terpadu.portfolio.events import (
    ApplicationChanged,
    ApplicationRegistered,
    ApplicationsImported,
    ImportQueued,
)
from terpadu.portfolio.selectors.imports import run_get
from terpadu.portfolio.selectors.overlap import COMPARED
from terpadu.portfolio.selectors.overlap_pages import TIMER as OVERLAP_TIMER
from terpadu.portfolio.services import import_watch, overlap_asking
from terpadu.portfolio.services.gates import application_enrich_from_client, application_enrich_from_exchange
from terpadu.portfolio.services.imports import import_proceed
from terpadu.portfolio.services.summaries import TIMER, summaries_refresh


@subscribe(ImportQueued, name="portfolio.import_queued")
def run_import(event: ImportQueued) -> None:
    """Check or write a large list; who asked for it has been checked, and is asked for again by the services."""
    run = run_get(event.run_id)
    by = Actor.person(run.started_by) if run.started_by else Actor.system("worker")
    if run.state == event.step:
        import_proceed(run.id, by=by)


@on_timer(import_watch.WATCH)
def watch_imports(key: str, payload: dict[str, Any]) -> None:
    """Mark lists whose program was killed or gave up, and come back in a minute."""
    import_watch.imports_watch()
    timer_set(import_watch.WATCH, key=key, due_at=now() + import_watch.WATCH_EVERY)


@subscribe(ApplicationsImported, name="portfolio.figures_after_import")
def count_after_import(event: ApplicationsImported) -> None:
    """Count the figures anew at once: a list changes much."""
    summaries_refresh()


@subscribe(ApplicationsImported, name="portfolio.overlaps_after_import")
def compare_after_import(event: ApplicationsImported) -> None:
    """Ask for a new overlap report after a list."""
    overlap_asking.overlap_report_due()


@subscribe(ApplicationRegistered, name="portfolio.overlaps_after_registration")
def compare_after_registration(event: ApplicationRegistered) -> None:
    """Ask for a new overlap report when a record was made, so that the next proposal meets it."""
    overlap_asking.overlap_report_due(within=overlap_asking.CALM)


@subscribe(ApplicationChanged, name="portfolio.overlaps_after_change")
def compare_after_change(event: ApplicationChanged) -> None:
    """Ask for a new overlap report when a record says something else than it did."""
    if COMPARED.intersection(event.fields):
        overlap_asking.overlap_report_due(within=overlap_asking.CALM)


@on_timer(OVERLAP_TIMER)
def compare(key: str, payload: dict[str, Any]) -> None:
    """Start the program that makes an overlap report; while one runs, the next waits for it."""
    if not overlap_asking.overlap_program_start(learn=bool(payload.get("learn"))):
        timer_set(OVERLAP_TIMER, key=key, due_at=now() + overlap_asking.WAIT, payload=payload)


@on_timer(TIMER)
def count(key: str, payload: dict[str, Any]) -> None:
    """Count the figures anew after single changes."""
    summaries_refresh()


@subscribe(InterfacePublished, name="portfolio.interface_published")
def register_interface(event: InterfacePublished) -> None:
    """Make or enrich the record of the system behind a new interface."""
    application_enrich_from_exchange(
        peer_id=event.peer_id, service=event.service, title=event.title, by=Actor.system("portfolio.exchange")
    )


@subscribe(ClientApproved, name="portfolio.client_approved")
def register_client(event: ClientApproved) -> None:
    """Make or enrich the record of the application to which people may sign in now."""
    application_enrich_from_client(
        agency_code=event.agency_code,
        client_id=event.client_id,
        name=event.title,
        address=event.address,
        by=Actor.system("portfolio.client"),
    )
