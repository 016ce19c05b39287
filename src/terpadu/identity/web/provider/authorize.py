"""The authorization endpoint in the browser: sign in, prove more, agree, go back to the application."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from terpadu.identity.errors import NotATester, RequestBroken
from terpadu.identity.policies.provider import may_sign_in
from terpadu.identity.policies.sharing import is_sharing_limited
from terpadu.identity.rules.provider.assurance import Level, wanted_level
from terpadu.identity.rules.provider.decisions import SILENT_ERRORS, Situation, Step, level_for, next_step
from terpadu.identity.selectors.provider.clients import logo_digest
from terpadu.identity.services.provider import pushed
from terpadu.identity.services.provider.authorizations import Standing
from terpadu.identity.services.provider.consents import Question, consent_find, consent_give, question_of
from terpadu.identity.services.provider.decisions import request_allow, request_refuse
from terpadu.identity.services.provider.pushed import URN, Opened, SendBack
from terpadu.identity.web.provider.answers import (
    allow_form_to,
    code_address,
    error_address,
    keep_language,
    send_back,
    speak,
)
from terpadu.identity.web.provider.standing import (
    person_in,
    proofs_in,
    prove_again_address,
    sign_in_address,
    standing_in,
)
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now

MOST_PARAMETERS = 40
LEVEL_WORDS = {"loa2": _("two locks: a password and a code"), "loa3": _("a passkey")}


@dataclass(frozen=True)
class Visit:
    """One visit of a browser with a waiting request. by_page: it comes from a form of ours, so no redirect leads away."""

    request: HttpRequest
    opened: Opened
    by_page: bool

    @property
    def address(self) -> str:
        """Where to come back to after signing in."""
        query = {"client_id": self.opened.client.client_id, "request_uri": self.request_uri}
        return f"{reverse('identity:provider_continue')}?{urlencode(query)}"

    @property
    def request_uri(self) -> str:
        """The handle of the request, as the browser brought it."""
        return self.request.POST.get("request_uri") or self.request.GET.get("request_uri", "")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Take a request from an application (OpenID Connect Core 3.1.2.1 wants GET and POST; nothing is decided here)."""
    given = request.POST if request.method == "POST" else request.GET
    if any(len(given.getlist(name)) > 1 for name in given) or len(given) > MOST_PARAMETERS:
        raise RequestBroken(reason="repeated parameter")
    if given.get("request_uri", "").startswith(URN):
        opened = pushed.request_open(given.get("client_id", ""), given["request_uri"])
        return _go_on(Visit(request, opened, by_page=False))
    taken = pushed.request_take(given.dict())
    if isinstance(taken, SendBack):
        address = error_address(
            taken.redirect_uri, error=taken.error, description=taken.description, state=taken.state
        )
        return send_back(request, address, client=None, by_page=False)
    query = urlencode({"client_id": given.get("client_id", ""), "request_uri": URN + taken})
    return HttpResponseRedirect(f"{reverse('identity:provider_authorize')}?{query}")


@never_cache
@require_http_methods(["GET"])
def resume(request: HttpRequest) -> HttpResponse:
    """Go on with a request after signing in."""
    opened = pushed.request_open(request.GET.get("client_id", ""), request.GET.get("request_uri", ""))
    return _go_on(Visit(request, opened, by_page=True))


def _situation(visit: Visit) -> Situation:
    return Situation(proofs_in(visit.request), visit.opened.at, now())


def _go_on(visit: Visit) -> HttpResponse:
    language = speak(visit.request, visit.opened.ask)
    return keep_language(_next_page(visit), language)


