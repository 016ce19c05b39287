"""Sign in on this screen with the phone, and the phone's side of every request by QR code."""

from __future__ import annotations

from base64 import b64decode, b64encode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.identity.enums import AuthenticationLevel, CrossDeviceKind, CrossDeviceState, SignInMethod
from terpadu.identity.errors import NumberDiffers, RequestGone
from terpadu.identity.policies.access import current_actor, redirect_with_next, signed_in_required
from terpadu.identity.policies.authentication import authentication_of
from terpadu.identity.rules.codes import spaced
from terpadu.identity.selectors.cross_device import RequestView
from terpadu.identity.services import cross_device
from terpadu.identity.services.catalogue import service_names
from terpadu.identity.services.passkeys import origin
from terpadu.identity.web import session
from terpadu.identity.web.person_forms import SHARED_WORDS, TypedCodeForm
from terpadu.identity.web.pictures import qr_picture
from terpadu.kernel.crypto import seal, unseal
from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import language

SCREEN = "identity.screen"
CONTEXT = "identity.screen"


def screen_keep(request: HttpRequest, opened: cross_device.Opened, *, next_page: str = "") -> None:
    """Bind a request to this browser's session: only the screen that opened it can show or use it."""
    sealed = b64encode(seal(opened.code.encode(), context=CONTEXT)).decode()
    request.session[SCREEN] = {"id": str(opened.request_id), "code": sealed, "next": next_page}


def screen_request(request: HttpRequest) -> tuple[RequestView, str, str]:
    """Return the request of this session's screen, its code, and where to go afterwards. Raises RequestGone."""
    kept = request.session.get(SCREEN)
    if not kept:
        raise RequestGone()
    code = unseal(b64decode(kept["code"]), context=CONTEXT).decode()
    return cross_device.request_state(UUID(kept["id"])), code, str(kept["next"])


def screen_context(view: RequestView, code: str) -> dict[str, object]:
    """Return what the picture of a request needs."""
    address = f"{origin()}{reverse('identity:agree', args=[code])}"
    return {"asked": view, "code": spaced(code, group=5), "qr": qr_picture(address), "home": origin()}


@never_cache
@require_http_methods(["GET", "POST"])
def screen_page(request: HttpRequest) -> HttpResponse:
    """Show a code for the phone; once the phone has agreed, this screen is signed in."""
    if getattr(request, "person_id", None) is not None:
        return HttpResponseRedirect(session.safe_next(request))
    if request.method == "POST":
        request.session.cycle_key()
        opened = cross_device.request_open(CrossDeviceKind.IDENTIFY, visit=session.visit_of(request))
        screen_keep(request, opened, next_page=session.safe_next(request))
        return HttpResponseRedirect(reverse("identity:screen"))
    try:
        view, code, next_page = screen_request(request)
    except RequestGone:
        return HttpResponseRedirect(reverse("identity:sign_in"))
    if view.state == CrossDeviceState.APPROVED and not view.is_expired:
        return _sign_in(request, view, next_page)
    return render(request, "identity/screen.html", screen_context(view, code))


def _sign_in(request: HttpRequest, view: RequestView, next_page: str) -> HttpResponse:
    account, level = cross_device.request_sign_in(view.id)
    session.open_session(request, account, method=SignInMethod.CROSS_DEVICE, level=level.value)
    return HttpResponseRedirect(next_page or session.START_PAGE)


@never_cache
@require_safe
def screen_status(request: HttpRequest) -> JsonResponse:
    """Tell the waiting screen whether anything has happened; for the script, which spares reloading."""
    try:
        view, _code, _next = screen_request(request)
    except DomainError:
        return JsonResponse({"waiting": False})
    return JsonResponse({"waiting": view.is_waiting})


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def agree_typed(request: HttpRequest) -> HttpResponse:
    """Take a code that was typed instead of scanned."""
    form = TypedCodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            typed = form.cleaned_data["code"]
            cross_device.request_find(typed, visit=session.visit_of(request))
            return HttpResponseRedirect(reverse("identity:agree", args=[typed.replace(" ", "").upper()]))
        except DomainError as error:
            form.refuse(error, field="code")
            status = error.http_status
    return render(request, "identity/agree_typed.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def agree_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show on the phone who asks for what and where, and take the answer: the number on the other screen, or no."""
    visit = session.visit_of(request)
    view = cross_device.request_find(code, visit=visit)
    if not session.is_fresh(request):
        return redirect_with_next("identity:confirm", request)
    if request.method == "POST":
        return _answer(request, view)
    context = {
        "asked": view,
        "is_same_network": view.network == visit.network,
        "items": item_words(view),
    }
    return render(request, "identity/agree.html", context)


def item_words(view: RequestView) -> list[str]:
    """Return what a request asks for, in words."""
    names = service_names() if view.kind == CrossDeviceKind.ASSIST else {}
    if view.kind == CrossDeviceKind.VERIFY:
        return [str(SHARED_WORDS["name"])]
    return [
        names[item].get(language(), item) if item in names else str(SHARED_WORDS.get(item, item))
        for item in view.items
    ]


def _answer(request: HttpRequest, view: RequestView) -> HttpResponse:
    picked = request.POST.get("number", "")
    agrees = "refuse" not in request.POST
    try:
        cross_device.request_answer(
            view.id,
            agrees=agrees,
            number=int(picked) if picked.isdigit() else None,
            level=AuthenticationLevel(authentication_of(request).level),
            by=current_actor(request),
        )
    except NumberDiffers as error:
        messages.error(request, error.in_words)
        return HttpResponseRedirect(reverse("identity:account"))
    said = _("Done. You can go on at the other screen.") if agrees else _("Refused. Nothing was shared.")
    messages.success(request, said)
    return HttpResponseRedirect(reverse("identity:account"))
