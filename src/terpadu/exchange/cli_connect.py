"""`terpadu connect`: from an existing system to a first call over the toll road, one command for each kind of system."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import django
import typer

from terpadu.exchange.cli_outcome import (
    open_door,
    operator,
    path_text,
    place_of,
    read_rules,
    read_secrets,
    show,
    stem_of,
    tried,
)

app = typer.Typer(name="connect", no_args_is_help=True, pretty_exceptions_enable=False)

Agency = Annotated[str, typer.Option("--agency", help="Code of the agency that owns the system.")]
Name = Annotated[str, typer.Option("--name", help="Short name of the interface, such as kependudukan.")]
Title = Annotated[str, typer.Option("--title", help="What people call the interface.")]
Gateway = Annotated[
    str, typer.Option("--gateway", help="Gateway that shall act for the agency, if none does yet.")
]
Host = Annotated[str, typer.Option("--host", help="Program of doors; needed only when there are several.")]
Reader = Annotated[
    str,
    typer.Option("--reader", help="Agency that makes the first call; it gets a trial contract of 30 days."),
]
Subject = Annotated[str, typer.Option("--subject", help="Where a request names the person, such as /nik.")]
Match = Annotated[str, typer.Option("--match", help="Where the answer must repeat it, such as /items/*/nik.")]


def _present(text: str) -> Any:
    """Return the option of a file that a gateway will read: it refuses its whole configuration when one is not there."""
    return typer.Option(help=text, exists=True, dir_okay=False, readable=True)


@app.callback()
def prepare() -> None:
    """Connect an existing system; each command ends with a first call to copy."""
    django.setup()


@app.command()
def agency(
    code: Annotated[str, typer.Argument(help="Code, such as polri.")],
    peer_id: Annotated[str, typer.Option(help="Its id on the exchange, at most 20 characters.")],
    name: Annotated[str, typer.Option(help="Its full name.")],
    short_name: Annotated[str, typer.Option(help="What people call it.")] = "",
    kind: Annotated[str, typer.Option(help="Kind, such as ministry or regional_office.")] = "ministry",
    region: Annotated[str, typer.Option(help="Region code of a local office.")] = "",
    gateway: Gateway = "",
    application: Annotated[
        str, typer.Option(help="Also let an application of it call out, by this name.")
    ] = "",
) -> None:
    """Let an agency join: it gets a key, a certificate and a manager."""
    from terpadu.directory.public import agency_create
    from terpadu.exchange.services.gateways import gateway_host
    from terpadu.exchange.services.peers import peer_join
    from terpadu.kernel.actors import Actor

    by = Actor.system("cli")

    def join() -> None:
        agency_create(
            code,
            peer_id=peer_id,
            name=name,
            short_name=short_name or name,
            kind=kind,
            region_code=region,
            by=by,
        )
        peer_join(code, by=by)
        if gateway:
            gateway_host(gateway, code, application=application, by=by)

    tried(join)
    typer.echo(f"{code} ({peer_id}) has joined; its key and certificate are made.")
    if not gateway:
        typer.echo(
            "Next: connect its first system with --gateway NAME, or let it call out with --application."
        )


@app.command()
def openapi(
    document: Annotated[
        str, typer.Argument(help="File or address of the OpenAPI document (3.0 or 3.1, JSON or YAML).")
    ],
    agency: Agency,
    base_url: Annotated[str, typer.Option(help="Where the system stands.")],
    name: Name = "",
    title: Title = "",
    key_header: Annotated[str, typer.Option(help="Header that takes the API key.")] = "X-API-Key",
    key_file: Annotated[Path | None, _present("File with the API key.")] = None,
    basic_file: Annotated[Path | None, _present("File with user:password.")] = None,
    token_url: Annotated[str, typer.Option(help="OAuth 2.0 token endpoint (client credentials).")] = "",
    client_id: Annotated[str, typer.Option(help="OAuth 2.0 client id.")] = "",
    client_secret_file: Annotated[Path | None, _present("File with the client's secret.")] = None,
    scope: Annotated[str, typer.Option(help="OAuth 2.0 scope.")] = "",
    client_certificate: Annotated[Path | None, _present("Certificate to show (mTLS), PEM.")] = None,
    client_key: Annotated[Path | None, _present("Its key, PEM.")] = None,
    authority: Annotated[Path | None, _present("Further root of the system's own certificate, PEM.")] = None,
    gateway: Gateway = "",
    reader: Reader = "",
    subject: Subject = "",
    match: Match = "",
) -> None:
    """Connect a REST system by its OpenAPI document."""
    from terpadu.exchange.services.connecting import HeaderSecret, connect_openapi
    from terpadu.exchange.services.peers import SignIn

    sign_in = SignIn(
        auth="mtls" if client_certificate and not (key_file or basic_file or token_url) else "",
        basic_file=path_text(basic_file),
        token_url=token_url,
        client_id=client_id,
        client_secret_file=path_text(client_secret_file),
        scope=scope,
        client_certificate=path_text(client_certificate),
        client_key=path_text(client_key),
        authority=path_text(authority),
    )
    header = HeaderSecret(key_header, key_file.resolve()) if key_file else None
    place = place_of(agency, name or stem_of(document), title=title, gateway=gateway)
    connected = tried(
        lambda: connect_openapi(
            place, source=document, base_url=base_url, header=header, sign_in=sign_in, by=operator()
        )
    )
    show(place, connected, reader=reader, subject=subject, match=match)


@app.command()
def soap(
    wsdl: Annotated[str, typer.Argument(help="File or address of the WSDL.")],
    agency: Agency,
    name: Name,
    title: Title = "",
    port: Annotated[str, typer.Option(help="SOAP port of the WSDL, if there are several.")] = "",
    address: Annotated[str, typer.Option(help="Where the service stands, if not where the WSDL says.")] = "",
    operation: Annotated[
        list[str] | None, typer.Option(help="Operation to offer; all when left out.")
    ] = None,
    not_found: Annotated[list[str] | None, typer.Option(help="Fault that means: nothing found.")] = None,
    wsse_file: Annotated[
        Path | None, typer.Option(help="File with user:password of a WS-Security UsernameToken.")
    ] = None,
    wsse_digest: Annotated[bool, typer.Option(help="Send the password as digest.")] = False,
    basic_file: Annotated[Path | None, typer.Option(help="File with user:password of HTTP Basic.")] = None,
    envelopes: Annotated[bool, typer.Option(help="Whether its own envelopes pass, beside JSON.")] = True,
    client_security: Annotated[
        str, typer.Option(help="WS-Security headers of envelopes: refuse, or pass (they sign in themselves).")
    ] = "refuse",
    gateway: Gateway = "",
    host: Host = "",
    reader: Reader = "",
    subject: Subject = "",
    match: Match = "",
) -> None:
    """Connect a SOAP service by its WSDL; it is asked and answers in JSON, and in its own envelopes."""
    from terpadu.exchange.selectors.places import door_file

    asked = {
        "wsdl": wsdl if "://" in wsdl else str(Path(wsdl).resolve()),
        "saved_to": door_file(agency, name, "wsdl.json"),
        "port": port,
        "address_url": address,
        "operations": operation or [],
        "not_found": not_found or [],
        "wsse_digest": wsse_digest,
        "passes_envelopes": envelopes,
        "client_security": client_security,
    }
    secrets = {"wsse_file": wsse_file, "basic_file": basic_file}
    place = place_of(agency, name, title=title, gateway=gateway, host=host)
    open_door(place, "soap", asked, read_secrets(secrets), reader=reader, subject=subject, match=match)


@app.command()
def fhir(
    base_url: Annotated[str, typer.Argument(help="FHIR base address; its /metadata is read.")],
    agency: Agency,
    name: Name,
    token_url: Annotated[str, typer.Option(help="OAuth 2.0 token endpoint (client credentials).")],
    client_file: Annotated[Path, typer.Option(help="File with client-id:client-secret.")],
    title: Title = "",
    resource: Annotated[
        list[str] | None, typer.Option(help="Resource to offer; all that fit when left out.")
    ] = None,
    search: Annotated[
        str, typer.Option(help="post keeps the NIK out of addresses; get for servers without.")
    ] = "post",
    nik_system: Annotated[
        str, typer.Option(help="Identifier system of the NIK.")
    ] = "https://fhir.kemkes.go.id/id/nik",
    gateway: Gateway = "",
    host: Host = "",
    reader: Reader = "",
) -> None:
    """Connect a FHIR R4 server, with SATUSEHAT's identifier systems by default."""
    asked = {
        "base_url": base_url,
        "token_url": token_url,
        "resources": resource or [],
        "search": search,
        "nik_system": nik_system,
    }
    place = place_of(agency, name, title=title, gateway=gateway, host=host)
    match = "/entry/*/resource/identifier/*/value"
    open_door(
        place,
        "fhir",
        asked,
        read_secrets({"client_file": client_file}),
        reader=reader,
        subject="/nik",
        match=match,
    )


