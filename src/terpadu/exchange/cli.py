"""`terpadu exchange`: ask of the toll road from the command line."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

import django
import typer

from terpadu.exchange import cli_manifest

app = typer.Typer(name="exchange", no_args_is_help=True, pretty_exceptions_enable=False)

REFUSED = 3
UNUSABLE = 2


@app.callback()
def prepare() -> None:
    """Look into the toll road."""
    django.setup()


@app.command()
def explain(
    consumer: Annotated[str, typer.Option(help="Code of the agency in whose name data would be read.")],
    service: Annotated[str, typer.Option(help="Agency code or peer id, a slash, and the interface.")],
    operation: Annotated[str, typer.Option(help="The operationId.")],
    purpose: Annotated[str, typer.Option(help="Code of the purpose.")],
    evidence: Annotated[str, typer.Option(help="Reference of the case.")] = "",
    consent: Annotated[str, typer.Option(help="Id of a person's consent to try with.")] = "",
    at: Annotated[
        str, typer.Option(help="Moment in ISO form, such as 2026-11-23T09:00+07:00; now without it.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether a call would be allowed, and if not which rule is against it and who can change that.

    Sends nothing. Exit code 0: allowed; 3: not allowed; 2: the question cannot be answered.
    """
    from terpadu.exchange.selectors.explain import Question, explanation_to_json
    from terpadu.exchange.selectors.explain import explain as answer
    from terpadu.kernel.errors import DomainError

    try:
        moment = datetime.fromisoformat(at).astimezone() if at else None
        consent_id = UUID(consent) if consent else None
    except ValueError as error:
        typer.echo(f"--at or --consent: {error}", err=True)
        raise typer.Exit(UNUSABLE) from error
    question = Question(consumer, service, operation, purpose, evidence, consent_id, moment)
    try:
        found = answer(question)
    except DomainError as error:
        typer.echo(f"{error.code}: {error.title}", err=True)
        raise typer.Exit(UNUSABLE) from error
    if as_json:
        typer.echo(json.dumps(explanation_to_json(found)))
    elif found.allowed:
        typer.echo(f"allowed by {found.grant_hash}\npasses: {', '.join(found.fields)}")
    else:
        agencies = ", ".join(agency.code for agency in found.agencies)
        typer.echo(f"not allowed: {found.code}: {found.title}")
        typer.echo(f"who can change it: {found.who}{f' ({agencies})' if agencies else ''}")
    raise typer.Exit(0 if found.allowed else REFUSED)


app.command()(cli_manifest.export)
app.command()(cli_manifest.plan)
app.command()(cli_manifest.apply)
