"""What `terpadu connect` prints: the interface, what its operator should know, and a first call to copy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from terpadu.exchange.services.connecting import Connected, Place
    from terpadu.kernel.actors import Actor

REFUSED = 2
T = TypeVar("T")


def open_door(
    place: Place,
    kind: str,
    asked: dict[str, Any],
    secrets: dict[str, str],
    *,
    reader: str,
    subject: str,
    match: str,
) -> None:
    """Open a door and print what it offers, and a first call."""
    from terpadu.exchange.services.connecting import DoorRequest, connect_door

    request = DoorRequest(kind, asked, secrets)
    connected = tried(lambda: connect_door(place, request, by=operator()))
    show(place, connected, reader=reader, subject=subject, match=match)


def show(place: Place, connected: Connected, *, reader: str, subject: str, match: str) -> None:
    """Print what was connected, and a first call."""
    from terpadu.exchange.services.trials import Trial, first_call, trial_contract

    view = connected.interface
    typer.echo(f"{view.title} is published as {view.service}; its operations:")
    for operation in view.operations:
        typer.echo(f"  {operation.id}: {operation.method} {operation.path}")
    for note in connected.notes:
        typer.echo(f"Note: {note}")
    if not reader:
        typer.echo("Next: a contract. Run the command again with --reader AGENCY for a trial of 30 days.")
        return
    trial = Trial(reader, subject=subject, match=match)
    contract = tried(lambda: trial_contract(view.service, trial, by=operator()))
    if contract.state != "valid":
        typer.echo(f"The trial contract waits for both agencies' signatures: {contract.content_hash}")
        typer.echo("Until then calls end with contract.not_valid. Both sign under Exchange, Agreements;")
        typer.echo("in the demo country run this again with TERPADU_DEMO=1, and both sign at once.")
    typer.echo(f"First call:\n{tried(lambda: first_call(view.service, trial))}")


def place_of(agency: str, name: str, *, title: str, gateway: str, host: str = "") -> Place:
    """Return where a new interface belongs."""
    from terpadu.exchange.services.connecting import Place

    return Place(agency, name, title=title, gateway=gateway, host=host)


def operator() -> Actor:
    """Return the actor of the command line."""
    from terpadu.kernel.actors import Actor

    return Actor.system("cli")


def tried(act: Callable[[], T]) -> T:
    """Return what an act gives; a domain error becomes its own words and exit code 2."""
    from django.utils import translation

    from terpadu.kernel.errors import DomainError

    try:
        return act()
    except DomainError as error:
        reason, detail = getattr(error, "reason", ""), getattr(error, "detail", "")
        with translation.override("en"):  # as everything else that commands say
            title, next_step = str(error.title), str(error.next_step)
        detail = f"{detail}." if detail and detail[-1] not in ".!?" else detail
        refuse(" ".join(part for part in (title, f"({reason})" if reason else "", detail, next_step) if part))


def read_rules(path: Path) -> dict[str, Any]:
    """Return the rules of a TOML file; a wrong one ends the command."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        refuse(f"{path.name} cannot be read: {error.strerror}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        refuse(f"{path.name} is not TOML: {error}.")


def read_secrets(files: dict[str, Path | None]) -> dict[str, str]:
    """Return the texts of files with secrets, by the member of the door that names each."""
    try:
        return {member: path.read_text(encoding="utf-8") for member, path in files.items() if path}
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"A file with a secret cannot be read ({type(error).__name__}).")


def path_text(path: Path | None) -> str:
    """Return a path as text, "" for none."""
    return str(path.resolve()) if path else ""


def stem_of(document: str) -> str:
    """Return the name of a document without its ending."""
    return Path(document).stem.lower()


def refuse(text: str) -> NoReturn:
    """Say what is wrong and end the command with exit code 2."""
    typer.echo(text, err=True)
    raise typer.Exit(REFUSED)