@app.command()
def database(
    url: Annotated[
        str,
        typer.Argument(
            help="mariadb://user:password@host/name, or sqlite:////path; - to read it from --url-file."
        ),
    ],
    agency: Agency,
    name: Name,
    rules: Annotated[
        Path | None, typer.Option(help="TOML file: which tables, columns and rows may be read.")
    ] = None,
    url_file: Annotated[
        Path | None, typer.Option(help="File with the address, so that no password is typed.")
    ] = None,
    title: Title = "",
    gateway: Gateway = "",
    host: Host = "",
    reader: Reader = "",
    subject: Subject = "",
    match: Match = "",
) -> None:
    """Connect a database as a read-only interface of chosen tables, columns and rows."""
    chosen = read_rules(rules) if rules else {}
    text = url_file.read_text() if url_file else url
    place = place_of(agency, name, title=title, gateway=gateway, host=host)
    open_door(place, "database", chosen, {"url_file": text}, reader=reader, subject=subject, match=match)


@app.command()
def table(
    file: Annotated[Path, typer.Argument(help="The .csv or .xlsx file that the office keeps.")],
    agency: Agency,
    name: Name,
    rules: Annotated[Path | None, typer.Option(help="TOML file: which columns and rows may be read.")] = None,
    refresh_hours: Annotated[
        float, typer.Option(help="How often a new file comes; an older one is marked stale.")
    ] = 24,
    title: Title = "",
    gateway: Gateway = "",
    host: Host = "",
    reader: Reader = "",
    subject: Subject = "",
    match: Match = "",
) -> None:
    """Connect a CSV file or spreadsheet."""
    chosen = read_rules(rules) if rules else {"chosen": {}}
    asked = {"file": file.resolve(), "refresh_hours": refresh_hours, **chosen}
    place = place_of(agency, name, title=title, gateway=gateway, host=host)
    open_door(place, "table", asked, {}, reader=reader, subject=subject, match=match)


