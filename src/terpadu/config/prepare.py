"""What must be done once before the programs start: tables, static files, the demo country."""

from __future__ import annotations

from importlib import import_module

import structlog
from django.conf import settings
from django.core.management import call_command

from terpadu.kernel.crypto import secret_token

log = structlog.get_logger(__name__)

# Lower layers first: what a domain's demo builds on is there already.
DEMO_ORDER = ("directory", "identity", "exchange", "casework", "civil_service", "maturity", "portfolio")


def prepare() -> None:
    """Migrate, collect the static files, make what others read before they come: the metrics' token, the events' key."""
    from terpadu.exchange.services.events import events_key_ensure

    secret_token("metrics")
    events_key_ensure()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def seed_demo() -> None:
    """Run `seed()` of each domain's demo module, lower layers first. Raises RuntimeError outside demo mode."""
    if not settings.DEMO:
        raise RuntimeError("the demo country is made in demo mode only")
    for domain in DEMO_ORDER:
        import_module(f"terpadu.{domain}.demo").seed()
        log.info("demo_made", domain=domain)
