"""Applications of agencies that people open from the portal and are signed in to."""

from __future__ import annotations

from dataclasses import dataclass

from terpadu.identity.enums import ClientKind, ClientStage
from terpadu.identity.selectors.provider.clients import client_list
from terpadu.kernel.clock import today


@dataclass(frozen=True)
class LaunchView:
    """One application in the launcher. name, about: in the language in force. address: where it begins."""

    client_id: str
    name: str
    about: str
    agency_name: str
    address: str


def applications_to_launch() -> list[LaunchView]:
    """Return the web applications in production that named a first page and may be used today, by name. Two queries."""
    found = [
        LaunchView(one.client_id, one.title, one.about, one.agency_name, one.home_uri)
        for one in client_list(stage=ClientStage.PRODUCTION.value)
        if one.kind == ClientKind.WEB and one.home_uri and one.is_usable(today())
    ]
    return sorted(found, key=lambda one: one.name)
