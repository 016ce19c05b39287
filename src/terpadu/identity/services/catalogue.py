"""Which services there are to act in for others: told by a higher layer that registers itself here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

ServiceNames = Callable[[], Mapping[str, Mapping[str, str]]]

_registered: list[ServiceNames] = []


def register_service_names(names: ServiceNames) -> None:
    """Name the function that lists services: identifier to {"id", "en"}; the latest one counts."""
    _registered[:] = [names]


def service_names() -> Mapping[str, Mapping[str, str]]:
    """Return the services by identifier; empty when nobody has told."""
    return _registered[0]() if _registered else {}
