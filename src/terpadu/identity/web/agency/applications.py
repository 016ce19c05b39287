"""An agency's self-service: register an application, try it, ask for approval, renew its secret, end it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.identity.errors import ClientInvalid, ClientUnknown
from terpadu.identity.policies.access import current_actor, current_position, officer_required
from terpadu.identity.selectors.provider.clients import ClientView, client_get, client_list
from terpadu.identity.services.provider import clients
from terpadu.identity.services.provider.wire import issuer
from terpadu.identity.web.agency.forms import CLAIM_WORDS, ClientForm

MANAGER = "pengelola_aplikasi"
RECIPES = {
    "django": "Django",
    "laravel": "Laravel",
    "spring": "Spring",
    "node": "Node",
    "apache": "Apache mod_auth_openidc",
    "nginx": "nginx, oauth2-proxy",
}
"""Programs and web servers for which the configuration is written out, by template."""


def own_client(request: HttpRequest, client_id: str) -> ClientView:
    """Return an application of the officer's agency. Raises ClientUnknown, also for those of others."""
    found = client_get(client_id)
    if found.agency_code != current_position(request).agency.code:
        raise ClientUnknown()
    return found


@never_cache
@require_safe
@officer_required(MANAGER)
def list_page(request: HttpRequest) -> HttpResponse:
    """List the agency's applications."""
    agency = current_position(request).agency
    context = {"clients": client_list(agency_code=agency.code), "agency": agency, "area": "officer"}
    return render(request, "identity/agency/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(MANAGER)
def new_page(request: HttpRequest) -> HttpResponse:
    """Register an application."""
    form = ClientForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            agency = current_position(request).agency.code
            made = clients.client_register(agency, form.to_draft(), by=current_actor(request))
        except ClientInvalid as error:
            form.mark(error.faults)
        else:
            messages.success(request, _("Registered. People of your agency can try it at once."))
            return _to(made.client.client_id)
    return _form_view(request, form, client=None)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(MANAGER)
def edit_page(request: HttpRequest, client_id: str) -> HttpResponse:
    """Change an application; in production what people agreed to waits for approval."""
    client = own_client(request, client_id)
    form = ClientForm(request.POST or None, request.FILES or None, draft=clients.draft_of(client))
    if request.method == "POST" and form.is_valid():
        try:
            changed = clients.client_update(client_id, form.to_draft(), by=current_actor(request))
        except ClientInvalid as error:
            form.mark(error.faults)
        else:
            waits = changed.proposed is not None
            messages.success(request, _("Saved. The rest waits for approval.") if waits else _("Saved."))
            return _to(client_id)
    return _form_view(request, form, client=client)


def _form_view(request: HttpRequest, form: ClientForm, *, client: ClientView | None) -> HttpResponse:
    context = {"form": form, "client": client, "area": "officer"}
    return render(request, "identity/agency/form.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@officer_required(MANAGER)
def detail_page(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show an application, where it stands and what can be done."""
    return _detail(request, own_client(request, client_id))


def _detail(request: HttpRequest, client: ClientView, *, secret: str = "") -> HttpResponse:
    uses = [(CLAIM_WORDS[use.claim], use) for use in client.claim_uses]
    context = {"client": client, "uses": uses, "secret": secret, "area": "officer"}
    return render(request, "identity/agency/detail.html", context)


@never_cache
@require_POST
@officer_required(MANAGER)
def ask_production(request: HttpRequest, client_id: str) -> HttpResponse:
    """Ask the operator to open the application to everybody."""
    own_client(request, client_id)
    clients.client_request_production(client_id, by=current_actor(request))
    messages.success(request, _("Asked. An operator looks at it; you go on trying it meanwhile."))
    return _to(client_id)


@never_cache
@require_POST
@officer_required(MANAGER)
def renew_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """Make a new secret and show it once."""
    own_client(request, client_id)
    secret = clients.client_secret_renew(client_id, by=current_actor(request))
    return _detail(request, client_get(client_id), secret=secret)


@never_cache
@require_http_methods(["GET", "POST"])
@officer_required(MANAGER)
def end_page(request: HttpRequest, client_id: str) -> HttpResponse:
    """End an application, after a question: it cannot be undone."""
    client = own_client(request, client_id)
    if request.method == "POST":
        clients.client_end(client_id, by=current_actor(request))
        messages.success(request, _("Ended. Nobody signs in to it any more."))
        return HttpResponseRedirect(reverse("identity:agency_clients"))
    return render(request, "identity/agency/end.html", {"client": client, "area": "officer"})


@never_cache
@require_safe
@officer_required(MANAGER)
def configuration_page(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show the configuration for usual programs, with this application's values."""
    client = own_client(request, client_id)
    chosen = request.GET.get("untuk", "")
    name = chosen if chosen in RECIPES else "django"
    context = {
        "client": client,
        "recipes": RECIPES,
        "chosen": name,
        "label": RECIPES[name],
        "auth_method": client.auth_method if "secret" in client.auth_method else "client_secret_basic",
        "issuer": issuer(),
        "redirect_uri": client.redirect_uris[0] if client.redirect_uris else "",
        "redirect_path": urlsplit(client.redirect_uris[0]).path if client.redirect_uris else "/",
        "scope": " ".join(client.scopes),
        "area": "officer",
    }
    recipe = render_to_string(f"identity/agency/recipes/{name}.txt", context).strip()
    return render(request, "identity/agency/configuration.html", {**context, "recipe": recipe})


def _to(client_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:agency_client", args=[client_id]))
