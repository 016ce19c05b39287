"""Casework's part of the demo country: the services that come with the platform."""

from __future__ import annotations

from terpadu.casework.public import definition_paths, definition_publish
from terpadu.kernel.actors import Actor

BY = Actor.system("demo")


def seed() -> None:
    """Publish every service that comes along; what is published already stays."""
    for path in definition_paths():
        definition_publish(path, by=BY)
