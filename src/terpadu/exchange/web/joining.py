"""Joining on one page: the agency, its key and certificate, its first interface, and a first call in the sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from terpadu.directory.public import AgencyView, agency_create, agency_get, private_file_write
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.policies import operates
from terpadu.exchange.selectors.console import certificates_of, interfaces_of
from terpadu.exchange.selectors.joining import (
    first_body,
    is_peer,
    joinable,
    receiving_gateways,
    sample_path,
    sandbox_curl,
)
from terpadu.exchange.selectors.joinings import joining_of
from terpadu.exchange.selectors.places import door_file
from terpadu.exchange.selectors.registry import InterfaceView
from terpadu.exchange.services.connecting import Connected, HeaderSecret, Place, connect_openapi
from terpadu.exchange.services.gateways import gateway_of
from terpadu.exchange.services.joining import joining_ask
from terpadu.exchange.services.peers import certificate_register, key_register, peer_join
from terpadu.exchange.services.sandbox import SandboxCall, enveloped, sandbox_call
from terpadu.exchange.web.joining_forms import AgencyForm, InterfaceForm, KeyForm, SandboxForm
from terpadu.identity.public import current_actor, current_position, officer_required
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError, NotAllowed

CHOSEN = "instansi"
CERTIFICATE = "-----BEGIN CERTIFICATE-----"


@require_safe
@officer_required()
def page(request: HttpRequest) -> HttpResponse:
    """Show the steps, with what the agency has done already."""
    return _draw(request)


@require_POST
@officer_required(OPERATOR)
def agency(request: HttpRequest) -> HttpResponse:
    """Add an agency; only the operator of the exchange may."""
    form = AgencyForm(request.POST)
    if not form.is_valid():
        return _draw(request, agency_form=form)
    try:
        found = agency_create(form.cleaned_data.pop("code"), **form.cleaned_data, by=current_actor(request))
    except DomainError as error:
        form.add_error(None, _words(error))
        return _draw(request, agency_form=form)
    messages.success(request, _("The agency is in the directory."))
    return _back(found.code)


@require_POST
@officer_required()
def key(request: HttpRequest) -> HttpResponse:
    """Let the agency join with a key that is made here, or certify the key that it keeps itself, or take another's certificate."""
    chosen = _chosen(request)
    if settings.JOIN_FOUR_EYES:
        return _ask(request, chosen)
    by = _acting(request, chosen)
    if "request" not in request.POST:
        peer_join(chosen.code, by=by)
        messages.success(
            request, _("Key and certificate are made. The gateway renews the certificate by itself.")
        )
        return _back(chosen.code)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _draw(request, key_form=form)
    text = form.cleaned_data["request"].strip()
    try:
        if text.startswith(CERTIFICATE):
            certificate_register(chosen.code, text.encode(), by=by)
            messages.success(
                request, _("The certificate is taken. Renew it at its authority before it ends.")
            )
            return _back(chosen.code)
        pem = key_register(chosen.code, text.encode(), by=by)
    except DomainError as error:
        form.add_error("request", _words(error))
        return _draw(request, key_form=form)
    disposition = f'attachment; filename="{chosen.peer_id}.pem"'
    return HttpResponse(
        pem, content_type="application/x-pem-file", headers={"Content-Disposition": disposition}
    )


def _ask(request: HttpRequest, chosen: AgencyView) -> HttpResponse:
    """Ask a second person, who operates the exchange, to let the agency join."""
    pem = ""
    if "request" in request.POST:
        form = KeyForm(request.POST)
        if not form.is_valid():
            return _draw(request, key_form=form)
        pem = form.cleaned_data["request"]
    joining_ask(chosen.code, certificate_request=pem, by=current_actor(request))
    messages.success(request, _("Asked. A second person, who operates the exchange, decides."))
    return _back(chosen.code)


@require_POST
@officer_required()
def interface(request: HttpRequest) -> HttpResponse:
    """Publish the agency's interface and connect its gateway with the system."""
    chosen = _chosen(request)
    form = InterfaceForm(request.POST, request.FILES, gateways=_gateways(chosen))
    if not form.is_valid():
        return _draw(request, interface_form=form)
    try:
        connected = _connect(chosen, form.cleaned_data, by=_acting(request, chosen))
    except DomainError as error:
        form.add_error(None, _words(error))
        return _draw(request, interface_form=form)
    for note in connected.notes:
        messages.info(request, note)
    messages.success(request, _("The interface is published, and the gateway knows the way to the system."))
    return _back(chosen.code, connected.interface.name)


@require_POST
@officer_required()
def sandbox(request: HttpRequest) -> HttpResponse:
    """Make a call in the sandbox and show the answer with its signed receipt."""
    chosen = _chosen(request)
    view = _interface(request, chosen)
    if view is None:
        return _back(chosen.code)
    form = _sandbox_form(view, request.POST)
    if not form.is_valid():
        return _draw(request, sandbox_form=form)
    operation = view.operation(form.cleaned_data["operation"])
    address = sample_path(view, operation)
    call = SandboxCall(
        chosen.code,
        view.service,
        operation.method,
        address.path,
        form.cleaned_data["body"],
        query=address.query,
    )
    try:
        found = sandbox_call(enveloped(call))
    except DomainError as error:
        form.add_error(None, _words(error))
        return _draw(request, sandbox_form=form)
    shown = {
        "answer": found.raw.decode() if operation.soap else _pretty(found.body),
        "receipt": found.receipt,
        "transaction_id": found.transaction_id,
        "receipt_json": _pretty(
            {"request": dict(found.receipt.request), "response": dict(found.receipt.response)}
        ),
        "curl": sandbox_curl(view, operation, form.cleaned_data["body"]),
    }
    return _draw(request, sandbox_form=form, tried=shown)


