"""`terpadu service`: check and publish service definitions from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import django
import typer

from terpadu.kernel.actors import Actor

REFUSED = 2

app = typer.Typer(
    name="service",
    help="Check and publish services, which are files.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
DefinitionFile = Annotated[Path, typer.Argument(help="The service's definition, a YAML file.")]


@app.callback()
def main() -> None:
    """Check and publish services, which are files."""
    django.setup()


@app.command()
def check(file: DefinitionFile) -> None:
    """Run every publishing check on a file; say line, fault and remedy. Needs no database."""
    from terpadu.casework.errors import DefinitionRefused
    from terpadu.casework.public import definition_check

    try:
        definition = definition_check(file)
    except DefinitionRefused as refused:
        for problem in refused.problems:
            typer.echo(
                f"{file}:{problem.line}: {problem.where}: {problem.message} {problem.remedy}", err=True
            )
        raise typer.Exit(REFUSED) from None
    typer.echo(f"{definition.id} version {definition.version}: ready to be published")


@app.command()
def publish(file: DefinitionFile) -> None:
    """Publish the version of a service that a file describes; a published version never changes."""
    from terpadu.casework.errors import DefinitionRefused, VersionTaken
    from terpadu.casework.public import definition_publish

    try:
        row = definition_publish(file, by=Actor.system("command line"))
    except DefinitionRefused:
        check(file)
    except VersionTaken as taken:
        typer.echo(taken.in_words, err=True)
        raise typer.Exit(REFUSED) from None
    else:
        typer.echo(f"{row.service_id} version {row.version}: published")
