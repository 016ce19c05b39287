"""`terpadu exchange`: ask of the toll road from the command line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
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


@app.command()
def undelivered(
    retry: Annotated[
        bool, typer.Option(help="Try all of them again from now on, also those given up.")
    ] = False,
) -> None:
    """List contracts and signatures that have not reached a foreign peer's manager, oldest first."""
    from terpadu.exchange.selectors.foreign import deliveries_open
    from terpadu.exchange.services.propagation import delivery_retry

    for one in deliveries_open():
        state = "given up" if one.is_given_up else f"tried {one.tries} times"
        what = f"{one.kind} {one.content_hash[:40]}"
        typer.echo(
            f"{what} of {one.sender} to {one.receiver} at {one.manager_url}: {state}, {one.last_error}"
        )
        if retry:
            delivery_retry(one.id)


@app.command("anchor-add")
def anchor_add(
    certificate: Annotated[Path, typer.Argument(help="Root certificates in PEM, obtained from their owner.")],
) -> None:
    """Trust a further authority: peers with its certificates may announce themselves and call (FSC core, "Trust Anchor").

    Takes effect for gateways when they are provisioned again and started.
    """
    from terpadu.exchange.services.anchors import anchor_trust
    from terpadu.kernel.actors import Actor

    try:
        names = anchor_trust(certificate.read_bytes(), by=Actor.system("command line"))
    except (OSError, ValueError) as error:
        typer.echo(f"{certificate}: {error}", err=True)
        raise typer.Exit(UNUSABLE) from error
    typer.echo("\n".join(f"trusted: {name}" for name in names))


@app.command("certificate-add")
def certificate_add(
    agency: Annotated[str, typer.Argument(help="Code of the agency whose gateway has the key.")],
    certificate: Annotated[
        Path, typer.Argument(help="Its certificate in PEM, of an authority that is trusted.")
    ],
) -> None:
    """Take a certificate of another authority for the key of an agency's gateway; see anchor-add."""
    from terpadu.exchange.services.peers import certificate_register
    from terpadu.kernel.actors import Actor
    from terpadu.kernel.errors import DomainError

    try:
        view = certificate_register(agency, certificate.read_bytes(), by=Actor.system("command line"))
    except OSError as error:
        typer.echo(f"{certificate}: {error.strerror}", err=True)
        raise typer.Exit(UNUSABLE) from error
    except DomainError as error:
        reason = getattr(error, "reason", "") or error.code
        typer.echo(f"{reason}: {error.in_words}", err=True)
        raise typer.Exit(UNUSABLE) from error
    typer.echo(f"taken: key {view.public_key_thumbprint}, of {view.authority}")
    typer.echo(f"renew it at that authority before {view.valid_to:%Y-%m-%d}, and add the new one")


app.command()(cli_manifest.export)
app.command()(cli_manifest.plan)
app.command()(cli_manifest.apply)