def _draw(request: HttpRequest, **changed: Any) -> HttpResponse:
    """Draw the page; changed: forms with errors and what the sandbox answered, in place of fresh ones."""
    is_operator = operates(current_position(request))
    chosen = None if "agency_form" in changed else _chosen_or_none(request)
    certificates = certificates_of(chosen.peer_id) if chosen else []
    interfaces = interfaces_of(chosen.peer_id) if chosen else []
    view = _interface(request, chosen) if chosen else None
    has_key = bool(certificates) and chosen is not None and is_peer(chosen.peer_id)
    context = {
        "is_operator": is_operator,
        "agencies": joinable() if is_operator else [],
        "chosen": chosen,
        "certificates": certificates,
        "interfaces": interfaces,
        "view": view,
        "has_key": has_key,
        "joining": joining_of(chosen.id) if chosen and settings.JOIN_FOUR_EYES else None,
        "needs_two": settings.JOIN_FOUR_EYES,
        "agency_form": AgencyForm() if is_operator else None,
        "key_form": KeyForm(),
        "interface_form": InterfaceForm(gateways=_gateways(chosen)) if chosen else None,
        "sandbox_form": _sandbox_form(view) if view else None,
    } | changed
    context["form"] = next((form for name, form in changed.items() if name.endswith("_form")), None)
    context["steps"] = _steps(context)
    return render(request, "exchange/joining.html", context)


def _steps(context: dict[str, Any]) -> list[dict[str, object]]:
    done = [
        context["chosen"] is not None,
        context["has_key"],
        bool(context["interfaces"]),
        "tried" in context,
    ]
    titles = (_("Agency"), _("Key and certificate"), _("First interface"), _("A call in the sandbox"))
    now_at = done.index(False) if False in done else len(done)
    return [
        {"title": title, "state": "done" if is_done else "now" if place == now_at else "next", "note": ""}
        for place, (title, is_done) in enumerate(zip(titles, done, strict=True))
    ]


def _connect(chosen: AgencyView, given: dict[str, Any], *, by: Actor) -> Connected:
    header = None
    if given["api_key"]:
        path = door_file(chosen.code, given["name"], "api_key")
        private_file_write(path, given["api_key"].strip().encode())
        header = HeaderSecret(given["header_name"] or "X-API-Key", path)
    place = Place(chosen.code, given["name"], title=given["title"], gateway=given["gateway"])
    with tempfile.NamedTemporaryFile(suffix=".openapi") as file:
        source = given["document_url"] or _kept(given["document"], Path(file.name))
        return connect_openapi(place, source=source, base_url=given["base_url"], header=header, by=by)


def _kept(document: UploadedFile[Any], path: Path) -> str:
    path.write_bytes(document.read())
    return str(path)


def _chosen_or_none(request: HttpRequest) -> AgencyView | None:
    """Return the agency that joins: the officer's own, or for the operator the one that was chosen."""
    position = current_position(request)
    if not operates(position):
        return position.agency
    code = request.POST.get(CHOSEN) or request.GET.get(CHOSEN, "")
    return agency_get(code) if code else None


def _chosen(request: HttpRequest) -> AgencyView:
    found = _chosen_or_none(request)
    if found is None:
        raise NotAllowed()
    return found


def _acting(request: HttpRequest, chosen: AgencyView) -> Actor:
    """Return who acts: an officer of the agency, or the platform where its operator helps another agency join."""
    actor = current_actor(request)
    if actor.agency == chosen.code:
        return actor
    audit.record("exchange.joining_helped", by=actor, about_kind="agency", about_id=chosen.id)
    return Actor.system("exchange.operator")


def _interface(request: HttpRequest, chosen: AgencyView) -> InterfaceView | None:
    wanted = request.POST.get("antarmuka") or request.GET.get("antarmuka", "")
    found = [one.interface for one in interfaces_of(chosen.peer_id)]
    return next((one for one in found if one.name == wanted), found[0] if found else None)


def _gateways(chosen: AgencyView | None) -> list[str]:
    plan = gateway_of(chosen.code, inway=True) if chosen else None
    return [plan.name] if plan else receiving_gateways()


def _sandbox_form(view: InterfaceView, data: Any = None) -> SandboxForm:
    operations = [(one.id, f"{one.method} {one.path}  {one.summary}".strip()) for one in view.operations]
    body = first_body(view)
    initial = {"body": _pretty(body) if body is not None else ""}
    return SandboxForm(data, operations=operations, initial=initial)


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _words(error: DomainError) -> str:
    reason, detail = getattr(error, "reason", ""), getattr(error, "detail", "")
    parts = (str(error.title), detail, str(error.next_step), f"({reason})" if reason else "")
    return " ".join(part for part in parts if part)


def _back(code: str, name: str = "") -> HttpResponseRedirect:
    query = f"?{CHOSEN}={code}" + (f"&antarmuka={name}" if name else "")
    return HttpResponseRedirect(f"{reverse('exchange:join')}{query}")
