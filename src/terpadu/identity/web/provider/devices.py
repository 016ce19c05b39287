"""The page on which a person types the code of a counter or kiosk, and answers."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from terpadu.identity.errors import NotATester
from terpadu.identity.models import DeviceGrant
from terpadu.identity.policies.access import signed_in_required
from terpadu.identity.policies.provider import may_sign_in
from terpadu.identity.rules.provider.assurance import wanted_level
from terpadu.identity.rules.provider.decisions import Situation, Step, level_for, next_step
from terpadu.identity.rules.provider.requests import Ask
from terpadu.identity.selectors.provider.clients import ClientView, logo_digest
from terpadu.identity.services.provider.consents import consent_give, question_of
from terpadu.identity.services.provider.devices import device_allow, device_find, device_refuse
from terpadu.identity.web import session
from terpadu.identity.web.forms import RefusableForm
from terpadu.identity.web.provider.authorize import LEVEL_WORDS
from terpadu.identity.web.provider.standing import proofs_in, prove_again_address, standing_in
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import DomainError
from terpadu.kernel.ui.fields import WordsField


class UserCodeForm(RefusableForm):
    """The eight letters on the screen."""

    user_code = WordsField(
        label=_("Code on the screen"),
        max_length=20,
        help_text=_("Eight letters, such as BCDF-GHJK."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def device_page(request: HttpRequest) -> HttpResponse:
    """Ask for the code; then show who asks for what; then take the answer. A link with the code still asks."""
    if request.method == "GET":
        form = UserCodeForm(initial={"user_code": request.GET.get("user_code", "")[:20]})
        return _code_page(request, form)
    form = UserCodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form)
    try:
        found = device_find(
            form.cleaned_data["user_code"],
            network=session.visit_of(request).network,
            person_id=session.account_in(request).person_id,
        )
    except DomainError as error:
        form.refuse(error, field="user_code")
        return _code_page(request, form, status=error.http_status)
    return _question(request, *found)


def _code_page(request: HttpRequest, form: UserCodeForm, *, status: int = 200) -> HttpResponse:
    return render(request, "identity/provider/device.html", {"form": form}, status=status)


def _question(request: HttpRequest, row: DeviceGrant, client: ClientView, ask: Ask) -> HttpResponse:
    situation = Situation(proofs_in(request), row.created_at, now())
    level = level_for(ask, situation)
    question = question_of(ask, client=client)
    answer = request.POST.get("answer", "")
    if not may_sign_in(session.account_in(request).person_id, client=client):
        raise NotATester()
    if answer == "deny":
        device_refuse(row)
        return render(request, "identity/provider/device_done.html", {"client": client, "is_allowed": False})
    if level is None or next_step(ask, situation, minimum=client.min_acr, has_consent=True) is Step.STEP_UP:
        return _step_up_page(request, client, ask)
    if answer == "allow" and request.POST.get("digest") == question.digest:
        standing = standing_in(request, level)
        by = Actor.person(standing.actor_id or standing.person_id)
        ticked = request.POST.getlist("claim")
        consent = consent_give(standing.person_id, client=client, question=question, ticked=ticked, by=by)
        device_allow(row, ask, client=client, standing=standing, consent=consent)
        return render(request, "identity/provider/device_done.html", {"client": client, "is_allowed": True})
    context = {
        "client": client,
        "logo": logo_digest(client),
        "question": question,
        "essential": [use for use in question.uses if use.is_essential],
        "voluntary": [use for use in question.uses if not use.is_essential],
        "digest": question.digest,
        "user_code": request.POST["user_code"],
        "device": True,
    }
    return render(request, "identity/provider/consent.html", context)


def _step_up_page(request: HttpRequest, client: ClientView, ask: Ask) -> HttpResponse:
    wanted = wanted_level(ask.demand, minimum=client.min_acr)
    context = {
        "client": client,
        "needed": LEVEL_WORDS.get(wanted, ""),
        "needs_passkey": wanted == "loa3",
        "prove_address": prove_again_address(request.path),
    }
    return render(request, "identity/provider/step_up.html", context)
