"""`terpadu exchange export/plan/apply`: agencies, interfaces, purposes and agreements as files that can be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from terpadu.exchange.cli_outcome import operator, refuse, tried

if TYPE_CHECKING:
    from terpadu.exchange.rules.manifest import Change, Manifest

SIGNS = {"add": "+", "change": "~", "unmanaged": "?"}
DIFFERS = 3
Folder = Annotated[Path, typer.Argument(help="Folder of the files.")]


def export(folder: Folder) -> None:
    """Write agencies, interfaces, purposes and agreements as YAML, one list a file, and the OpenAPI documents beside."""
    from terpadu.exchange.manifest_files import write_manifest
    from terpadu.exchange.selectors.manifest import documents_of_platform, manifest_of_platform

    write_manifest(folder, manifest_of_platform(), documents_of_platform())
    typer.echo(f"Written to {folder}.")


def plan(folder: Folder) -> None:
    """Show what would change for the exchange to be as the files want it. Exit code 0: nothing; 3: something."""
    from terpadu.exchange.services.manifest import manifest_plan

    wanted, documents = _read(folder)
    changes = tried(lambda: manifest_plan(wanted))
    _show(changes)
    _check(folder, wanted, changes, documents)
    raise typer.Exit(DIFFERS if any(one.action != "unmanaged" for one in changes) else 0)


def apply(
    folder: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
) -> None:
    """Make and change what the files want, after showing it and asking. What they do not name is left alone."""
    from terpadu.exchange.services.manifest import manifest_apply, manifest_plan

    wanted, documents = _read(folder)
    changes = [one for one in tried(lambda: manifest_plan(wanted)) if one.action != "unmanaged"]
    _show(changes)
    if not changes:
        return
    _check(folder, wanted, changes, documents)
    if not yes:
        typer.confirm("Apply?", abort=True)
    done = tried(lambda: manifest_apply(wanted, documents, by=operator()))
    typer.echo(f"Applied: {len(done)}.")


def _read(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    from terpadu.exchange.manifest_files import FilesInvalid, read_manifest

    try:
        return read_manifest(folder)
    except FilesInvalid as error:
        refuse(str(error))


def _check(folder: Path, wanted: Manifest, changes: list[Change], documents: dict[str, bytes]) -> None:
    """Name every fault with file and line, and end the command when there is one; nothing has been applied."""
    from terpadu.exchange.manifest_files import line_in
    from terpadu.exchange.services.manifest_faults import manifest_faults

    faults = manifest_faults(wanted, changes, documents)
    lists = {"agency": "agencies", "interface": "interfaces", "purpose": "purposes", "contract": "contracts"}
    lines = [
        f"{line_in(folder, lists[one.kind], one.at, *([one.member] if one.member else []))}: {one.key}: {one.words}."
        for one in faults
    ]
    if lines:
        refuse("\n".join([*lines, "Nothing was applied."]))


def _show(changes: list[Change]) -> None:
    if not changes:
        typer.echo("Nothing to change.")
    for one in changes:
        typer.echo(f"{SIGNS[one.action]} {one.kind} {one.key}")
        for path, have, want in one.members:
            typer.echo(f"    {path}: {_short(have)} -> {_short(want)}")
    if any(one.action == "unmanaged" for one in changes):
        typer.echo("? is on the platform and not in the files; it is left alone.")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 100 else f"{text[:97]}..."
