"""What the civil service does when others tell it something."""

from __future__ import annotations

from terpadu.casework.events import StepHandled
from terpadu.civil_service.services import credit_record
from terpadu.kernel.outbox import subscribe


@subscribe(StepHandled, name="civil_service.credit")
def on_step_handled(event: StepHandled) -> None:
    """Credit the officer who handled a step."""
    credit_record(event)
