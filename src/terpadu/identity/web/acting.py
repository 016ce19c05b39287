"""Acting for others: whom I may act for, who may act for me, and beginning and ending it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.enums import MandateKind
from terpadu.identity.errors import MandateUnknown
from terpadu.identity.policies.access import current_actor, current_person, signed_in_required
from terpadu.identity.policies.acting import acting_allowed
from terpadu.identity.rules.codes import spaced
from terpadu.identity.rules.mandates import ALL_SERVICES
from terpadu.identity.selectors.mandates import (
    MandateView,
    acting_options,
    mandate_find,
    mandates_of,
    uses_of,
)
from terpadu.identity.services import families, mandates
from terpadu.identity.services.acting import acting_start, acting_stop
from terpadu.identity.services.catalogue import service_names
from terpadu.identity.services.passkeys import origin
from terpadu.identity.web import session
from terpadu.identity.web.account import fresh_required
from terpadu.identity.web.person_forms import GiveMandateForm, GuardianForm, ServicesForm, TypedCodeForm
from terpadu.identity.web.pictures import qr_picture
from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import language


def services_in_words(identifiers: tuple[str, ...]) -> str:
    """Return the names of services, in the language in force; "*" is all of them."""
    if ALL_SERVICES in identifiers:
        return _("all services")
    names = service_names()
    return ", ".join(names.get(key, {}).get(language(), key) for key in identifiers)


def _with_words(found: list[MandateView]) -> list[tuple[MandateView, str]]:
    return [(view, services_in_words(view.services)) for view in found]


@never_cache
@require_http_methods(["GET"])
@signed_in_required
def mandates_page(request: HttpRequest) -> HttpResponse:
    """Show whom one may act for, who may act for one, and what was done."""
    person_id = current_person(request)
    known = mandates_of(person_id)
    names = {**{key: texts.get(language(), key) for key, texts in service_names().items()}}
    context = {
        "options": _with_words(acting_options(person_id)),
        "waiting": _with_words([v for v in known if not v.is_active and not v.is_ended]),
        "given": _with_words([v for v in known if v.is_active and v.subject_id == person_id]),
        "ended": _with_words([v for v in known if v.is_ended]),
        "uses": [(use, names.get(use.service_id, use.service_id)) for use in uses_of(person_id)],
        "person_id": person_id,
    }
    return render(request, "identity/mandates.html", context)


@require_POST
@signed_in_required
def family_page(request: HttpRequest) -> HttpResponse:
    """Ask the family registry whose parent one is."""
    families.family_refresh(current_person(request), by=current_actor(request))
    messages.success(request, _("The family registry has answered. Your children under 17 are listed below."))
    return _list()


def _list() -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:mandates"))


@require_http_methods(["GET", "POST"])
@fresh_required
def give_page(request: HttpRequest) -> HttpResponse:
    """Give a mandate to somebody by name; they take it up with a code that one hands over oneself."""
    form = GiveMandateForm(request.POST or None, names=_offered())
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        until = datetime.combine(typed["until"], time.min, tzinfo=JAKARTA) + timedelta(days=1)
        try:
            _id, code = mandates.mandate_offer(
                current_person(request),
                actor_name=typed["actor_name"],
                services=typed["services"],
                until=until,
                by=current_actor(request),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return _show_code(request, code, kind=MandateKind.GIVEN, name=typed["actor_name"])
    return render(request, "identity/mandate_give.html", {"form": form})


def _offered() -> dict[str, dict[str, str]]:
    everything = {"id": "Semua layanan, juga yang baru", "en": "All services, new ones too"}
    return {**{key: dict(texts) for key, texts in service_names().items()}, ALL_SERVICES: everything}


@require_http_methods(["GET", "POST"])
@fresh_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Make a code that lets an officer at a counter help with named services."""
    form = ServicesForm(request.POST or None, names=service_names())
    if request.method == "POST" and form.is_valid():
        _id, code = mandates.help_offer(
            current_person(request), services=form.cleaned_data["services"], by=current_actor(request)
        )
        return _show_code(request, code, kind=MandateKind.ASSISTED, name="")
    return render(request, "identity/mandate_help.html", {"form": form})


def _show_code(request: HttpRequest, code: str, *, kind: MandateKind, name: str) -> HttpResponse:
    address = f"{origin()}{reverse('identity:mandate_accept')}?kode={code}"
    context = {
        "code": spaced(code, group=5),
        "qr": qr_picture(address) if kind is MandateKind.GIVEN else "",
        "is_help": kind is MandateKind.ASSISTED,
        "name": name,
    }
    return render(request, "identity/mandate_code.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def accept_page(request: HttpRequest) -> HttpResponse:
    """Take up a mandate with its code."""
    form = TypedCodeForm(request.POST or None, initial={"code": request.GET.get("kode", "")[:40]})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            mandates.mandate_accept(
                form.cleaned_data["code"], by=current_actor(request), visit=session.visit_of(request)
            )
        except DomainError as error:
            form.refuse(error, field="code")
            status = error.http_status
        else:
            messages.success(request, _("You may now act for this person. They have been told."))
            return _list()
    return render(request, "identity/mandate_accept.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in_required
def guardian_page(request: HttpRequest) -> HttpResponse:
    """Ask to act for a ward; an officer sees the evidence first."""
    form = GuardianForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        ward = families.Ward(nik=typed["nik"], name=typed["name"], birth_on=typed["birth_on"])
        try:
            families.guardianship_request(
                ward, evidence=typed["evidence"], number=typed["number"], by=current_actor(request)
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("Noted. Now show the original at a counter of the population office.")
            )
            return _list()
    return render(request, "identity/guardian.html", {"form": form})


@require_http_methods(["GET", "POST"])
@signed_in_required
def end_page(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """End a mandate, after asking; either side can."""
    found = mandate_find(mandate_id, person_id=current_person(request))
    if found is None or found.is_ended:
        raise MandateUnknown()
    if request.method == "POST":
        mandates.mandate_end(mandate_id, by=current_actor(request))
        messages.success(request, _("It has ended. Both of you have been told."))
        return _list()
    context = {
        "title": _("End this mandate?"),
        "text": _("From then on nobody acts under it. What was done so far stays."),
        "action_text": _("Yes, end it"),
        "back_url": reverse("identity:mandates"),
    }
    return render(request, "ui/confirm.html", context)


@require_POST
@signed_in_required
@acting_allowed
def start(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """Begin to act for somebody."""
    acting_start(request.session, mandate_id=mandate_id, by=current_actor(request))
    return HttpResponseRedirect("/permohonan/")


@require_POST
@signed_in_required
@acting_allowed
def stop(request: HttpRequest) -> HttpResponse:
    """Act for oneself again."""
    acting_stop(request.session, by=current_actor(request))
    return HttpResponseRedirect(session.safe_next(request))


@never_cache
@require_http_methods(["GET"])
@signed_in_required
@acting_allowed
def elsewhere_page(request: HttpRequest) -> HttpResponse:
    """Say that a page is about oneself, and offer to stop acting for the other."""
    return render(request, "identity/acting_elsewhere.html", {"next": session.safe_next(request)})