def _next_page(visit: Visit) -> HttpResponse:
    ask, client = visit.opened.ask, visit.opened.client
    situation = _situation(visit)
    question = question_of(ask, client=client)
    level = level_for(ask, situation)
    consent = None
    if level:
        person_id = person_in(visit.request)
        if not may_sign_in(person_id, client=client):
            raise NotATester()
        consent = consent_find(person_id, client=client, question=question)
    step = next_step(ask, situation, minimum=client.min_acr, has_consent=consent is not None)
    if "none" in ask.prompts and step is not Step.ANSWER:
        return _refuse(visit, SILENT_ERRORS[step])
    if step is not Step.ANSWER:
        pushed.request_wait(visit.opened)
    if step is Step.SIGN_IN:
        return HttpResponseRedirect(sign_in_address(visit.address))
    if step is Step.STEP_UP or level is None:
        return _step_up_page(visit, level)
    if step is Step.CONSENT or consent is None:
        return _consent_page(visit, question)
    standing = standing_in(visit.request, level)
    code = request_allow(visit.opened, standing=standing, consent=consent, question=question)
    return send_back(visit.request, code_address(ask, code), client=client, by_page=visit.by_page)


def _step_up_page(visit: Visit, level: Level | None) -> HttpResponse:
    """Say what is missing and why; straight to the proof when only its age is wrong."""
    wanted = wanted_level(visit.opened.ask.demand, minimum=visit.opened.client.min_acr)
    if level is None:
        return HttpResponseRedirect(prove_again_address(visit.address))
    context = {
        "client": visit.opened.client,
        "needed": LEVEL_WORDS.get(wanted, ""),
        "needs_passkey": wanted == "loa3",
        "prove_address": prove_again_address(visit.address),
        "request_uri": visit.request_uri,
    }
    response = render(visit.request, "identity/provider/step_up.html", context)
    return allow_form_to(response, visit.opened.ask.redirect_uri)


def _consent_page(visit: Visit, question: Question) -> HttpResponse:
    context = {
        "client": visit.opened.client,
        "question": question,
        "essential": [use for use in question.uses if use.is_essential],
        "voluntary": [use for use in question.uses if not use.is_essential],
        "logo": logo_digest(visit.opened.client),
        "is_limited": question.shares and is_sharing_limited(person_in(visit.request)),
        "request_uri": visit.request_uri,
        "digest": question.digest,
        "level": level_for(visit.opened.ask, _situation(visit)),
        "is_sandbox": visit.opened.client.is_sandbox and not settings.DEMO,
    }
    response = render(visit.request, "identity/provider/consent.html", context)
    return allow_form_to(response, visit.opened.ask.redirect_uri)


def _refuse(visit: Visit, error: str, description: str = "") -> HttpResponse:
    request_refuse(visit.opened)
    ask = visit.opened.ask
    address = error_address(ask.redirect_uri, error=error, description=description, state=ask.state)
    return send_back(visit.request, address, client=visit.opened.client, by_page=visit.by_page)


@never_cache
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Take a person's answer: allow with what is ticked, or deny."""
    opened = pushed.request_open(request.POST.get("client_id", ""), request.POST.get("request_uri", ""))
    visit = Visit(request, opened, by_page=False)
    speak(request, opened.ask)
    if request.POST.get("answer") == "unmet":
        return _refuse(visit, "unmet_authentication_requirements")
    if request.POST.get("answer") != "allow":
        return _refuse(visit, "access_denied", "the person said no")
    return _allow(visit)


def _allow(visit: Visit) -> HttpResponse:
    """Store the consent and answer, unless the session or the question changed since the page was shown: then ask anew."""
    ask, client = visit.opened.ask, visit.opened.client
    situation = _situation(visit)
    question = question_of(ask, client=client)
    level = level_for(ask, situation)
    step = next_step(ask, situation, minimum=client.min_acr, has_consent=True)
    is_same = visit.request.POST.get("digest") == question.digest
    if level is None or step in (Step.SIGN_IN, Step.STEP_UP) or not is_same:
        return HttpResponseRedirect(visit.address)
    standing = standing_in(visit.request, level)
    if not may_sign_in(standing.person_id, client=client):
        raise NotATester()
    consent = consent_give(
        standing.person_id,
        client=client,
        question=question,
        ticked=visit.request.POST.getlist("claim"),
        by=_actor(standing),
    )
    code = request_allow(visit.opened, standing=standing, consent=consent, question=question)
    return send_back(visit.request, code_address(ask, code), client=client, by_page=False)


def _actor(standing: Standing) -> Actor:
    return Actor.person(standing.actor_id or standing.person_id)
