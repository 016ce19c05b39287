"""What the worker does for messaging: notices that follow from events of identity and the exchange."""

from __future__ import annotations

from terpadu.exchange.events import (
    ConsentAsked,
    ContractProposed,
    InterfaceBroken,
    OrphansFound,
    PurposeMoved,
)
from terpadu.identity import events
from terpadu.kernel.outbox import subscribe
from terpadu.messaging import about_exchange, about_positions
from terpadu.messaging import about_persons as about

subscribe(events.SignedIn, name="messaging.signed_in")(about.signed_in)
subscribe(events.SignInMethodChanged, name="messaging.method_changed")(about.method_changed)
subscribe(events.PersonProofed, name="messaging.proofed")(about.proofed)
subscribe(events.CrossDeviceAnswered, name="messaging.cross_device_answered")(about.answered)
subscribe(events.MandateBegun, name="messaging.mandate_begun")(about.mandate_begun)
subscribe(events.MandateEnded, name="messaging.mandate_ended")(about.mandate_ended)
subscribe(events.ActedFor, name="messaging.acted_for")(about.acted_for)
subscribe(events.RecoveryMoved, name="messaging.recovery_moved")(about.recovery_moved)
subscribe(events.AccountLockMoved, name="messaging.account_lock_moved")(about.account_lock_moved)
subscribe(events.DataRequestMoved, name="messaging.data_request_moved")(about.data_request_moved)
subscribe(events.AssignmentCreated, name="messaging.position_given")(about_positions.position_given)
subscribe(events.AssignmentChanged, name="messaging.position_changed")(about_positions.position_changed)
subscribe(PurposeMoved, name="messaging.purpose_moved")(about_exchange.tell_of_purpose)
subscribe(ContractProposed, name="messaging.contract_proposed")(about_exchange.tell_of_agreement)
subscribe(InterfaceBroken, name="messaging.interface_broken")(about_exchange.tell_of_break)
subscribe(OrphansFound, name="messaging.orphans_found")(about_exchange.tell_of_orphans)
subscribe(ConsentAsked, name="messaging.consent_asked")(about_exchange.tell_of_consent)