@app.command()
def xroad_service(
    document: Annotated[str, typer.Argument(help="File or address of the service's OpenAPI document.")],
    agency: Agency,
    name: Name,
    base_url: Annotated[str, typer.Option(help="Where the X-Road style REST service stands.")],
    subsystem: Annotated[str, typer.Option(help="Subsystem code that it expects in X-Road-Service.")],
    instance: Annotated[str, typer.Option(help="X-Road instance.")] = "ID",
    title: Title = "",
    key_header: Annotated[str, typer.Option(help="Header that takes the API key.")] = "X-API-Key",
    key_file: Annotated[Path | None, typer.Option(help="File with the API key, if it wants one.")] = None,
    gateway: Gateway = "",
    host: Host = "",
    reader: Reader = "",
    subject: Subject = "",
    match: Match = "",
) -> None:
    """Connect a REST service that was made for X-Road and expects its headers."""
    from terpadu.exchange.services.connecting import DoorRequest, connect_xroad_service

    place = place_of(agency, name, title=title, gateway=gateway, host=host)
    members: dict[str, object] = {"base_url": base_url, "instance": instance, "subsystem": subsystem}
    secrets = read_secrets({"header_value_file": key_file})
    members |= {"header_name": key_header} if secrets else {}
    request = DoorRequest("xroad-service", members, secrets)
    connected = tried(lambda: connect_xroad_service(place, request, source=document, by=operator()))
    show(place, connected, reader=reader, subject=subject, match=match)


@app.command()
def xroad_client(
    agency: Agency,
    subsystem: Annotated[str, typer.Option(help="Subsystem code that the program sends in X-Road-Client.")],
    gateway: Annotated[str, typer.Option(help="Gateway through which it calls out.")],
    host: Host = "",
) -> None:
    """Let a program made for X-Road call out over /r1/… of a program of doors."""
    from django.db import transaction

    from terpadu.exchange.models import DoorHost
    from terpadu.exchange.services.doors import (
        doors_provision,
        xroad_client_ensure,
        xroad_local_key_path,
        xroad_providers,
    )
    from terpadu.exchange.services.gateways import gateway_host

    def let() -> str:
        row = DoorHost.objects.filter(**({"name": host} if host else {})).exclude(outway_url="").first()
        with transaction.atomic():
            found = xroad_client_ensure(agency, code=subsystem, host=row.name if row else host, by=operator())
            gateway_host(gateway, agency, application=found.application, by=operator())
            doors_provision(found.host.name)
        member = found.peer.agency.peer_id
        identifier = f"{found.host.xroad_instance}/{found.member_class}/{member}/{found.code}"
        key = xroad_local_key_path(agency, subsystem)
        asked = [
            f"curl -sS http://{found.host.listen}/r1/{provider}/listMethods \\\n"
            f"  -H {shlex.quote(f'X-Road-Client: {identifier}')} \\\n"
            f'  -H "Authorization: Bearer $(cat {shlex.quote(str(key))})"'
            for provider in xroad_providers(found)
        ]
        return "\n".join(asked) or "nothing yet: it has no contract; propose one, then run this again"

    typer.echo(f"Its calls go to /r1/…; what it may call:\n{tried(let)}")


@app.command()
def host(
    name: Annotated[str, typer.Argument(help="Name of the program of doors.")],
    listen: Annotated[str, typer.Option(help="Loopback address and port, such as 127.0.0.1:8013.")],
    network: Annotated[
        list[str] | None, typer.Option(help="Private network its doors may call, such as 10.20.0.0/16.")
    ] = None,
    outway: Annotated[str, typer.Option(help="Address of a gateway for X-Road clients.")] = "",
) -> None:
    """Set up a program of doors; run it with: python -m terpadu_doors serve --config FILE."""
    from terpadu.exchange.services.doors import DoorHostPlan, door_host_ensure

    plan = DoorHostPlan(name=name, listen=listen, networks=tuple(network or ()), outway_url=outway)
    typer.echo(
        f"Run it: python -m terpadu_doors serve --config {tried(lambda: door_host_ensure(plan, by=operator()))}"
    )
